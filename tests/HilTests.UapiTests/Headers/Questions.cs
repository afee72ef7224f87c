using System.Globalization;
using System.Text;

namespace HilTests.UapiTests.Headers;

/// <summary>What C says of a type: bytes and alignment.</summary>
internal sealed record CSize(int Size, int Alignment);

/// <summary>What C says of a member: bytes from the start, bytes, alignment, and <c>s</c>igned, <c>u</c>nsigned or <c>o</c>ther.</summary>
internal sealed record CMember(int Offset, int Size, int Alignment, char Kind);

/// <summary>What C says of a constant: its value and its bytes.</summary>
internal sealed record CConstant(Int128 Value, int Size);

/// <summary>
/// Questions to the C compiler about the names of one set of headers, answered all at once. Each question is a line of
/// its own, so that a name C does not know costs only its own answer.
/// </summary>
internal sealed class Questions(IReadOnlyList<string> headers, string declarations = "")
{
    private const string Prelude =
        "#define _GNU_SOURCE\n" +
        "int printf(const char *, ...);\n" +
        "#define KIND(x) _Generic((x), char: 's', signed char: 's', short: 's', int: 's', long: 's', long long: 's', " +
        "unsigned char: 'u', unsigned short: 'u', unsigned: 'u', unsigned long: 'u', unsigned long long: 'u', default: 'o')\n";

    private readonly List<string> _lines = [];
    private readonly Dictionary<string, int> _numbers = [];
    private Dictionary<int, string[]>? _answers;

    /// <summary>Asks for size and alignment of a type, as C spells it.</summary>
    public void AskSize(string type) =>
        Ask($"size {type}", n => $"printf(\"{n} %zu %zu\\n\", sizeof({type}), _Alignof({type}))");

    /// <summary>Asks for a member of a type.</summary>
    public void AskMember(string type, string member) =>
        Ask(
            $"member {type} {member}",
            n => $"printf(\"{n} %zu %zu %zu %c\\n\", __builtin_offsetof({type}, {member}), sizeof((({type} *)0)->{member}), " +
                 $"_Alignof(__typeof__((({type} *)0)->{member})), KIND((({type} *)0)->{member}))");

    /// <summary>Asks for the value of an expression.</summary>
    public void AskConstant(string expression) =>
        Ask(
            $"constant {expression}",
            n => $"printf(\"{n} %llu %zu %d\\n\", (unsigned long long)({expression}), sizeof({expression}), ({expression}) < 0)");

    /// <summary>The answer about a type, or null when C does not know it.</summary>
    public CSize? Size(string type) =>
        Answer($"size {type}") is { } a ? new(Int(a[0]), Int(a[1])) : null;

    /// <summary>The answer about a member, or null when C does not know it.</summary>
    public CMember? Member(string type, string member) =>
        Answer($"member {type} {member}") is { } a ? new(Int(a[0]), Int(a[1]), Int(a[2]), a[3][0]) : null;

    /// <summary>The answer about an expression, or null when C does not know it.</summary>
    public CConstant? Constant(string expression)
    {
        if (Answer($"constant {expression}") is not { } a)
            return null;

        var bits = ulong.Parse(a[0], CultureInfo.InvariantCulture);
        return new(a[2] == "1" ? (long)bits : bits, Int(a[1]));
    }

    private static int Int(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private void Ask(string key, Func<int, string> statement)
    {
        if (!_numbers.TryAdd(key, _lines.Count))
            return;

        _lines.Add($"static void q{_lines.Count}(void) {{ {statement(_lines.Count)}; }}");
        _answers = null;
    }

    private string[]? Answer(string key) => (_answers ??= AskAll()).GetValueOrDefault(_numbers[key]);

    private Dictionary<int, string[]> AskAll()
    {
        var asked = Enumerable.Range(0, _lines.Count).ToList();
        for (var round = 0; round < 2; round++)
        {
            var (source, firstLine) = Source(asked);
            var (output, badLines, messages) = CCompiler.Run(source);
            if (badLines.Count == 0)
            {
                Assert.That(output, Has.Count.EqualTo(asked.Count), $"the compiler did not answer every question: {messages}");
                return output.Select(l => l.Split(' ')).ToDictionary(w => Int(w[0]), w => w[1..]);
            }

            var bad = badLines.Where(l => l >= firstLine && l < firstLine + asked.Count).ToHashSet();
            Assert.That(bad, Is.Not.Empty, $"{string.Join(", ", headers)} cannot be compiled:\n{messages}");
            asked = [.. asked.Where((_, i) => !bad.Contains(firstLine + i))];
        }

        throw new InvalidOperationException($"the questions about {string.Join(", ", headers)} do not compile twice in a row");
    }

    private (string Source, int FirstLine) Source(List<int> asked)
    {
        var text = new StringBuilder(Prelude).Append("#include <stddef.h>\n#include <linux/ioctl.h>\n");
        foreach (var header in headers)
            text.Append("#include <").Append(header).Append(">\n");

        text.Append(declarations).Append('\n');
        var firstLine = text.ToString().Count(c => c == '\n') + 1;
        text.AppendJoin('\n', asked.Select(n => _lines[n])).Append("\nint main(void) {\n");
        text.AppendJoin('\n', asked.Select(n => $"q{n}();")).Append("\nreturn 0; }\n");
        return (text.ToString(), firstLine);
    }
}
