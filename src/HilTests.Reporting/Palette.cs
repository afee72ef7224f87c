namespace HilTests.Reporting;

/// <summary>The few colours of terminal output; without colour every method returns its text as it is.</summary>
/// <param name="colour">whether escape sequences are written</param>
public sealed class Palette(bool colour)
{
    /// <summary>
    /// Whether a terminal should be coloured: only a terminal, not with <c>--no-color</c>, not where the environment
    /// variable NO_COLOR is set to anything but the empty string (no-color.org), not on <c>TERM=dumb</c>.
    /// </summary>
    /// <param name="isTerminal">whether the output is a terminal</param>
    /// <param name="noColor">the option <c>--no-color</c></param>
    /// <param name="variable">reads an environment variable</param>
    public static bool Wanted(bool isTerminal, bool noColor, Func<string, string?> variable) =>
        isTerminal && !noColor && string.IsNullOrEmpty(variable("NO_COLOR")) && variable("TERM") != "dumb";

    public string Good(string text) => Paint("32", text);

    public string Bad(string text) => Paint("31", text);

    public string Doubtful(string text) => Paint("33", text);

    public string Strong(string text) => Paint("1", text);

    public string Faint(string text) => Paint("2", text);

    private string Paint(string code, string text) => colour ? $"\u001b[{code}m{text}\u001b[0m" : text;
}
