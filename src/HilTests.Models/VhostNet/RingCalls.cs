using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using static HilTests.Models.VhostNet.Answers;

namespace HilTests.Models.VhostNet;

/// <summary>Calls about one ring.</summary>
internal static class RingCalls
{
    private const uint LogFlag = 1;

    /// <summary>The branches of the step, or null where it is none of these.</summary>
    public static IEnumerable<Branch<VhostNetState>>? Predict(VhostNetState state, Step step)
    {
        if (IndexOf(step) is not { } index) return null;
        if (!state.IsOpen) return [Failure(state, "EBADF", VhostNetRules.Call)];
        if (!state.Owned) return [Failure(state, "EPERM", VhostNetRules.Owner)];
        if (index is < 0 or > 1) return [Failure(state, "ENOBUFS", VhostNetRules.RingIndex)];
        return [Answer(state, (Ring)index, step)];
    }

    private static int? IndexOf(Step step) => step switch
    {
        SetVringNum s => s.Ring,
        SetVringBase s => s.Ring,
        GetVringBase s => s.Ring,
        SetVringAddr s => s.Ring,
        SetVringKick s => s.Ring,
        SetVringCall s => s.Ring,
        SetVringErr s => s.Ring,
        SetBusyloop s => s.Ring,
        GetBusyloop s => s.Ring,
        _ => null,
    };

    private static Branch<VhostNetState> Answer(VhostNetState state, Ring ring, Step step)
    {
        var one = state[ring];
        return step switch
        {
            SetVringNum { Num: var num } => Answer(state, BusyFault(one).Concat(num is 0 or > 0xffff || (num & (num - 1)) != 0 ? [("EINVAL", VhostNetRules.RingNum)] : []),
                state.With(ring, one with { Num = num }), VhostNetRules.RingNum),
            SetVringBase { Base: var start } => Answer(state, BusyFault(one).Concat(start > 0xffff ? [("EINVAL", VhostNetRules.RingBase)] : []),
                state.With(ring, one with { NextAvail = (ushort)start }), VhostNetRules.RingBase),
            GetVringBase => Success(state, null, new Claim("base", Allowed.Exactly(one.NextAvail), VhostNetRules.RingBase)),
            SetVringAddr address => SetAddress(state, ring, address),
            SetVringKick { File: var file } => SetFile(state, ring, file, one with { KickBound = file == FileChoice.Event }),
            SetVringCall { File: var file } => SetFile(state, ring, file, one with { CallBound = file == FileChoice.Event }),
            SetVringErr { File: var file } => SetFile(state, ring, file, one with { ErrBound = file == FileChoice.Event }),
            SetBusyloop { Microseconds: var time } => Success(Polled(state).With(ring, Polled(state)[ring] with { Busyloop = time }), VhostNetRules.Busyloop),
            GetBusyloop => Success(state, null, new Claim("timeout", Allowed.Exactly(one.Busyloop), VhostNetRules.Busyloop)),
            _ => throw new InvalidOperationException($"the model does not know the ring call {step.GetType().Name}"),
        };
    }

    /// <summary>A device that polled until now may have written its own fields since they were seen, and may not have asked for a kick yet, on either ring.</summary>
    private static VhostNetState Polled(VhostNetState state) => !state.BusyPolls ? state : state with
    {
        Rx = state.Rx with { Stirred = true, WantsKick = false },
        Tx = state.Tx with { Stirred = true, WantsKick = false },
    };

    /// <summary>Where several things are wrong, which one is told is left open.</summary>
    private static Branch<VhostNetState> Answer(VhostNetState state, IEnumerable<(string Errno, Rule Rule)> faults, VhostNetState after, Rule rule) =>
        faults.Any() ? Failures(state, faults) : Success(after, rule);

    private static IEnumerable<(string Errno, Rule Rule)> BusyFault(RingState ring) => ring.Backend is null ? [] : [("EBUSY", VhostNetRules.RingBusy)];

    private static Branch<VhostNetState> SetAddress(VhostNetState state, Ring ring, SetVringAddr step)
    {
        var misaligned = step.Avail.Offset % 2 is > 0 || step.Used.Offset % 4 is > 0 || step.Log % 4 != 0;
        var faults = new List<(string, Rule)>();
        if ((step.Flags & ~LogFlag) != 0) faults.Add(("EOPNOTSUPP", VhostNetRules.RingAddress));
        if (misaligned) faults.Add(("EINVAL", VhostNetRules.RingAddress));
        if (faults.Count > 0) return Failures(state, faults);
        var one = state[ring];
        var logs = (step.Flags & LogFlag) != 0;
        if (one.Backend is not null && logs && one.Log.Base is { Place: LogPlace.Kernel }) return Failure(state, "EINVAL", LogRules.Access);
        var log = one.Log with { UsedRing = logs, Address = step.Log };
        one = Logging.Unsteady(one with { Desc = step.Desc, Avail = step.Avail, Used = step.Used, Log = log });
        return Success(state.With(ring, one), VhostNetRules.RingAddress);
    }

    private static Branch<VhostNetState> SetFile(VhostNetState state, Ring ring, FileChoice file, RingState after) => file switch
    {
        FileChoice.Closed => Failure(state, "EBADF", VhostNetRules.EventFile),
        FileChoice.File => Failure(state, "EINVAL", VhostNetRules.EventFile),
        _ => Success(state.With(ring, after), VhostNetRules.EventFile),
    };
}
