using System.Diagnostics;

namespace HilTests.Cli.Output;

/// <summary>A terminal that hands over every key as it is, Ctrl-C included, until this is disposed of.</summary>
internal sealed class RawTerminal : IDisposable
{
    private readonly string? _before;

    private RawTerminal(string? before) => _before = before;

    /// <summary>Makes the terminal of standard input raw; does nothing where that is none.</summary>
    public static RawTerminal Enter()
    {
        if (Console.IsInputRedirected || Stty("-g") is not { Length: > 0 } before) return new RawTerminal(null);
        Stty("raw", "-echo");
        return new RawTerminal(before);
    }

    public void Dispose()
    {
        if (_before is not null) Stty(_before);
    }

    private static string? Stty(params string[] arguments)
    {
        using var stty = Process.Start(new ProcessStartInfo("stty", arguments) { RedirectStandardOutput = true });
        if (stty is null) return null;
        var said = stty.StandardOutput.ReadToEnd().Trim();
        stty.WaitForExit();
        return stty.ExitCode == 0 ? said : null;
    }
}
