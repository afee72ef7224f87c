using System.Collections.Immutable;
using System.Globalization;
using HilTests.Core.Values;

namespace HilTests.Core.Devices.F2fs;

/// <summary>Byte counters out of <c>iostat_info</c> and of the trace event <c>f2fs_iostat</c>; the layouts differ by kernel.</summary>
public static class IostatText
{
    /// <summary>How many counters there are.</summary>
    public static int Count { get; } = Enum.GetValues<ByteCounter>().Length;

    private static readonly ImmutableArray<string> FieldNames = [.. Enum.GetValues<ByteCounter>().Select(Programs.Choices.Word)];

    /// <summary>The counter's word in fields, e.g. <c>app-buffered-write</c>.</summary>
    public static string NameOf(ByteCounter counter) => FieldNames[(int)counter];

    /// <summary>The counters as a record, one field each.</summary>
    public static Value ToValue(ReadOnlySpan<long> counters)
    {
        var fields = ImmutableArray.CreateBuilder<(string, Value)>(counters.Length);
        for (var i = 0; i < counters.Length; i++) fields.Add((FieldNames[i], Value.Of(counters[i])));
        return new RecordValue(fields.MoveToImmutable());
    }

    /// <summary>Reads <c>iostat_info</c>; null where it holds no counters (statistics are off).</summary>
    public static long[]? ReadInfo(IEnumerable<string> lines)
    {
        var counters = new long[Count];
        var any = false;
        var section = "";
        foreach (var raw in lines)
        {
            var line = raw.Trim();
            if (line.StartsWith('['))
            {
                section = line.Trim('[', ']', '\t', ' ').ToLowerInvariant();
                continue;
            }
            var colon = line.IndexOf(':');
            if (colon < 0 || section.Length == 0) continue;
            var words = line[(colon + 1)..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || !long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)) continue;
            any = true;
            if (InfoCounter(section, line[..colon]) is { } counter) Add(counters, counter, number);
        }
        return any ? counters : null;
    }

    private static void Add(long[] counters, ByteCounter counter, long number)
    {
        counters[(int)counter] += number;
        if (ByteCounters.SumOf(counter) is { } sum) counters[(int)sum] += number;
    }

    // On 5.10 the names of the application's counters end without "data".
    private static ByteCounter? InfoCounter(string section, string name) => (section, name) switch
    {
        ("write", "app buffered data" or "app buffered") => ByteCounter.AppBufferedWrite,
        ("write", "app direct data" or "app direct") => ByteCounter.AppDirectWrite,
        ("read", "app buffered data" or "app buffered") => ByteCounter.AppBufferedRead,
        ("read", "app direct data" or "app direct") => ByteCounter.AppDirectRead,
        ("write", "fs data") => ByteCounter.OrdinaryData,
        ("write", "fs gc data") => ByteCounter.CollectedData,
        ("write", "fs cp data") => ByteCounter.CheckpointData,
        ("write", "fs node") => ByteCounter.OrdinaryNode,
        ("write", "fs gc node") => ByteCounter.CollectedNode,
        ("write", "fs cp node") => ByteCounter.CheckpointNode,
        ("write", "fs meta") => ByteCounter.OrdinaryMeta,
        ("write", "fs cp meta") => ByteCounter.CheckpointMeta,
        ("read", "fs gc data") => ByteCounter.CollectedRead,
        ("read", "fs data") => ByteCounter.ReadData,
        ("read", "fs node") => ByteCounter.ReadNode,
        ("read", "fs meta") => ByteCounter.ReadMeta,
        ("other", "fs discard") => ByteCounter.Discard,
        ("write", "app mapped data" or "app mapped") => ByteCounter.MappedWrite,
        ("read", "app mapped data" or "app mapped") => ByteCounter.MappedRead,
        (_, "app buffered cdata" or "app mapped cdata" or "fs cdata") => ByteCounter.Compressed,
        _ => null,
    };

    /// <summary>Reads the text of a <c>f2fs_iostat</c> event; null where it is not of the known form.</summary>
    public static long[]? ReadEvent(ReadOnlySpan<char> text)
    {
        var counters = new long[Count];
        var seenFs = 0;
        var seenApp = 0;
        var section = "";
        var any = false;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] is '[' or '(' && WordBefore(text, at) is { Length: > 0 } opened && opened is "app" or "fs" or "gc" or "cp" or "compr")
            {
                section = opened == "app" ? $"app{++seenApp}" : opened == "fs" ? $"fs{++seenFs}" : opened;
            }
            else if (text[at] == ')' && section == "compr") section = $"app{seenApp}";
            else if (text[at] == '=' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1]))
            {
                var end = at + 1;
                while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
                any = true;
                if (!long.TryParse(text[(at + 1)..end], NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
                var word = WordBefore(text, at);
                if (EventCounter(section, word) is { } counter) Add(counters, counter, number);
            }
        }
        return any ? counters : null;
    }

    private static string WordBefore(ReadOnlySpan<char> text, int at)
    {
        while (at > 0 && text[at - 1] == ' ') at--;
        var begin = at;
        while (begin > 0 && (char.IsAsciiLetter(text[begin - 1]) || text[begin - 1] == '_')) begin--;
        return text[begin..at].ToString();
    }

    private static ByteCounter? EventCounter(string section, string name) => (section, name) switch
    {
        ("app1", "buffered") => ByteCounter.AppBufferedWrite,
        ("app1", "direct") => ByteCounter.AppDirectWrite,
        ("app1", "write") => ByteCounter.AppWrite,
        ("app2", "read") => ByteCounter.AppRead,
        ("app2", "buffered") => ByteCounter.AppBufferedRead,
        ("app2", "direct") => ByteCounter.AppDirectRead,
        ("fs1", "data") => ByteCounter.OrdinaryData,
        ("fs1", "node") => ByteCounter.OrdinaryNode,
        ("fs1", "meta") => ByteCounter.OrdinaryMeta,
        ("gc", "data") => ByteCounter.CollectedData,
        ("gc", "node") => ByteCounter.CollectedNode,
        ("cp", "data") => ByteCounter.CheckpointData,
        ("cp", "node") => ByteCounter.CheckpointNode,
        ("cp", "meta") => ByteCounter.CheckpointMeta,
        ("fs2", "gc_data") => ByteCounter.CollectedRead,
        ("fs1", "discard") => ByteCounter.Discard,
        ("fs2", "data") => ByteCounter.ReadData,
        ("fs2", "node") => ByteCounter.ReadNode,
        ("fs2", "meta") => ByteCounter.ReadMeta,
        ("app1", "mapped") => ByteCounter.MappedWrite,
        ("app2", "mapped") => ByteCounter.MappedRead,
        ("compr", _) or (_, "cdata") => ByteCounter.Compressed,
        _ => null,
    };

    /// <summary>
    /// Reads the text of a <c>f2fs_iostat_latency</c> event into <c>{rd_data={peak=… average=… count=…} …}</c>, times in ms.
    /// </summary>
    public static RecordValue ReadLatency(ReadOnlySpan<char> text)
    {
        var fields = ImmutableArray.CreateBuilder<(string, Value)>();
        Span<Range> parts = stackalloc Range[4];
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '[') continue;
            var length = text[at..].IndexOf(']');
            if (length < 0) break;
            var triple = text.Slice(at + 1, length - 1);
            if (triple.Split(parts, '/') == 3
                && long.TryParse(triple[parts[0]], out var peak) && long.TryParse(triple[parts[1]], out var average) && long.TryParse(triple[parts[2]], out var count))
                fields.Add((WordBefore(text, at), Value.Record(("count", Value.Of(count)), ("peak", Value.Of(peak)), ("average", Value.Of(average)))));
            at += length;
        }
        return new RecordValue(fields.ToImmutable());
    }
}
