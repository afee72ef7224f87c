using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.Core.Devices.VhostNet;

/// <summary>The steps about the device IOTLB and their text forms.</summary>
internal static class IotlbVocabulary
{
    private const int MessageBytes = 72;

    public static IEnumerable<StepSyntax> Steps { get; } =
    [
        StepSyntax.For("iotlb", "writes one IOTLB message",
            a => new IotlbMessage(a.Choice<IotlbKind>("kind"), a.ULong("iova", 0), a.ULong("size", 0), a.Number("at", 0, missing: 0),
                a.Choice<IotlbAccess>("access", IotlbAccess.Rw), a.Int("version", missing: 2), a.Int("bytes", 0, MessageBytes, MessageBytes), a.Flag("kernel")),
            s => [("kind", Choices.Of(s.Kind)), ("iova", Hex(s.Iova)), ("size", Hex(s.Size)), ("at", Hex((ulong)s.Offset)),
                ("access", s.Access == IotlbAccess.Rw ? null : Choices.Of(s.Access)), ("version", s.Version == 2 ? null : Value.Of(s.Version)),
                ("bytes", s.Bytes == MessageBytes ? null : Value.Of(s.Bytes)), ("kernel", s.Kernel ? Value.Symbol("yes") : null)]),
        StepSyntax.For<ReadIotlb>("read-iotlb", "reads all IOTLB messages of the device"),
        StepSyntax.For("set-vring-iova", "VHOST_SET_VRING_ADDR with addresses as they are",
            a => new SetVringIova(a.Int("ring"), a.ULong("desc"), a.ULong("avail"), a.ULong("used"), a.Flag("log")),
            s => [("ring", Value.Of(s.Ring)), ("desc", Value.Hex(s.Desc)), ("avail", Value.Hex(s.Avail)), ("used", Value.Hex(s.Used)), ("log", s.Log ? Value.Symbol("yes") : null)]),
    ];

    private static Value? Hex(ulong number) => number == 0 ? null : Value.Hex(number);
}
