using HilTests.Core.Programs;
using HilTests.Core.Values;
using static HilTests.Core.Devices.VhostNet.VhostNetVocabulary;

namespace HilTests.Core.Devices.VhostNet;

/// <summary>Steps about whole ranges of descriptors, buffers and frames, and the driver at work.</summary>
internal static class RingVocabulary
{
    private const int MostEntries = 65537;
    private const int MostDriven = 32768;
    private const int MostSpin = 1 << 20;

    public static IEnumerable<StepSyntax> Steps() =>
    [
        StepSyntax.For("descs", "writes descriptors in a row, each for itself or chained",
            a => new WriteDescs(Offset(a, "table"), a.Int("first", 0, MostEntries), a.Int("count", 1, MostEntries), a.ULong("addr"), a.Int("stride", 0, missing: 0), a.UInt("len"), ReadFlags(a), a.Flag("chain")),
            s => [("table", Hex(s.Table)), ("first", Value.Of(s.First)), ("count", Value.Of(s.Count)), ("addr", Value.Hex(s.Addr)), ("stride", NonZero(s.Stride)), ("len", Value.Of(s.Len)), ("flags", WriteFlags(s.Flags)), ("chain", Yes(s.Chain))]),
        StepSyntax.For("frames", "writes frames in a row, made of seed, seed + 1 and so on",
            a => new WriteFrames(Offset(a, "at"), a.Int("count", 1, MostEntries), a.Int("stride", 0), a.Int("len", 0, LargestFrame), a.ULong("seed")),
            s => [("at", Hex(s.At)), ("count", Value.Of(s.Count)), ("stride", Value.Of(s.Stride)), ("len", Value.Of(s.Length)), ("seed", Value.Of((long)s.Seed))]),
        StepSyntax.For("read-frames", "reads stretches of memory in a row",
            a => new ReadFrames(Offset(a, "at"), a.Int("count", 1, MostEntries), a.Int("stride", 0), a.Int("len", 0, LargestFrame)),
            s => [("at", Hex(s.At)), ("count", Value.Of(s.Count)), ("stride", Value.Of(s.Stride)), ("len", Value.Of(s.Length))]),
        StepSyntax.For("offer-range", "puts heads in a row into the avail ring and publishes the index once",
            a => new OfferRange(a.Choice<Ring>("ring"), a.Int("first", 0, 65535), a.Int("count", 1, 65535), a.Int("stride", 0, 65535, 1)),
            s => [("ring", Choices.Of(s.Ring)), ("first", Value.Of(s.First)), ("count", Value.Of(s.Count)), ("stride", s.Stride == 1 ? null : Value.Of(s.Stride))]),
        StepSyntax.For("send-range", "sends frames from the back end's far side towards the device",
            a => new SendRange(ReadName(a, "backend"), a.Int("count", 1, MostDriven), a.Int("len", FrameContent.EthernetHeader, LargestFrame), a.ULong("seed"), a.Int("grow", 0, LargestFrame, 0)),
            s => [("backend", Value.Symbol(s.Backend)), ("count", Value.Of(s.Count)), ("len", Value.Of(s.Length)), ("seed", Value.Of((long)s.Seed)), ("grow", NonZero(s.Grow))]),
        StepSyntax.For("drive", "a driver at work: offers buffers one by one, kicks where it is asked to, waits for used ones", ReadDrive, WriteDrive),
    ];

    private static Drive ReadDrive(StepArguments a) => new(
        a.Choice<Ring>("ring"), a.Int("first", 0, 32767), a.Int("cycle", 1, MostDriven), a.Int("count", 1, MostDriven), a.Int("window", 1, MostDriven),
        a.Choice<Suppression>("suppress"), a.Choice("wait", (Waiting?)Waiting.Poll), a.Int("spin", 0, MostSpin, 0), a.ULong("seed", 0), a.Int("stride", 1, 32767, 1), a.Flag("hunt"));

    private static IEnumerable<(string Name, Value? Value)> WriteDrive(Drive s) =>
    [
        ("ring", Choices.Of(s.Ring)), ("first", Value.Of(s.First)), ("cycle", Value.Of(s.Cycle)), ("count", Value.Of(s.Count)), ("window", Value.Of(s.Window)),
        ("suppress", Choices.Of(s.Suppress)), ("wait", s.Wait == Waiting.Poll ? null : Choices.Of(s.Wait)), ("spin", NonZero(s.Spin)),
        ("seed", NonZero((long)s.Seed)), ("stride", s.Stride == 1 ? null : Value.Of(s.Stride)), ("hunt", Yes(s.Hunt)),
    ];

    private static Value? Yes(bool flag) => flag ? Value.Symbol("yes") : null;
}
