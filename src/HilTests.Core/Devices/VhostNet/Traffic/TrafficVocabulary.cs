using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.Core.Devices.VhostNet.Traffic;

/// <summary>The text form of the step of sustained traffic.</summary>
internal static class TrafficVocabulary
{
    private const int MostFrames = 10_000_000;
    private const int LargestFrame = 65535;

    /// <summary>Half of a tap's queue, so that nothing is lost there.</summary>
    private const int WidestWindow = 512;

    public static IEnumerable<StepSyntax> Steps =>
    [
        StepSyntax.For("traffic", "sends and receives many frames as a real driver does, checks each byte, measures",
            a => new RunTraffic(ReadName(a), a.ULong("seed"), a.ULong("guest"), a.Int("header", 10, 12), a.Flag("event-idx"), a.Flag("merge"), ReadLane(a, "tx"), ReadLane(a, "rx")),
            s => [("backend", Value.Symbol(s.Backend)), ("seed", Value.Of((long)s.Seed)), ("guest", Value.Hex(s.Guest)), ("header", Value.Of(s.Header)),
                ("event-idx", Yes(s.EventIndex)), ("merge", Yes(s.Merge)), ("tx", WriteLane(s.Tx)), ("rx", WriteLane(s.Rx))]),
    ];

    private static string ReadName(StepArguments a) => a.Required("backend") is SymbolValue name
        ? name.Word
        : throw StepArguments.Wrong("backend must be a word without quotes");

    private static TrafficLane? ReadLane(StepArguments a, string name)
    {
        if (a.Optional(name) is not { } given) return null;
        if (given is not RecordValue record) throw StepArguments.Wrong($"{name} is {{frames=… from=… to=… window=… buffers=… bytes=… at=… [shape=…]}}, not {given}");
        foreach (var (field, _) in record.Fields)
            if (field is not ("frames" or "from" or "to" or "window" or "buffers" or "bytes" or "at" or "shape")) throw StepArguments.Wrong($"{name} has no '{field}'");
        return new TrafficLane(
            Number(record, "frames", 1, MostFrames), Number(record, "from", FrameContent.EthernetHeader + 1, LargestFrame), Number(record, "to", FrameContent.EthernetHeader + 1, LargestFrame),
            Number(record, "window", 1, WidestWindow), Number(record, "buffers", 1, 32768), Number(record, "bytes", 1, VhostNetArena.Size),
            Number(record, "at", 0, VhostNetArena.Size), Shape(record));
    }

    private static int Number(RecordValue record, string field, int lowest, int highest) =>
        record[field] is NumberValue { Number: var number } && number >= lowest && number <= highest
            ? (int)number
            : throw StepArguments.Wrong($"{field} must be a number in {lowest}..{highest}, not {record[field]?.ToString() ?? "missing"}");

    private static ChainShape Shape(RecordValue record) => record["shape"] switch
    {
        null => ChainShape.Direct,
        SymbolValue word when Choices.TryParse<ChainShape>(word.Word, out var shape) => shape,
        var other => throw StepArguments.Wrong($"shape must be one of {string.Join(", ", Choices.Words<ChainShape>())}, not {other}"),
    };

    private static Value? Yes(bool flag) => flag ? Value.Symbol("yes") : null;

    private static Value? WriteLane(TrafficLane? lane) => lane is null ? null : Value.Record(
        ("frames", Value.Of(lane.Frames)), ("from", Value.Of(lane.Smallest)), ("to", Value.Of(lane.Largest)), ("window", Value.Of(lane.Window)),
        ("buffers", Value.Of(lane.Buffers)), ("bytes", Value.Of(lane.BufferBytes)), ("at", Value.Hex((ulong)lane.At)), ("shape", Choices.Of(lane.Shape)));
}
