using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Devices.VhostNet.Traffic;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Core.Values;
using HilTests.Models.Virtqueues;
using static HilTests.Models.VhostNet.Answers;

namespace HilTests.Models.VhostNet;

/// <summary>
/// Sustained traffic. The windows are so small that nothing on the way can overflow, so on a synchronous link every
/// frame must arrive, once, whole, in order, and every head must come back. What is measured beside that is never judged.
/// </summary>
internal static class TrafficSteps
{
    /// <summary>The branches of the step, or null where it is another.</summary>
    public static IEnumerable<Branch<VhostNetState>>? Predict(VhostNetState state, Step step) =>
        step is RunTraffic traffic ? [Unjudged(state, traffic) is { } why ? CannotSay(state, why) : Predict(state, traffic)] : null;

    private static Branch<VhostNetState> Predict(VhostNetState state, RunTraffic step)
    {
        var claims = ImmutableArray.CreateBuilder<Claim>();
        var after = state;
        foreach (var ring in (Ring[])[Ring.Rx, Ring.Tx])
        {
            if (step[ring] is null) continue;
            after = After(after, step, ring);
            AddClaims(claims, state, after, step, ring);
        }
        claims.Add(new Claim("stuck", Allowed.Exactly("no"), TrafficRules.Progress));
        return new Branch<VhostNetState>(claims.ToImmutable(), observation => Remember(Remember(after, step, Ring.Rx, observation), step, Ring.Tx, observation));
    }

    private static string Name(Ring ring) => ring == Ring.Rx ? "rx" : "tx";

    private static void AddClaims(ImmutableArray<Claim>.Builder claims, VhostNetState before, VhostNetState after, RunTraffic step, Ring ring)
    {
        var heads = step.BuffersOf(ring);
        var (content, used) = ring == Ring.Tx ? (VhostNetRules.TxWire, VhostNetRules.TxUsed) : (VhostNetRules.RxContent, VhostNetRules.RxUsed);
        void Exactly(string field, long value, Rule rule) => claims.Add(new Claim($"{Name(ring)}.{field}", Allowed.Exactly(value), rule));
        Exactly("missed-signals", 0, VirtqueueRules.CallMissing);
        Exactly("errs", 0, VhostNetRules.Complaint);
        Exactly("wrong-heads", 0, used);
        Exactly("wrong-lengths", 0, used);
        if (ring == Ring.Rx)
        {
            Exactly("wrong-headers", 0, step.Merge ? VhostNetRules.RxNumBuffers : VhostNetRules.RxHeader);
            Exactly("torn", 0, TrafficRules.Together);
        }
        foreach (var wrong in (string[])["corrupt", "repeated", "reordered", "lost"]) Exactly(wrong, 0, content);
        Exactly("frames", step[ring]!.Frames, content);
        Exactly("used", heads, used);
        Exactly("idx", after[ring].UsedIndex, VirtqueueRules.UsedIndex);
        claims.Add(new Claim($"{Name(ring)}.signals", Allowed.Between(0, heads), VirtqueueRules.CallBound));
        AddOwnFields(claims, before, after, step, ring);
    }

    /// <summary>What the device wrote for the driver: after the last frame it asks for a kick on TX; on RX any index may stand there.</summary>
    private static void AddOwnFields(ImmutableArray<Claim>.Builder claims, VhostNetState before, VhostNetState after, RunTraffic step, Ring ring)
    {
        var asks = ring == Ring.Tx && !before.BusyPolls;
        claims.Add(new Claim($"{Name(ring)}.flags", asks && !step.EventIndex ? Allowed.Exactly(0) : Allowed.Between(0, SplitRing.NoNotify),
            asks && !step.EventIndex ? VirtqueueRules.KickWanted : VirtqueueRules.OwnFlags));
        if (asks && step.EventIndex)
            claims.Add(new Claim($"{Name(ring)}.avail-event", Allowed.Exactly(after.Published(ring)), VirtqueueRules.KickWanted));
        else
            claims.Add(new Claim($"{Name(ring)}.avail-event", Allowed.Between(0, ushort.MaxValue), VirtqueueRules.OwnEvent));
    }

    /// <summary>The ring is empty, its index has moved on, and the driver has cleared what it used.</summary>
    private static VhostNetState After(VhostNetState state, RunTraffic step, Ring ring)
    {
        var (one, lane, heads) = (state[ring], step[ring]!, step.BuffersOf(ring));
        var driver = one.Driver!;
        var (avail, used) = ((ushort)(one.NextAvail + heads), (ushort)(one.UsedIndex + heads));
        var memory = state.Memory
            .Write((int)lane.At, new byte[lane.Room])
            .Write((int)driver.Desc, new byte[SplitRing.DescriptorSize * driver.Num])
            .Write(SplitRing.AvailSlot((int)driver.Avail, driver.Num, 0), new byte[2 * driver.Num])
            .Write16((int)driver.Avail, 0)
            .Write16(SplitRing.AvailIndex((int)driver.Avail), avail)
            .Write16(SplitRing.UsedIndex((int)driver.Used), used);
        if (step.EventIndex) memory = memory.Write16(SplitRing.UsedEvent((int)driver.Avail, driver.Num), used);
        return (state with { Memory = memory }).With(ring, one with
        {
            NextAvail = avail,
            DriverIndex = avail,
            UsedIndex = used,
            SignalledUsed = used,
            SignalledValid = true,
            Must = false,
            May = false,
            Wakes = 0,
            Watching = ring == Ring.Rx || one.Watching,
            WantsKick = ring == Ring.Tx,
            Stirred = true,
            FlagsStirred = true,
            FlagsClean = false,
        });
    }

    /// <summary>Takes over the device's own fields, which a claim has just bounded.</summary>
    private static VhostNetState Remember(VhostNetState state, RunTraffic step, Ring ring, Observation observation) => step[ring] is null ? state : state.With(ring, state[ring] with
    {
        SeenFlags = ValuePath.Resolve(observation, $"{Name(ring)}.flags") is NumberValue flags ? (ushort)flags.Number : null,
        SeenEvent = ValuePath.Resolve(observation, $"{Name(ring)}.avail-event") is NumberValue index ? (ushort)index.Number : null,
    });

    private static string? Unjudged(VhostNetState state, RunTraffic step)
    {
        if (!state.IsOpen || !state.Owned || state.Map is null || !state.Backends.TryGetValue(step.Backend, out var backend)) return "traffic needs a device that is set up";
        if ((state.Features & (Feature.LogAll | Feature.AccessPlatform | Feature.InOrder)) != 0 || state.Rx.Log.UsedRing || state.Tx.Log.UsedRing) return "traffic with the dirty log, the IOTLB or IN_ORDER is not modelled";
        if ((step.EventIndex, step.Merge) != (state.Has(Feature.EventIndex), state.Has(Feature.MergeableRxBuffers)) || step.Header != state.VhostHeader + state.SocketHeader)
            return "the driver of the traffic goes by other features than the device";
        if (Links.Trouble(state, backend) is { } trouble) return trouble;
        if (!backend.Queue.IsEmpty || !backend.Wire.IsEmpty) return "frames are under way already: let the device settle before the traffic";
        if (step is { Tx: null, Rx: null }) return "traffic needs a direction";
        return Unjudged(state, step, Ring.Rx) ?? Unjudged(state, step, Ring.Tx);
    }

    private static string? Unjudged(VhostNetState state, RunTraffic step, Ring ring)
    {
        if (step[ring] is not { } lane) return null;
        var one = state[ring];
        if (one.Driver is not { } driver || one.Backend != step.Backend || !one.KickBound || !one.CallBound) return $"the {Name(ring)} ring is not set up for traffic";
        if (step.FaultOf(ring, driver.Num) is { } fault) return fault;
        if ((one.Desc.Offset, one.Avail.Offset, one.Used.Offset, one.Num) != (driver.Desc, driver.Avail, driver.Used, (uint)driver.Num)) return $"device and driver disagree where the {Name(ring)} ring lies";
        if (one.NextAvail != state.Published(ring) || one.NextAvail != (one.DriverIndex ?? (ushort)driver.Start) || !one.Fresh.IsEmpty)
            return $"buffers of the {Name(ring)} ring are under way already: let the device settle before the traffic";
        return state.Map!.Translate(step.Guest + (ulong)lane.At, (uint)lane.Room) is [var whole] && whole.Offset == lane.At
            ? null
            : $"the buffers of the {Name(ring)} ring are not one stretch of guest memory";
    }
}
