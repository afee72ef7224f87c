namespace HilTests.Lab.Mutation;

/// <summary>One change of a source file.</summary>
/// <param name="Operator">The operator that made it.</param>
/// <param name="Source">The file.</param>
/// <param name="Function">The function it is in.</param>
/// <param name="Line">Its first line, counted from 1.</param>
/// <param name="Offset">Where what is replaced begins.</param>
/// <param name="Length">How many characters are replaced.</param>
/// <param name="Replacement">What stands there instead.</param>
public sealed record Mutation(string Operator, CSource Source, string Function, int Line, int Offset, int Length, string Replacement)
{
    private const int Context = 3;
    private const int LongestQuote = 70;

    /// <summary>A name for a file: <c>relational-handle_rx-1190</c>.</summary>
    public string Name => $"{Operator}-{Function}-{Line}";

    /// <summary>One line that says what is changed where.</summary>
    public string Description => $"{Path.GetFileName(Source.Name)} line {Line}, {Operator}: `{Quote(Source.Text.Substring(Offset, Length))}` is `{Quote(Replacement)}`";

    /// <summary>The change as a patch for the kernel's root.</summary>
    public string ToPatch()
    {
        string[] lines = Source.Text.Split('\n');
        int first = Line - 1;
        int last = first + Source.Text.AsSpan(Offset, Length).Count('\n');
        int lineStart = Source.Text.LastIndexOf('\n', Math.Max(0, Offset - 1)) + 1;
        string changed = Source.Text[lineStart..Offset] + Replacement + Source.Text[(Offset + Length)..EndOfLine(Offset + Length)];
        string[] added = changed.Split('\n');
        int from = Math.Max(0, first - Context), to = Math.Min(lines.Length - 1, last + Context);
        int removed = last - first + 1;
        var hunk = new List<string>
        {
            $"--- a/{Source.Name}",
            $"+++ b/{Source.Name}",
            $"@@ -{from + 1},{to - from + 1} +{from + 1},{to - from + 1 - removed + added.Length} @@ {Function}",
        };
        hunk.AddRange(lines[from..first].Select(l => " " + l));
        hunk.AddRange(lines[first..(last + 1)].Select(l => "-" + l));
        hunk.AddRange(added.Select(l => "+" + l));
        hunk.AddRange(lines[(last + 1)..(to + 1)].Select(l => " " + l));
        return string.Join('\n', hunk) + "\n";
    }

    private int EndOfLine(int from) => Source.Text.IndexOf('\n', from) is var end and >= 0 ? end : Source.Text.Length;

    private static string Quote(string code)
    {
        string line = string.Join(' ', code.Split((char[])['\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= LongestQuote ? line : line[..LongestQuote] + "…";
    }
}
