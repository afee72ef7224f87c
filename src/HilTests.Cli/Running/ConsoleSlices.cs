using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace HilTests.Cli.Running;

/// <summary>Cuts a machine's console by the marks that the agent leaves after each program the kernel spoke about.</summary>
internal static partial class ConsoleSlices
{
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
            if (Begin().IsMatch(line))
            {
                hasBegun = true;
                lines.Clear();
            }
            else if (Mark().Match(line) is { Success: true } mark)
            {
                slices[int.Parse(mark.Groups["number"].ValueSpan, CultureInfo.InvariantCulture)] = [.. lines];
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

    [GeneratedRegex(@"hil-agent: programs begin$")]
    private static partial Regex Begin();

    [GeneratedRegex(@"hil-agent: program #(?<number>\d{1,9}) .* logged the lines above$")]
    private static partial Regex Mark();
}
