using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.Core.Devices.VhostNet;

/// <summary>The steps about calls with wrong arguments, and calls that do not exist.</summary>
internal static class OddCallVocabulary
{
    public static IEnumerable<StepSyntax> Steps { get; } =
    [
        StepSyntax.For("bad-argument", "a call whose argument cannot be read or written",
            a => new BadArgument(a.Choice<VhostCall>("call"), a.Choice<BadPointer>("at")),
            s => [("call", Choices.Of(s.Call)), ("at", Choices.Of(s.At))]),
        StepSyntax.For("raw-ioctl", "an ioctl by its number; its argument points to the arena's start",
            a => new RawIoctl(a.UInt("request")), s => [("request", Value.Hex(s.Request))]),
        StepSyntax.For("set-vring-endian", "VHOST_SET_VRING_ENDIAN",
            a => new SetVringEndian(a.Int("ring"), a.UInt("endian")), s => [("ring", Value.Of(s.Ring)), ("endian", Value.Of(s.Endian))]),
        StepSyntax.For("get-vring-endian", "VHOST_GET_VRING_ENDIAN",
            a => new GetVringEndian(a.Int("ring")), s => [("ring", Value.Of(s.Ring))]),
    ];
}
