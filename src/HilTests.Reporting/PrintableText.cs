using System.Text;

namespace HilTests.Reporting;

/// <summary>Makes text of programs and consoles fit for a format: what the format cannot hold becomes U+FFFD.</summary>
public static class PrintableText
{
    private const char Replacement = '\ufffd';

    /// <summary>
    /// Only characters that XML 1.0 allows (section 2.2): tab, newline, carriage return and everything from U+0020
    /// but lone surrogates, U+FFFE and U+FFFF.
    /// </summary>
    public static string ForXml(string text) => Replace(text, static rune => IsXml(rune) ? rune : new Rune(Replacement));

    /// <summary>One line without control characters: line ends and tabs become spaces, so that no escape sequence reaches a terminal.</summary>
    public static string OneLine(string text) => Replace(text, static rune => rune.Value switch
    {
        '\t' or '\n' or '\r' or 0x85 or 0x2028 or 0x2029 => new Rune(' '),
        _ => ForTerminal(rune),
    });

    /// <summary>
    /// Lines for a terminal: line feeds and tabs stay, every other control character becomes U+FFFD, so that a guest
    /// cannot move the cursor, colour or rename anything. Characters that turn the direction of writing do not get through either.
    /// </summary>
    public static string Lines(string text) => Replace(text, static rune => rune.Value is '\n' or '\t' ? rune : ForTerminal(rune));

    private static Rune ForTerminal(Rune rune) => rune.Value switch
    {
        < ' ' or (>= 0x7f and < 0xa0) => new Rune(Replacement),
        // Unicode's embeddings, overrides and isolates (annex 9): text that reads otherwise than it is.
        (>= 0x202a and <= 0x202e) or (>= 0x2066 and <= 0x2069) => new Rune(Replacement),
        _ => IsXml(rune) ? rune : new Rune(Replacement),
    };

    private static bool IsXml(Rune rune) => rune.Value is '\t' or '\n' or '\r' or (>= 0x20 and not 0xfffe and not 0xffff);

    private static string Replace(string text, Func<Rune, Rune> map)
    {
        // EnumerateRunes gives U+FFFD for a lone surrogate.
        var changed = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) changed.Append(map(rune).ToString());
        return changed.ToString();
    }
}
