using System.Text.RegularExpressions;

namespace HilTests.Lab.Modules;

/// <summary>What a compiler said, cut to what a person reads.</summary>
internal static partial class CompilerErrors
{
    private const int MostLines = 40;

    /// <summary>The errors as the compiler gave them, with its source lines and marks, the first one first; warnings go. All of it where there is no error.</summary>
    public static string Excerpt(string said)
    {
        string[] lines = said.ReplaceLineEndings("\n").Split('\n');
        var kept = new List<string>();
        bool isError = false;
        foreach (string line in lines)
        {
            if (Diagnostic().Match(line) is { Success: true } match)
                isError = match.Groups["kind"].Value is not ("warning" or "note") || (isError && match.Groups["kind"].Value == "note");
            else if (LinkerError().IsMatch(line))
                isError = true;
            else if (MakeLine().IsMatch(line))
                isError = false;
            if (isError)
                kept.Add(line);
        }
        if (kept.Count == 0)
            return string.Join('\n', lines.Where(l => l.Trim().Length > 0).TakeLast(MostLines));
        return string.Join('\n', kept.Take(MostLines)) + (kept.Count > MostLines ? $"\n… and {kept.Count - MostLines} more lines" : "");
    }

    /// <summary>The warnings, the first line of each.</summary>
    public static IReadOnlyList<string> Warnings(string said) =>
        [.. said.Split('\n').Where(l => Diagnostic().Match(l) is { Success: true } match && match.Groups["kind"].Value == "warning").Distinct()];

    [GeneratedRegex(@"^[^\s:]+:\d+(:\d+)?: (?<kind>fatal error|error|warning|note): ")]
    private static partial Regex Diagnostic();

    [GeneratedRegex(@"^(ERROR: modpost: |ld: |.*: undefined reference to |.*No rule to make target |[^\s:]+:\d+: \*\*\* )")]
    private static partial Regex LinkerError();

    [GeneratedRegex(@"^(make(\[\d+\])?: |  [A-Z]+(\s\[M\])?\s+\S+$)")]
    private static partial Regex MakeLine();
}
