using System.Buffers;
using System.Globalization;
using System.Text;

namespace HilTests.Lab.Diagnosis;

/// <summary>One message of the kernel, taken from a console of which every byte may be wrong.</summary>
/// <param name="Text">The message without time, caller, colours and control characters; at most <see cref="LongestText"/> characters.</param>
/// <param name="Seconds">Since boot, where the console tells times.</param>
/// <param name="Caller">Who printed it, such as <c>T88</c> or <c>C1</c>, where the kernel tells (PRINTK_CALLER); else empty.</param>
public sealed record ConsoleRecord(string Text, double? Seconds, string Caller)
{
    /// <summary>What a line is cut to: no line that matters is longer, and a hostile guest can write megabytes.</summary>
    public const int LongestText = 1024;

    private static readonly SearchValues<char> TimeCharacters = SearchValues.Create("0123456789.");

    /// <summary>The messages of a console, in time that grows with its length only.</summary>
    public static IEnumerable<ConsoleRecord> Split(string console)
    {
        int begin = 0;
        while (begin < console.Length)
        {
            int end = console.IndexOf('\n', begin);
            if (end < 0)
                end = console.Length;
            foreach (var record in OfLine(console, begin, end))
                yield return record;
            begin = end + 1;
        }
    }

    /// <summary>
    /// Another program's output may stand before a message in the same line, and a message that was cut off is followed
    /// by the next one: each time stamp begins a message.
    /// </summary>
    private static IEnumerable<ConsoleRecord> OfLine(string console, int begin, int end)
    {
        int from = begin;
        double? seconds = null;
        int at = begin;
        while (at < end)
        {
            int bracket = console.IndexOf('[', at, end - at);
            if (bracket < 0)
                break;
            at = bracket + 1;
            var (time, after) = Stamp(console, bracket, end);
            if (after < 0)
                continue;
            var before = Of(console, from, bracket, seconds);
            if (before.Text.Length > 0)
                yield return before;
            seconds = time;
            from = at = after;
        }
        yield return Of(console, from, end, seconds);
    }

    /// <summary><c>[   12.345678]</c>: the time and where it ends, or (0, -1).</summary>
    private static (double Seconds, int End) Stamp(string console, int bracket, int end)
    {
        int close = console.IndexOf(']', bracket, Math.Min(end - bracket, 24));
        if (close < 0)
            return (0, -1);
        var inside = console.AsSpan(bracket + 1, close - bracket - 1).TrimStart(' ');
        int dot = inside.IndexOf('.');
        if (dot < 1 || inside.Length - dot != 7 || inside.ContainsAnyExcept(TimeCharacters))
            return (0, -1);
        return double.TryParse(inside, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) ? (seconds, close + 1) : (0, -1);
    }

    private static ConsoleRecord Of(string console, int from, int to, double? seconds)
    {
        string text = Clean(console.AsSpan(from, Math.Min(to - from, 2 * LongestText)));
        string caller = "";
        if (seconds is not null && text.StartsWith('[') && text.IndexOf(']') is > 1 and < 14 and var close
            && text.AsSpan(1, close - 1).TrimStart(' ') is ['T' or 'C', .. var digits] id && !digits.ContainsAnyExceptInRange('0', '9'))
        {
            caller = id.ToString();
            text = text[(close + 1)..];
        }
        if (seconds is not null && text.StartsWith(' '))
            text = text[1..];
        return new ConsoleRecord(text.Length > LongestText ? text[..LongestText] : text, seconds, caller);
    }

    /// <summary>Drops colours (ESC [ … letter), carriage returns and other control characters; keeps tabs.</summary>
    private static string Clean(ReadOnlySpan<char> raw)
    {
        if (raw is ['<', >= '0' and <= '9', '>', .. var afterLevel])
            raw = afterLevel;
        raw = raw.TrimEnd('\r');
        if (!raw.ContainsAnyInRange('\0', '\u001f'))
            return raw.ToString();
        var clean = new StringBuilder(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '\e' && i + 1 < raw.Length && raw[i + 1] == '[')
            {
                i += 2;
                while (i < raw.Length && raw[i] is (>= '0' and <= '9') or ';' or '?')
                    i++;
                continue;
            }
            if (raw[i] is '\t' or >= ' ')
                clean.Append(raw[i]);
        }
        return clean.ToString();
    }
}
