using System.Collections.Immutable;
using System.Globalization;

namespace HilTests.Lab.Mutation;

/// <summary>
/// The systematic changes. Each operator is applied wherever it can be, without a look at what the code means; what does not compile, or
/// compiles to the same code, is found out by building it.
/// </summary>
public static class MutationOperators
{
    /// <summary>A place where an operator can be applied: what is replaced and by what.</summary>
    private readonly record struct Change(int Token, int Offset, int Length, string Replacement);

    private delegate IEnumerable<Change> Operator(CSource source, CFunction function);

    private static readonly Dictionary<string, string> Relations = new() { ["<"] = "<=", ["<="] = "<", [">"] = ">=", [">="] = ">", ["=="] = "!=", ["!="] = "==" };

    private static readonly Dictionary<string, string> Arithmetic =
        new() { ["+"] = "-", ["-"] = "+", ["+="] = "-=", ["-="] = "+=", ["++"] = "--", ["<<"] = ">>", [">>"] = "<<", ["&"] = "|", ["|"] = "&", ["&="] = "=", ["|="] = "=" };

    /// <summary>Locks are taken and given back in pairs: without one of them the kernel only stands still.</summary>
    private static readonly string[] Locks = ["mutex_", "spin_", "rcu_", "vhost_dev_lock_vqs", "vhost_dev_unlock_vqs"];

    /// <summary>Text for a person, or checks of the programmer's own.</summary>
    private static readonly HashSet<string> Debug = ["pr_debug", "pr_info", "pr_warn", "pr_err", "pr_err_ratelimited", "printk", "WARN_ON", "WARN_ON_ONCE", "BUG_ON", "BUILD_BUG_ON"];

    private static readonly HashSet<string> Keywords = ["return", "goto", "break", "continue", "case", "default", "else", "do", "if", "for", "while", "switch", "const", "static", "struct", "union",
        "unsigned", "signed", "int", "long", "bool", "char", "void", "short"];

    private static readonly ImmutableSortedDictionary<string, Operator> All = new Dictionary<string, Operator>
    {
        ["relational"] = (s, f) => Replace(s, f, t => t.Kind == CTokenKind.Sign, Relations),
        ["logical"] = (s, f) => Replace(s, f, t => t.Kind == CTokenKind.Sign, new() { ["&&"] = "||", ["||"] = "&&" }),
        ["arithmetic"] = ArithmeticOf,
        ["constant"] = Constants,
        ["flag"] = Flags,
        ["condition"] = Conditions,
        ["statement"] = Statements,
        ["jump"] = (s, f) => StatementsOf(s, f).Where(r => s.Tokens[r.First].Text is "goto" or "break" or "continue").Select(r => Gone(s, r)),
        ["return"] = Returns,
        ["arguments"] = Arguments,
        ["index"] = Indices,
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>The operators' names.</summary>
    public static IEnumerable<string> Names => All.Keys;

    /// <summary>Everything an operator can change in one function.</summary>
    public static IEnumerable<Mutation> Apply(string name, CSource source, CFunction function) =>
        All[name](source, function).Where(c => !IsInDebug(source, function, c.Token))
            .Select(c => new Mutation(name, source, function.Name, source.Tokens[c.Token].Line, c.Offset, c.Length, c.Replacement));

    private static IEnumerable<Change> Replace(CSource source, CFunction function, Func<CToken, bool> fits, Dictionary<string, string> by)
    {
        for (int i = function.First; i < function.End; i++)
        {
            if (fits(source.Tokens[i]) && by.TryGetValue(source.Tokens[i].Text, out string? other))
                yield return At(source, i, other);
        }
    }

    /// <summary>Only between two values: <c>&amp;x</c>, <c>-1</c> and pointers' stars are something else.</summary>
    private static IEnumerable<Change> ArithmeticOf(CSource source, CFunction function) =>
        Replace(source, function, t => t.Kind == CTokenKind.Sign, Arithmetic)
            .Where(c => source.Tokens[c.Token].Text is "++" || EndsValue(source.Tokens[c.Token - 1]));

    /// <summary>One more; and 1 becomes 0 as well.</summary>
    private static IEnumerable<Change> Constants(CSource source, CFunction function)
    {
        for (int i = function.First; i < function.End; i++)
        {
            if (source.Tokens[i].Kind != CTokenKind.Number) continue;
            string digits = source.Tokens[i].Text;
            if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
                yield return At(source, i, (number + 1).ToString(CultureInfo.InvariantCulture));
            else
                yield return At(source, i, $"({digits} + 1)");
            if (number == 1) yield return At(source, i, "0");
        }
    }

    /// <summary>A name in capitals becomes the next one of its family in the same file; an error number becomes EIO.</summary>
    private static IEnumerable<Change> Flags(CSource source, CFunction function)
    {
        var families = source.Tokens.Where(IsFlag).Select(t => t.Text).Distinct().Order(StringComparer.Ordinal)
            .GroupBy(Family).ToDictionary(g => g.Key, g => g.ToList());
        for (int i = function.First; i < function.End; i++)
        {
            if (!IsFlag(source.Tokens[i])) continue;
            string name = source.Tokens[i].Text;
            var family = families[Family(name)];
            string other = Family(name) == "E" ? "EIO" : family[(family.IndexOf(name) + 1) % family.Count];
            // The labels of a switch are not to be there twice.
            if (other != name && source.Tokens[i - 1].Text != "case") yield return At(source, i, other);
        }
    }

    private static IEnumerable<Change> Conditions(CSource source, CFunction function)
    {
        for (int i = function.First; i + 1 < function.End; i++)
        {
            if (source.Tokens[i] is not { Kind: CTokenKind.Word, Text: "if" or "while" } || source.Tokens[i + 1].Text != "(") continue;
            int close = source.Closing(i + 1);
            if (close > 0) yield return Between(source, i + 2, close - 1, code => $"!({code})");
        }
    }

    private static IEnumerable<Change> Statements(CSource source, CFunction function) =>
        from range in StatementsOf(source, function)
        let first = source.Tokens[range.First]
        where first.Kind == CTokenKind.Word || first.Text is "*" or "++" or "--"
        where !Keywords.Contains(first.Text) && !Debug.Contains(first.Text) && !Locks.Any(l => first.Text.StartsWith(l, StringComparison.Ordinal))
        where !IsDeclaration(source, range)
        select Gone(source, range);

    private static IEnumerable<Change> Returns(CSource source, CFunction function)
    {
        foreach (var range in StatementsOf(source, function))
        {
            if (source.Tokens[range.First].Text != "return" || range.Last - range.First < 2) continue;
            string value = source.Text[source.Tokens[range.First + 1].Offset..source.Tokens[range.Last - 1].End];
            string other = value switch { "true" => "false", "false" => "true", "0" => "-EFAULT", "NULL" => "(void *)-1", _ => "0" };
            yield return Between(source, range.First + 1, range.Last - 1, _ => other);
        }
    }

    /// <summary>Two arguments that stand side by side in a call change places.</summary>
    private static IEnumerable<Change> Arguments(CSource source, CFunction function)
    {
        for (int i = function.First; i + 1 < function.End; i++)
        {
            if (source.Tokens[i].Kind != CTokenKind.Word || Keywords.Contains(source.Tokens[i].Text) || source.Tokens[i + 1].Text != "(") continue;
            int close = source.Closing(i + 1);
            if (close < 0) continue;
            var commas = new List<int> { i + 1 };
            for (int at = i + 2, depth = 0; at < close; at++)
            {
                depth += source.Tokens[at].Text switch { "(" or "[" or "{" => 1, ")" or "]" or "}" => -1, _ => 0 };
                if (depth == 0 && source.Tokens[at].Text == ",") commas.Add(at);
            }
            commas.Add(close);
            for (int n = 0; n + 2 < commas.Count; n++)
            {
                string Part(int from, int to) => source.Text[source.Tokens[from + 1].Offset..source.Tokens[to - 1].End];
                string one = Part(commas[n], commas[n + 1]), two = Part(commas[n + 1], commas[n + 2]);
                if (one != two && one.Length > 0 && two.Length > 0) yield return Between(source, commas[n] + 1, commas[n + 2] - 1, _ => $"{two}, {one}");
            }
        }
    }

    private static IEnumerable<Change> Indices(CSource source, CFunction function)
    {
        for (int i = function.First; i < function.End; i++)
        {
            if (source.Tokens[i].Text != "[" || !EndsValue(source.Tokens[i - 1])) continue;
            int close = source.Closing(i);
            if (close > i + 1) yield return Between(source, i + 1, close - 1, code => $"({code}) + 1");
        }
    }

    /// <summary>From the first token to the semicolon, both counted in. What stands in the head of a <c>for</c> is none.</summary>
    private static IEnumerable<(int First, int Last)> StatementsOf(CSource source, CFunction function)
    {
        int first = function.First;
        for (int i = function.First; i < function.End; i++)
        {
            string text = source.Tokens[i].Text;
            if (text is "if" or "for" or "while" or "switch" && i + 1 < function.End && source.Tokens[i + 1].Text == "(")
            {
                i = source.Closing(i + 1);
                first = i + 1;
            }
            else if (text is "{" or "}" or "else" or "do" || (text == ":" && IsLabel(source, first, i)))
            {
                first = i + 1;
            }
            else if (text == "(")
            {
                i = source.Closing(i);
            }
            else if (text == ";")
            {
                if (i > first) yield return (first, i);
                first = i + 1;
            }
        }
    }

    private static bool IsLabel(CSource source, int first, int colon) =>
        source.Tokens[first].Text is "case" or "default" || (colon == first + 1 && source.Tokens[first].Kind == CTokenKind.Word);

    /// <summary>Two words side by side, or a word and a star and a word: a type and a name.</summary>
    private static bool IsDeclaration(CSource source, (int First, int Last) range)
    {
        int at = range.First + 1;
        while (source.Tokens[at].Text == "*") at++;
        return source.Tokens[range.First].Kind == CTokenKind.Word && source.Tokens[at].Kind == CTokenKind.Word;
    }

    private static bool IsInDebug(CSource source, CFunction function, int token)
    {
        for (int i = function.First; i < token; i++)
        {
            // vq_err signals an error, which counts, and says why, which is for a person.
            if ((Debug.Contains(source.Tokens[i].Text) || source.Tokens[i].Text == "vq_err") && source.Tokens[i + 1].Text == "(" && source.Closing(i + 1) is var close && token <= close) return true;
        }
        return false;
    }

    private static bool IsFlag(CToken token) =>
        token.Kind == CTokenKind.Word && token.Text.Length > 3 && token.Text.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_') && token.Text != "NULL";

    private static string Family(string name) => name.Contains('_') ? name[..name.IndexOf('_')] : name[..1];

    private static bool EndsValue(CToken token) => token.Kind is CTokenKind.Word or CTokenKind.Number ? !Keywords.Contains(token.Text) : token.Text is ")" or "]";

    private static Change At(CSource source, int token, string replacement) => new(token, source.Tokens[token].Offset, source.Tokens[token].Text.Length, replacement);

    private static Change Between(CSource source, int first, int last, Func<string, string> by)
    {
        int offset = source.Tokens[first].Offset;
        string code = source.Text[offset..source.Tokens[last].End];
        return new Change(first, offset, code.Length, by(code));
    }

    private static Change Gone(CSource source, (int First, int Last) range) => Between(source, range.First, range.Last, _ => ";");
}
