using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using static HilTests.Models.VhostNet.Answers;

namespace HilTests.Models.VhostNet;

/// <summary>Calls with arguments that cannot be read, calls by number, and the byte order of a ring.</summary>
internal static class OddCalls
{
    private const uint Magic = 0xaf00;

    /// <summary>Numbers of requests that vhost-net has in some kernel or other, direction and size included.</summary>
    private static readonly HashSet<uint> Known =
    [
        0x8008af00, 0x4008af00, 0xaf01, 0xaf02, 0x4008af03, 0x4008af04, 0x4004af07, 0x4008af10, 0x4028af11, 0x4008af12, 0xc008af12,
        0x4008af13, 0x4008af14, 0x4008af20, 0x4008af21, 0x4008af22, 0x4008af23, 0x4008af24, 0x4008af25, 0x8008af26, 0x4008af30,
        0x8008af83, 0x4008af83, 0x4001af84, 0x8001af85,
    ];

    /// <summary>The branches of the step, or null where it is none of these.</summary>
    public static IEnumerable<Branch<VhostNetState>>? Predict(VhostNetState state, Step step) => step switch
    {
        BadArgument or RawIoctl or SetVringEndian or GetVringEndian when !state.IsOpen => [Failure(state, "EBADF", VhostNetRules.Call)],
        BadArgument bad => [Refuse(state, bad)],
        RawIoctl or SetVringEndian or GetVringEndian when !state.Owned => [Failure(state, "EPERM", VhostNetRules.Owner)],
        RawIoctl => [ControlPlane.Unknown(state)],
        SetVringEndian { Ring: not (0 or 1) } or GetVringEndian { Ring: not (0 or 1) } => [Failure(state, "ENOBUFS", VhostNetRules.RingIndex)],
        SetVringEndian or GetVringEndian => [Failure(state, "ENOTTY", OddCallRules.Endian)],
        _ => null,
    };

    /// <summary>What of the step the model does not know; null where nothing.</summary>
    public static string? Unmodelled(Step step) => step switch
    {
        RawIoctl { Request: var request } when Known.Contains(request) || (request & 0xff00) != Magic =>
            "a request that has a step of its own, or is none of vhost's, is not modelled as a number",
        BadArgument { At: BadPointer.CutRegions, Call: not VhostCall.SetMemTable } => "eight bytes are all that this call reads",
        BadArgument { At: BadPointer.Cut, Call: VhostCall.SetLogFd } => "four bytes are all that this call reads",
        _ => null,
    };

    /// <summary>Features and back ends are copied in before anybody asks who owns the device; size and base ask for a back end first.</summary>
    private static Branch<VhostNetState> Refuse(VhostNetState state, BadArgument step)
    {
        var early = step.Call is VhostCall.GetFeatures or VhostCall.SetFeatures or VhostCall.GetBackendFeatures or VhostCall.SetBackendFeatures or VhostCall.SetBackend;
        if (!state.Owned && !early) return Failure(state, "EPERM", VhostNetRules.Owner);
        if (step is { At: BadPointer.Cut, Call: VhostCall.SetVringNum or VhostCall.SetVringBase } && state.Rx.Backend is not null)
            return Failures(state, [("EBUSY", VhostNetRules.RingBusy), ("EFAULT", OddCallRules.Pointer)]);
        if (!state.Owned && step.Call == VhostCall.SetBackend) return Failures(state, [("EFAULT", OddCallRules.Pointer), ("EPERM", VhostNetRules.Owner)]);
        return Failure(state, "EFAULT", OddCallRules.Pointer);
    }
}
