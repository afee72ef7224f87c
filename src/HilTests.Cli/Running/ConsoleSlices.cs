using System.Collections.Immutable;
using System.Globalization;

namespace HilTests.Cli.Running;

/// <summary>Cuts a machine's console by the marks that the agent leaves after each program the kernel spoke about.</summary>
internal static class ConsoleSlices
{
    private const string BeginMark = "hil-agent: programs begin";
    private const string MarkStart = "hil-agent: program #";
    private const string MarkEnd = " logged the lines above";

    /// <summary>The console's lines by the number of the program, counted from 1 since the machine's boot.</summary>
    /// <param name="console">the whole console of one machine</param>
    /// <param name="last">the number of the last program; gets what stands after the last mark (a panic, say)</param>
    public static IReadOnlyDictionary<int, ImmutableArray<string>> Of(string console, int last)
    {
        var slices = new Dictionary<int, ImmutableArray<string>>();
        var lines = new List<string>();
        var hasBegun = false;
        foreach (var line in console.Split('\n'))
        {
            if (line.EndsWith(BeginMark, StringComparison.Ordinal))
            {
                hasBegun = true;
                lines.Clear();
            }
            else if (TryReadMark(line, out var program))
            {
                slices[program] = [.. lines];
                lines.Clear();
            }
            else if (hasBegun && line.Length > 0)
            {
                lines.Add(line);
            }
        }
        if (lines.Count > 0 && !slices.ContainsKey(last)) slices[last] = [.. lines];
        return slices;
    }

    /// <summary>
    /// Reads <c>hil-agent: program #3 tx-basic logged the lines above</c>. By hand: the guest writes these lines, and a
    /// pattern that tries each beginning with each end takes the square of a line's length.
    /// </summary>
    private static bool TryReadMark(string line, out int program)
    {
        program = 0;
        if (!line.EndsWith(MarkEnd, StringComparison.Ordinal)) return false;
        var start = line.IndexOf(MarkStart, StringComparison.Ordinal);
        if (start < 0) return false;
        var number = line.AsSpan(start + MarkStart.Length);
        var space = number.IndexOf(' ');
        return space > 0 && int.TryParse(number[..space], NumberStyles.None, CultureInfo.InvariantCulture, out program);
    }
}
