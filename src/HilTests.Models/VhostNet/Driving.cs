using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Predictions;
using HilTests.Models.Virtqueues;
using static HilTests.Models.VhostNet.Answers;

namespace HilTests.Models.VhostNet;

/// <summary>
/// The step drive: a driver that kicks only where the device asks for it. A device that asked for a kick, or is at work,
/// when the driver begins must use all that is offered: before it goes to sleep it asks for a kick and looks once more.
/// </summary>
internal static class Driving
{
    public static Branch<VhostNetState> Predict(VhostNetState state, Drive step)
    {
        var one = state[step.Ring];
        if (Unsure(state, step) is { } why) return CannotSay(state, why);
        var now = state;
        for (var i = 0; i < step.Count; i += step.Window)
        {
            var count = Math.Min(step.Window, step.Count - i);
            now = Woken(DriverSteps.Put(now, step.Ring, Enumerable.Range(i, count).Select(step.Head)), step, count);
            var rested = Progress.Of(now, step.Ring, finish: true, out var trouble);
            if (trouble is not null) return CannotSay(state, trouble);
            if (rested.Count != 1) return CannotSay(state, "what the device does with such a drive is not known");
            now = rested[0];
        }
        if (now[step.Ring].Fresh.Count - one.Fresh.Count != step.Count || now[step.Ring].NextAvail != now.Published(step.Ring))
            return CannotSay(state, "a drive whose buffers cannot all be used is not modelled");
        return new(Claims(state, step), _ => After(now, step));
    }

    /// <summary>Why it cannot be said that everything will be taken; null where it can.</summary>
    private static string? Unsure(VhostNetState state, Drive step)
    {
        var one = state[step.Ring];
        if (one.Backend is null || !one.KickBound) return "a drive without a back end, or without a kick, is not modelled";
        if (step.Wait == Waiting.Call && !one.CallBound) return "a driver that waits for signals needs a call eventfd";
        if ((step.Suppress == Suppression.EventIdx) != state.Has(Feature.EventIndex) && step.Suppress != Suppression.None)
            return "a driver that looks at the wrong one of flags and avail_event is not modelled";
        if (one.Driver is not { } driver || one.Avail.Offset != driver.Avail || one.Used.Offset != driver.Used || one.Num != driver.Num || step.Window > driver.Num)
            return "driver and device see the ring in different places";
        if (one.NextAvail != state.Published(step.Ring)) return "a drive with buffers outstanding is not modelled; let the device settle first";
        if (one.WantsKick || step.Suppress == Suppression.None) return null;
        var last = step.Ring == Ring.Tx
            ? TxPass.Run(state, Manner.Sending[0], one.MustUpTo, passes: 1).End == PassEnd.Drained
            : RxPass.Run(state, Manner.Receiving[0], one.MustUpTo, one.MustFrames, passes: 1).End is PassEnd.Starved;
        return one.Must && last ? null : "whether the device asks for kicks is not known here; kick it and let it settle before a drive";
    }

    /// <summary>Woken by kicks for the last so many buffers, each of which was published by itself.</summary>
    private static VhostNetState Woken(VhostNetState state, Drive step, int offered)
    {
        var one = state[step.Ring];
        var published = state.Published(step.Ring);
        return state.With(step.Ring, one with
        {
            Must = true,
            Wakes = one.Wakes + 1,
            MustUpTo = published,
            MustFrames = step.Ring == Ring.Rx ? state.Backends[one.Backend!].Queue.Count : 0,
            // The driver itself changes what it wants to hear of, all the time.
            CallsUncertain = one.CallsUncertain || step.Wait == Waiting.Call,
        });
    }

    private static ImmutableArray<Claim> Claims(VhostNetState state, Drive step)
    {
        var least = step.Suppress == Suppression.None ? step.Count : state[step.Ring].WantsKick && !state.BusyPolls ? 1 : 0;
        var claims = new List<Claim>
        {
            new("done", Allowed.Exactly(step.Count), VirtqueueRules.KickWindow),
            new("kicks", Allowed.Between(least, step.Count), VirtqueueRules.KickWanted),
        };
        if (step.Wait == Waiting.Call) claims.Add(new("missed", Allowed.Exactly(0), VirtqueueRules.CallMissing));
        return [.. claims];
    }

    /// <summary>The last wake-up may still be at work; and the driver leaves what it wants to hear of as it last wrote it.</summary>
    private static VhostNetState After(VhostNetState state, Drive step)
    {
        var one = state[step.Ring];
        var after = Woken(state, step, 0);
        if (step.Wait != Waiting.Call) return after;
        var avail = (int)one.Avail.Offset!.Value;
        var memory = step.Suppress == Suppression.EventIdx
            ? after.Memory.Write16(SplitRing.UsedEvent(avail, (int)one.Num), one.UsedIndex)
            : after.Memory.Write16(avail, 0);
        return after with { Memory = memory };
    }
}
