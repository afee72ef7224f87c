using HilTests.Core.Devices.VhostNet.Traffic;
using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.Core.Devices.VhostNet;

/// <summary>The steps of vhost-net programs and their text forms.</summary>
public static class VhostNetVocabulary
{
    /// <summary>The largest frame a tap passes on, in bytes.</summary>
    internal const int LargestFrame = 65535;

    public static DeviceVocabulary Instance { get; } =
        new("vhost-net", Steps());

    /// <summary>The steps of every device that is driven as vhost-net is.</summary>
    internal static IReadOnlyList<StepSyntax> Steps() =>
        [.. ControlSteps(), .. LinkVocabulary.Steps(), .. RingCalls(), .. DriverSteps(), .. RingVocabulary.Steps(), .. LogVocabulary.Steps, .. OddCallVocabulary.Steps, .. IotlbVocabulary.Steps, .. TrafficVocabulary.Steps];

    private static IEnumerable<StepSyntax> ControlSteps() =>
    [
        StepSyntax.For<Open>("open", "opens /dev/vhost-net"),
        StepSyntax.For<Close>("close", "closes the device"),
        StepSyntax.For<SetOwner>("set-owner", "VHOST_SET_OWNER"),
        StepSyntax.For<ResetOwner>("reset-owner", "VHOST_RESET_OWNER"),
        StepSyntax.For<GetFeatures>("get-features", "VHOST_GET_FEATURES"),
        StepSyntax.For("set-features", "VHOST_SET_FEATURES",
            a => new SetFeatures(a.ULong("mask")), s => [("mask", Value.Hex(s.Features))]),
        StepSyntax.For("get-features-array", "VHOST_GET_FEATURES_ARRAY with room for so many words",
            a => new GetFeaturesArray((byte)a.Int("words", 0, 255)), s => [("words", Value.Of(s.Words))]),
        StepSyntax.For("set-features-array", "VHOST_SET_FEATURES_ARRAY; words of 64 bits, the lowest first",
            a => new SetFeaturesArray([.. a.List("words").Select(ReadWord)]), s => [("words", Value.List(s.Words.Select(w => Value.Hex(w))))]),
        StepSyntax.For<GetForkOwner>("get-fork-owner", "VHOST_GET_FORK_FROM_OWNER"),
        StepSyntax.For("set-fork-owner", "VHOST_SET_FORK_FROM_OWNER: 1 a task of the owner, 0 a kernel thread",
            a => new SetForkOwner((byte)a.Int("mode", 0, 255)), s => [("mode", Value.Of(s.Mode))]),
        StepSyntax.For<GetBackendFeatures>("get-backend-features", "VHOST_GET_BACKEND_FEATURES"),
        StepSyntax.For("set-backend-features", "VHOST_SET_BACKEND_FEATURES",
            a => new SetBackendFeatures(a.ULong("mask")), s => [("mask", Value.Hex(s.Features))]),
        StepSyntax.For("set-mem-table", "VHOST_SET_MEM_TABLE; count= and padding= override what the regions say",
            a => new SetMemTable([.. a.List("regions").Select(ReadRegion)], (int?)Optional(a, "count"), a.Int("padding", missing: 0)),
            s => [("regions", Value.List(s.Regions.Select(WriteRegion))), ("count", s.Count is { } c ? Value.Of(c) : null), ("padding", NonZero(s.Padding))]),
        StepSyntax.For("set-backend", "VHOST_NET_SET_BACKEND; backend=none detaches",
            a => new SetBackend(a.Int("ring"), ReadName(a, "backend")),
            s => [("ring", Value.Of(s.Ring)), ("backend", Value.Symbol(s.Backend))]),
        StepSyntax.For<UnknownIoctl>("unknown-ioctl", "an ioctl number that vhost does not define"),
    ];

    private static IEnumerable<StepSyntax> RingCalls() =>
    [
        RingNumber("set-vring-num", "VHOST_SET_VRING_NUM", "num", (ring, n) => new SetVringNum(ring, n), s => (s.Ring, s.Num)),
        RingNumber("set-vring-base", "VHOST_SET_VRING_BASE", "base", (ring, n) => new SetVringBase(ring, n), s => (s.Ring, s.Base)),
        RingOnly("get-vring-base", "VHOST_GET_VRING_BASE", ring => new GetVringBase(ring), s => s.Ring),
        StepSyntax.For("set-vring-addr", "VHOST_SET_VRING_ADDR; arena offsets, or unmapped",
            a => new SetVringAddr(a.Int("ring"), ReadAddress(a, "desc"), ReadAddress(a, "avail"), ReadAddress(a, "used"), a.UInt("flags", 0), a.ULong("log", 0)),
            s => [("ring", Value.Of(s.Ring)), ("desc", s.Desc.ToValue()), ("avail", s.Avail.ToValue()), ("used", s.Used.ToValue()), ("flags", NonZero(s.Flags)), ("log", s.Log == 0 ? null : Value.Hex(s.Log))]),
        RingFile("set-vring-kick", "VHOST_SET_VRING_KICK", (ring, file) => new SetVringKick(ring, file), s => (s.Ring, s.File)),
        RingFile("set-vring-call", "VHOST_SET_VRING_CALL", (ring, file) => new SetVringCall(ring, file), s => (s.Ring, s.File)),
        RingFile("set-vring-err", "VHOST_SET_VRING_ERR", (ring, file) => new SetVringErr(ring, file), s => (s.Ring, s.File)),
        RingNumber("set-busyloop", "VHOST_SET_VRING_BUSYLOOP_TIMEOUT, microseconds", "us", (ring, n) => new SetBusyloop(ring, n), s => (s.Ring, s.Microseconds)),
        RingOnly("get-busyloop", "VHOST_GET_VRING_BUSYLOOP_TIMEOUT", ring => new GetBusyloop(ring), s => s.Ring),
    ];

    private static IEnumerable<StepSyntax> DriverSteps() =>
    [
        StepSyntax.For("driver-ring", "where the driver's own ring lies; start= is its first avail index",
            a => new DriverRing(a.Choice<Ring>("ring"), a.Int("num", 1, 32768), Offset(a, "desc"), Offset(a, "avail"), Offset(a, "used"), a.Int("start", 0, 65535, 0)),
            s => [("ring", Choices.Of(s.Ring)), ("num", Value.Of(s.Num)), ("desc", Hex(s.Desc)), ("avail", Hex(s.Avail)), ("used", Hex(s.Used)), ("start", NonZero(s.Start))]),
        StepSyntax.For("desc", "writes one descriptor of the table at an arena offset",
            a => new WriteDesc(Offset(a, "table"), a.Int("index", 0), a.ULong("addr"), a.UInt("len"), ReadFlags(a), a.Int("next", 0, 65535, 0)),
            s => [("table", Hex(s.Table)), ("index", Value.Of(s.Index)), ("addr", Value.Hex(s.Addr)), ("len", Value.Of(s.Len)), ("flags", WriteFlags(s.Flags)), ("next", NonZero(s.Next))]),
        StepSyntax.For("frame", "writes an Ethernet frame made of the seed",
            a => new WriteFrame(Offset(a, "at"), a.Int("len", 0), a.ULong("seed")),
            s => [("at", Hex(s.At)), ("len", Value.Of(s.Length)), ("seed", Value.Of((long)s.Seed))]),
        StepSyntax.For("bytes", "writes bytes",
            a => new WriteBytes(Offset(a, "at"), a.Required("data") is BytesValue b ? b.Content : throw StepArguments.Wrong("data must be bytes: h'…'")),
            s => [("at", Hex(s.At)), ("data", new BytesValue(s.Content))]),
        StepSyntax.For("fill", "fills a stretch with one byte",
            a => new Fill(Offset(a, "at"), a.Int("len", 0), (byte)a.Int("byte", 0, 255)),
            s => [("at", Hex(s.At)), ("len", Value.Of(s.Length)), ("byte", Value.Of(s.Byte))]),
        StepSyntax.For("read", "reads a stretch of memory",
            a => new Read(Offset(a, "at"), a.Int("len", 0)), s => [("at", Hex(s.At)), ("len", Value.Of(s.Length))]),
        StepSyntax.For("read-header", "reads a virtio-net header of 10 or 12 bytes",
            a => new ReadHeader(Offset(a, "at"), a.Int("len", 10, 12)), s => [("at", Hex(s.At)), ("len", Value.Of(s.Length))]),
        StepSyntax.For("offer", "puts heads into the avail ring and publishes the index once",
            a => new Offer(a.Choice<Ring>("ring"), [.. a.List("heads").Select(ReadHead)]),
            s => [("ring", Choices.Of(s.Ring)), ("heads", Value.List(s.Heads.Select(h => Value.Of(h))))]),
        StepSyntax.For("publish-index", "publishes an avail index as it is",
            a => new PublishIndex(a.Choice<Ring>("ring"), a.Int("index", 0, 65535)), s => [("ring", Choices.Of(s.Ring)), ("index", Value.Of(s.Index))]),
        StepSyntax.For("avail-flags", "writes avail.flags; 1 asks for no interrupts",
            a => new AvailFlags(a.Choice<Ring>("ring"), a.Int("flags", 0, 65535)), s => [("ring", Choices.Of(s.Ring)), ("flags", Value.Of(s.Flags))]),
        StepSyntax.For("used-event", "writes used_event",
            a => new UsedEvent(a.Choice<Ring>("ring"), a.Int("index", 0, 65535)), s => [("ring", Choices.Of(s.Ring)), ("index", Value.Of(s.Index))]),
        StepSyntax.For("kick", "writes to the ring's kick eventfd",
            a => new Kick(a.Choice<Ring>("ring")), s => [("ring", Choices.Of(s.Ring))]),
        StepSyntax.For("send", "sends a frame from the back end's far side towards the device",
            a => new Send(ReadName(a, "backend"), a.Int("len", 14, LargestFrame), a.ULong("seed")),
            s => [("backend", Value.Symbol(s.Backend)), ("len", Value.Of(s.Length)), ("seed", Value.Of((long)s.Seed))]),
        StepSyntax.For<Settle>("settle", "waits until the device is quiet and records what became visible"),
    ];

    private static StepSyntax RingNumber<T>(string name, string summary, string argument, Func<int, uint, T> make, Func<T, (int Ring, uint Number)> take)
        where T : Step => StepSyntax.For(name, summary,
            a => make(a.Int("ring"), a.UInt(argument)),
            s => [("ring", Value.Of(take(s).Ring)), (argument, Value.Of(take(s).Number))]);

    private static StepSyntax RingFile<T>(string name, string summary, Func<int, FileChoice, T> make, Func<T, (int Ring, FileChoice File)> take)
        where T : Step => StepSyntax.For(name, summary,
            a => make(a.Int("ring"), a.Choice<FileChoice>("fd")),
            s => [("ring", Value.Of(take(s).Ring)), ("fd", Choices.Of(take(s).File))]);

    private static StepSyntax RingOnly<T>(string name, string summary, Func<int, T> make, Func<T, int> take)
        where T : Step => StepSyntax.For(name, summary, a => make(a.Int("ring")), s => [("ring", Value.Of(take(s)))]);

    internal static long Offset(StepArguments a, string name) => a.Number(name, 0);

    private static long? Optional(StepArguments a, string name) => a.Optional(name) is null ? null : a.Number(name, 0, int.MaxValue);

    internal static Value Hex(long offset) => Value.Hex((ulong)offset);

    internal static Value? NonZero(long number) => number == 0 ? null : Value.Of(number);

    /// <summary>A back end's name: it is printed as a word, so it must be one.</summary>
    internal static string ReadName(StepArguments a, string argument) => a.Required(argument) is SymbolValue name
        ? name.Word
        : throw StepArguments.Wrong($"{argument} must be a word without quotes");

    private static int ReadHead(Value value) => value is NumberValue { Number: >= 0 and <= 65535 } head
        ? (int)head.Number
        : throw StepArguments.Wrong($"a head is a number from 0 to 65535, not {value}");

    private static ulong ReadWord(Value value) => value is NumberValue word
        ? (ulong)word.Number
        : throw StepArguments.Wrong($"a word of features is a number, not {value}");

    private static UserAddress ReadAddress(StepArguments a, string name) =>
        a.Required(name) is SymbolValue { Word: "unmapped" } ? new UserAddress(null) : new UserAddress(Offset(a, name));

    private static MemoryRegion ReadRegion(Value value) =>
        value is RecordValue { Fields.Length: 3 } region
        && region["guest"] is NumberValue guest && region["size"] is NumberValue size && region["at"] is NumberValue at
            ? new MemoryRegion((ulong)guest.Number, (ulong)size.Number, at.Number)
            : throw StepArguments.Wrong($"a region is {{guest=… size=… at=…}}, not {value}");

    private static Value WriteRegion(MemoryRegion region) => Value.Record(
        ("guest", Value.Hex(region.Guest)), ("size", Value.Hex(region.Size)), ("at", Hex(region.At)));

    internal static DescriptorFlags ReadFlags(StepArguments a)
    {
        var flags = DescriptorFlags.None;
        foreach (var item in a.List("flags"))
        {
            flags |= item is SymbolValue symbol && Choices.TryParse<DescriptorFlags>(symbol.Word, out var flag)
                ? flag
                : throw StepArguments.Wrong($"flags are next, write, indirect, not {item}");
        }
        return flags;
    }

    internal static Value? WriteFlags(DescriptorFlags flags) => flags == DescriptorFlags.None
        ? null
        : Value.List(Enum.GetValues<DescriptorFlags>().Where(f => f != DescriptorFlags.None && flags.HasFlag(f)).Select(f => Choices.Of(f)));
}
