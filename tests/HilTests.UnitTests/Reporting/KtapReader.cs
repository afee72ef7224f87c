using System.Text.RegularExpressions;

namespace HilTests.UnitTests.Reporting;

/// <summary>One test of a KTAP text; its subtests stand before it.</summary>
internal sealed record KtapTest(bool Ok, string Name, string? Directive, string? Data, IReadOnlyList<KtapTest> Subtests, IReadOnlyList<string> Diagnostics);

/// <summary>
/// Reads KTAP version 1 strictly, by the rules of Documentation/dev-tools/ktap.rst: a version line and a plan at
/// every level, numbers without gaps, two spaces a level, a parent that fails when a subtest does. Unknown lines,
/// which the format allows, are refused: we write none.
/// </summary>
internal sealed partial class KtapReader
{
    private static readonly string[] Directives = ["SKIP", "TODO", "XFAIL", "TIMEOUT", "ERROR"];
    private readonly string[] _lines;
    private int _next;

    private KtapReader(string text)
    {
        if (!text.EndsWith('\n')) throw new FormatException("the last line has no end");
        _lines = text[..^1].Split('\n');
    }

    public static IReadOnlyList<KtapTest> Read(string text)
    {
        var reader = new KtapReader(text);
        var tests = reader.ReadLevel("");
        while (reader._next < reader._lines.Length && reader._lines[reader._next].StartsWith("# ", StringComparison.Ordinal)) reader._next++;
        return reader._next == reader._lines.Length ? tests : throw reader.Wrong("text after the last planned test");
    }

    private List<KtapTest> ReadLevel(string indent)
    {
        if (Take(indent) != "KTAP version 1") throw Wrong("'KTAP version 1' was expected");
        var plan = Plan().Match(Take(indent));
        if (!plan.Success) throw Wrong("a plan was expected");
        var tests = new List<KtapTest>();
        var count = int.Parse(plan.Groups[1].Value);
        while (tests.Count < count) tests.Add(ReadTest(indent, tests.Count + 1));
        return tests;
    }

    private KtapTest ReadTest(string indent, int number)
    {
        var diagnostics = new List<string>();
        List<KtapTest> subtests = [];
        while (true)
        {
            if (_next < _lines.Length && _lines[_next] == indent + "  KTAP version 1")
            {
                if (subtests.Count > 0) throw Wrong("a second set of subtests");
                subtests = ReadLevel(indent + "  ");
                continue;
            }
            var line = Take(indent);
            if (line.StartsWith("# ", StringComparison.Ordinal)) diagnostics.Add(line[2..]);
            else return ReadResult(line, number, subtests, diagnostics);
        }
    }

    private KtapTest ReadResult(string line, int number, List<KtapTest> subtests, List<string> diagnostics)
    {
        var match = Result().Match(line);
        if (!match.Success) throw Wrong("a result line was expected");
        if (match.Groups["number"].Value != number.ToString()) throw Wrong($"test {number} was expected");
        var ok = match.Groups["result"].Value == "ok";
        if (ok && subtests.Any(t => !t.Ok)) throw Wrong("a parent is ok although a subtest is not");
        var data = match.Groups["data"].Success ? match.Groups["data"].Value : null;
        var directive = Directives.FirstOrDefault(d => data == d || data?.StartsWith(d + " ", StringComparison.Ordinal) == true);
        if (ok && directive is ("TIMEOUT" or "ERROR")) throw Wrong($"{directive} stands on a test that is ok");
        return new KtapTest(ok, match.Groups["name"].Value, directive, directive is null ? data : data![directive.Length..].Trim(), subtests, diagnostics);
    }

    private string Take(string indent)
    {
        if (_next >= _lines.Length) throw new FormatException("the text ends before what was planned");
        var line = _lines[_next++];
        if (!line.StartsWith(indent, StringComparison.Ordinal) || line.Length == indent.Length || line[indent.Length] == ' ')
            throw Wrong($"an indentation of {indent.Length} was expected");
        return line[indent.Length..];
    }

    private FormatException Wrong(string complaint) => new($"line {_next}: {complaint}: '{_lines[Math.Max(0, _next - 1)]}'");

    [GeneratedRegex(@"^1\.\.(\d+)$")]
    private static partial Regex Plan();

    [GeneratedRegex(@"^(?<result>ok|not ok) (?<number>\d+)( (?<name>[^#]*?))?( # (?<data>.*))?$")]
    private static partial Regex Result();
}
