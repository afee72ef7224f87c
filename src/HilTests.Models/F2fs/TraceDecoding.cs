using System.Collections.Immutable;
using HilTests.Core.Devices.F2fs;
using HilTests.Core.Traces;
using HilTests.Core.Values;

namespace HilTests.Models.F2fs;

/// <summary>
/// Makes fields of the kernel's own words, so that claims can name them: <c>records[k].jiffies</c>,
/// <c>records[k].bytes.…</c>, <c>latency[k].CLASS.count|peak|average</c>, <c>totals[k].CLASS</c>, <c>counters.…</c>,
/// <c>discards[i].step|bytes|shortest|first|end</c>, <c>trims[i].step|ranges</c>.
/// </summary>
internal static class TraceDecoding
{
    private const int BlockSectors = FileContent.BlockSize / 512;

    public static Observation Decode(Observation observation)
    {
        var records = new List<(long Jiffies, Value? Bytes)>();
        var latency = new List<RecordValue>();
        var discards = new SortedDictionary<int, Following.TrimSeen>();
        var trims = new SortedDictionary<int, List<(long Start, long Length)>>();
        var step = 0;
        var device = DeviceOf(observation);
        foreach (var text in observation.Lines)
        {
            var line = TraceLines.Read(text);
            // Other file systems of the machine may be at work at the same time.
            if (device != 0 && line.Device != 0 && line.Device != device) continue;
            switch (line.Kind)
            {
                case TraceLineKind.Record:
                    records.Add((-1, IostatText.ReadEvent(TraceLines.TextOf(text)) is { } bytes ? IostatText.ToValue(bytes) : null));
                    break;
                case TraceLineKind.AtRecord when records.Count > 0 && records[^1].Jiffies < 0:
                    records[^1] = (line.Jiffies, records[^1].Bytes);
                    break;
                case TraceLineKind.Latency:
                    latency.Add(IostatText.ReadLatency(TraceLines.TextOf(text)));
                    break;
                case TraceLineKind.StepBegin:
                    step = (int)line.Number;
                    break;
                case TraceLineKind.StepEnd:
                    step = 0;
                    break;
                case TraceLineKind.Discard:
                    discards[step] = (discards.GetValueOrDefault(step) ?? new Following.TrimSeen()).With((long)line.Number, (long)line.Length);
                    break;
                case TraceLineKind.RequestDone when line.Discards:
                    if (!trims.TryGetValue(step, out var ranges)) trims[step] = ranges = [];
                    ranges.Add(((long)line.Sector / BlockSectors, (long)line.Length / BlockSectors));
                    break;
            }
        }
        var decoded = observation with
        {
            Fields = observation.Fields
                .Add(("records", Value.List(records.Select(ToValue))))
                .Add(("latency", Value.List(latency)))
                .Add(("totals", Value.List(Totals(latency))))
                .Add(("discards", Value.List(discards.Select(ToValue))))
                .Add(("trims", Value.List(trims.Select(t => Value.Record(("step", Value.Of(t.Key)), ("ranges", BlockRanges.ToValue(Joined(t.Value)))))))),
        };
        return observation["iostat-info"] is TextValue info ? WithCounters(decoded, info.Content.Split('\n')) : decoded;
    }

    /// <summary>In order, and what touches is one.</summary>
    private static List<(long Start, long Length)> Joined(List<(long Start, long Length)> ranges)
    {
        ranges.Sort();
        var joined = new List<(long Start, long Length)>();
        foreach (var (start, length) in ranges)
        {
            if (joined.Count > 0 && start <= joined[^1].Start + joined[^1].Length) joined[^1] = (joined[^1].Start, Math.Max(joined[^1].Length, start + length - joined[^1].Start));
            else joined.Add((start, length));
        }
        return joined;
    }

    /// <summary>The disk that the trace was read for; 0 where it does not say.</summary>
    private static long DeviceOf(Observation observation) => observation["major"] is NumberValue major && observation["minor"] is NumberValue minor
        ? TraceLine.DeviceOf(major.Number, minor.Number)
        : 0;

    /// <summary>Adds <c>counters</c> from the lines of <c>iostat_info</c>, where they hold any.</summary>
    public static Observation WithCounters(Observation observation, IEnumerable<string> lines) => IostatText.ReadInfo(lines) is { } counters
        ? observation with { Fields = observation.Fields.Add(("counters", IostatText.ToValue(counters))) }
        : observation;

    private static Value ToValue((long Jiffies, Value? Bytes) record)
    {
        var fields = ImmutableArray.CreateBuilder<(string, Value)>();
        fields.Add(("jiffies", Value.Of(record.Jiffies)));
        if (record.Bytes is { } bytes) fields.Add(("bytes", bytes));
        return new RecordValue(fields.ToImmutable());
    }

    private static Value ToValue(KeyValuePair<int, Following.TrimSeen> trim) => Value.Record(
        ("step", Value.Of(trim.Key)), ("bytes", Value.Of(trim.Value.Blocks * FileContent.BlockSize)),
        ("shortest", Value.Of(trim.Value.Shortest)), ("first", Value.Of(trim.Value.First)), ("end", Value.Of(trim.Value.End)));

    private static IEnumerable<Value> Totals(List<RecordValue> latency)
    {
        var sums = new long[IoClasses.Count];
        foreach (var record in latency)
        {
            var fields = ImmutableArray.CreateBuilder<(string, Value)>();
            for (var i = 0; i < sums.Length; i++)
            {
                if (record[IoClasses.Names[i]] is RecordValue of && of["count"] is NumberValue count) sums[i] += count.Number;
                fields.Add((IoClasses.Names[i], Value.Of(sums[i])));
            }
            yield return new RecordValue(fields.ToImmutable());
        }
    }
}
