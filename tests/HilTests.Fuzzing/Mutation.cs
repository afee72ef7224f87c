using System.Buffers.Binary;
using System.Text;
using HilTests.Core;

namespace HilTests.Fuzzing;

/// <summary>Makes hostile messages of good ones. The same seed makes the same message.</summary>
public sealed class Mutation(FuzzTarget target)
{
    /// <summary>Messages stay about as long as those of the corpus; growth is what the tests on bounds are for.</summary>
    private const int LongestMessage = 64 << 10;

    private static readonly uint[] Numbers =
        [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x100000, 0x4000000, 0x4000001, 0x7fffffff, 0x80000000, 0xffffffff];

    private static readonly string[] NumberWords =
    [
        "0", "-0", "1", "-1", "255", "4096", "65535", "65536", "2147483647", "2147483648", "-2147483648", "4294967295", "9223372036854775807",
        "-9223372036854775808", "18446744073709551615", "99999999999999999999999", "0x0", "0xffffffffffffffff", "0x8000000000000000", "1e9", "٣", "0x",
    ];

    private static readonly string[] Poison =
    [
        "\0", "\r", "\t", "\u001b[2J", "\u0085", "\u2028", "\u202e", "\ufeff", "\ufffe", "\uffff", "\U0001f600", "]]>", "</script>", "<!--", "&", "\"", "'", "\\u0000", "\\ud800",
        "%s%n", "[", "]", "{", "}", "=", "h'", "| ", "= @", "end ", "\n",
    ];

    private readonly List<string[]> _lines = target.IsText ? [.. target.Corpus.Select(c => Encoding.UTF8.GetString(c).Split('\n'))] : [];

    /// <summary>The message of this number.</summary>
    public byte[] Make(ulong seed, long number)
    {
        var source = new Seed(seed ^ ((ulong)number * 0x9e3779b97f4a7c15)).Fork((ulong)target.Name.Length);
        var message = target.IsText && !source.OneIn(4) ? Encoding.UTF8.GetBytes(ChangeText(source)) : source.Pick<byte[]>([.. target.Corpus]);
        if (target.IsText && !source.OneIn(3)) return message;
        for (var edits = source.Between(1, 4); edits > 0; edits--) message = ChangeBytes(message, source);
        return message;
    }

    private byte[] ChangeBytes(byte[] message, Seed source)
    {
        if (message.Length == 0) return [(byte)source.Below(256)];
        var at = source.Below(message.Length);
        var length = Math.Min(source.Between(1, 32), message.Length - at);
        switch (source.Below(9))
        {
            case 0:
                return Changed(message, at, (byte)(message[at] ^ (1 << source.Below(8))));
            case 1:
                return Changed(message, at, (byte)source.Below(256));
            case 2:
                return [.. message.AsSpan(0, at), .. message.AsSpan(at + length)];
            case 3:
                return Cut([.. message.AsSpan(0, at), .. message.AsSpan(at, length), .. message.AsSpan(at)]);
            case 4:
                return message[..at];
            case 5:
                return Lie(message, source);
            case 6:
                var other = source.Pick<byte[]>([.. target.Corpus]);
                return Cut([.. message.AsSpan(0, at), .. other.AsSpan(source.Below(other.Length + 1))]);
            case 7:
                return Cut([.. message.AsSpan(0, at), .. Encoding.UTF8.GetBytes(Word(source)), .. message.AsSpan(at)]);
            default:
                return Cut([.. message, .. source.Pick<byte[]>([.. target.Corpus])]);
        }
    }

    private static byte[] Changed(byte[] message, int at, byte value)
    {
        var changed = message.ToArray();
        changed[at] = value;
        return changed;
    }

    /// <summary>A number where a length or an id may stand.</summary>
    private static byte[] Lie(byte[] message, Seed source)
    {
        if (message.Length < 4) return message;
        var changed = message.ToArray();
        var at = source.OneIn(2) ? 4 * source.Below(message.Length / 4) : source.Below(message.Length - 3);
        BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(at), source.Pick<uint>(Numbers));
        return changed;
    }

    private string ChangeText(Seed source)
    {
        var lines = source.Pick<string[]>([.. _lines]).ToList();
        for (var edits = source.Between(1, 5); edits > 0; edits--)
        {
            var at = source.Below(lines.Count);
            switch (source.Below(8))
            {
                case 0 when lines.Count > 1:
                    lines.RemoveAt(at);
                    break;
                case 1:
                    lines.Insert(at, lines[source.Below(lines.Count)]);
                    break;
                case 2:
                    var others = source.Pick<string[]>([.. _lines]);
                    lines.Insert(at, others[source.Below(others.Length)]);
                    break;
                case 3:
                    var with = source.Below(lines.Count);
                    (lines[at], lines[with]) = (lines[with], lines[at]);
                    break;
                case 4 when source.OneIn(10):
                    lines.InsertRange(at, Enumerable.Repeat(lines[at], source.Between(1, 200)));
                    break;
                default:
                    lines[at] = ChangeLine(lines[at], source);
                    break;
            }
        }
        return string.Join('\n', lines);
    }

    private string ChangeLine(string line, Seed source)
    {
        var (start, length) = AnyWord(line, source);
        return source.Below(6) switch
        {
            0 => line.Remove(start, length),
            1 => string.Concat(line.AsSpan(0, start), Word(source), line.AsSpan(start + length)),
            2 => line.Insert(start, line.Substring(start, length)),
            3 => line.Insert(source.Below(line.Length + 1), Word(source)),
            4 => $"{line} {line[(line.IndexOf(' ') + 1)..]}",
            _ => string.Concat(line.AsSpan(0, start), NumberWords[source.Below(NumberWords.Length)], line.AsSpan(start + length)),
        };
    }

    /// <summary>A stretch of letters and digits; where there is none, any stretch.</summary>
    private static (int Start, int Length) AnyWord(string line, Seed source)
    {
        if (line.Length == 0) return (0, 0);
        var start = source.Below(line.Length);
        while (start < line.Length - 1 && !char.IsAsciiLetterOrDigit(line[start])) start++;
        while (start > 0 && char.IsAsciiLetterOrDigit(line[start - 1]) && char.IsAsciiLetterOrDigit(line[start])) start--;
        var end = start + 1;
        while (end < line.Length && char.IsAsciiLetterOrDigit(line[end])) end++;
        return (start, end - start);
    }

    private string Word(Seed source) => source.Below(3) switch
    {
        0 when target.Words.Count > 0 => target.Words[source.Below(target.Words.Count)],
        1 => NumberWords[source.Below(NumberWords.Length)],
        _ => Poison[source.Below(Poison.Length)],
    };

    private static byte[] Cut(byte[] message) => message.Length <= LongestMessage ? message : message[..LongestMessage];
}
