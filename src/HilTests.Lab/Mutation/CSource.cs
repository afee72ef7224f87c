using System.Collections.Immutable;

namespace HilTests.Lab.Mutation;

/// <summary>What a token of C is.</summary>
public enum CTokenKind
{
    /// <summary>A name or a keyword.</summary>
    Word,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A string or a character between quotes.</summary>
    Text,

    /// <summary>An operator or a bracket.</summary>
    Sign,
}

/// <summary>A token.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As it stands in the source.</param>
/// <param name="Offset">Characters before it in the file.</param>
/// <param name="Line">Counted from 1.</param>
public readonly record struct CToken(CTokenKind Kind, string Text, int Offset, int Line)
{
    /// <summary>The offset behind it.</summary>
    public int End => Offset + Text.Length;
}

/// <summary>A function with a body.</summary>
/// <param name="Name">Its name.</param>
/// <param name="First">The token behind the body's opening brace.</param>
/// <param name="End">The closing brace.</param>
public sealed record CFunction(string Name, int First, int End);

/// <summary>
/// A C file as tokens, with its functions. Comments and the preprocessor's lines are left out: text that is for a person, and macros, which
/// stand for code elsewhere. It is a tokeniser, not a parser; that is enough for changes of one token or one statement.
/// </summary>
public sealed class CSource
{
    /// <summary>Longest first: the first that fits is taken.</summary>
    private static readonly string[] Signs =
        ["<<=", ">>=", "...", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|="];

    private static readonly HashSet<string> NoFunctions = ["if", "for", "while", "switch", "sizeof", "return", "do", "else"];

    private CSource(string name, string text, ImmutableArray<CToken> tokens)
    {
        (Name, Text, Tokens) = (name, text, tokens);
        Functions = [.. Find()];
    }

    /// <summary>The file's path below the kernel's root.</summary>
    public string Name { get; }

    /// <summary>The file.</summary>
    public string Text { get; }

    /// <summary>Its tokens in order.</summary>
    public ImmutableArray<CToken> Tokens { get; }

    /// <summary>Its functions in order.</summary>
    public ImmutableArray<CFunction> Functions { get; }

    /// <summary>Takes a file apart.</summary>
    /// <param name="name">The file's path below the kernel's root.</param>
    /// <param name="text">Its content.</param>
    /// <exception cref="FormatException">A comment or a string has no end.</exception>
    public static CSource Parse(string name, string text) => new(name, text, [.. Scan(name, text)]);

    /// <summary>The place of the bracket that closes the one at <paramref name="open"/>; -1 where none does.</summary>
    public int Closing(int open)
    {
        int depth = 0;
        for (int i = open; i < Tokens.Length; i++)
        {
            if (Tokens[i] is { Kind: CTokenKind.Sign, Text: "(" or "[" or "{" })
                depth++;
            else if (Tokens[i] is { Kind: CTokenKind.Sign, Text: ")" or "]" or "}" } && --depth == 0)
                return i;
        }
        return -1;
    }

    private static IEnumerable<CToken> Scan(string name, string text)
    {
        int at = 0, line = 1;
        bool isLineStart = true;
        while (at < text.Length)
        {
            char c = text[at];
            int end;
            if (c == '\n')
            {
                (at, line, isLineStart) = (at + 1, line + 1, true);
                continue;
            }
            if (char.IsWhiteSpace(c))
            {
                at++;
                continue;
            }
            if (c == '#' && isLineStart)
                end = EndOfDirective(text, at);
            else if (text.AsSpan(at).StartsWith("//"))
                end = text.IndexOf('\n', at) is var eol and >= 0 ? eol : text.Length;
            else if (text.AsSpan(at).StartsWith("/*"))
                end = text.IndexOf("*/", at + 2, StringComparison.Ordinal) is var close and >= 0 ? close + 2 : throw new FormatException($"{name}, line {line}: a comment without an end");
            else
            {
                var token = Next(name, text, at, line);
                yield return token;
                (at, isLineStart) = (token.End, false);
                continue;
            }
            line += text.AsSpan(at, end - at).Count('\n');
            at = end;
        }
    }

    private static CToken Next(string name, string text, int at, int line)
    {
        char c = text[at];
        if (char.IsAsciiLetter(c) || c == '_')
            return new CToken(CTokenKind.Word, Taken(text, at, static c => char.IsAsciiLetterOrDigit(c) || c == '_'), at, line);
        if (char.IsAsciiDigit(c))
            return new CToken(CTokenKind.Number, Taken(text, at, static c => char.IsAsciiLetterOrDigit(c) || c == '.'), at, line);
        if (c is not ('"' or '\''))
            return new CToken(CTokenKind.Sign, Signs.FirstOrDefault(s => string.CompareOrdinal(text, at, s, 0, s.Length) == 0) ?? $"{c}", at, line);
        int end = at + 1;
        while (end < text.Length && text[end] != c)
            end += text[end] == '\\' ? 2 : 1;
        return end < text.Length ? new CToken(CTokenKind.Text, text[at..(end + 1)], at, line) : throw new FormatException($"{name}, line {line}: a string without an end");
    }

    private static string Taken(string text, int at, Func<char, bool> belongs)
    {
        int end = at;
        while (end < text.Length && belongs(text[end]))
            end++;
        return text[at..end];
    }

    /// <summary>A directive goes on behind a backslash at the end of a line, and a comment in it may too.</summary>
    private static int EndOfDirective(string text, int at)
    {
        while (true)
        {
            int eol = text.IndexOf('\n', at);
            if (eol < 0)
                return text.Length;
            if (text[eol - 1] != '\\')
                return eol;
            at = eol + 1;
        }
    }

    /// <summary>At the outermost level: a name, arguments in brackets, then a body.</summary>
    private IEnumerable<CFunction> Find()
    {
        for (int i = 0; i + 1 < Tokens.Length; i++)
        {
            if (Tokens[i] is { Kind: CTokenKind.Sign, Text: "{" } && Closing(i) is var skipped and > 0)
            {
                i = skipped;
                continue;
            }
            if (Tokens[i].Kind != CTokenKind.Word || Tokens[i + 1].Text != "(" || NoFunctions.Contains(Tokens[i].Text))
                continue;
            int close = Closing(i + 1);
            if (close < 0 || close + 1 >= Tokens.Length || Tokens[close + 1].Text != "{" || Closing(close + 1) is not (var end and > 0))
                continue;
            yield return new CFunction(Tokens[i].Text, close + 2, end);
            i = end;
        }
    }
}
