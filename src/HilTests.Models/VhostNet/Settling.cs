using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Predictions;
using HilTests.Core.Values;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet;

/// <summary>The settle step: the device is quiet, and what became visible is compared.</summary>
internal static class Settling
{
    /// <summary>One branch for each state the device may have come to rest in.</summary>
    public static IEnumerable<Branch<VhostNetState>> Predict(VhostNetState state)
    {
        if (FlushError(state) is { } errno) return [Observe(state, errno)];
        var branches = new List<Branch<VhostNetState>>();
        var received = Progress.Of(state, Ring.Rx, finish: true, out var why);
        if (why is not null) return [Answers.CannotSay(state, why)];
        foreach (var rx in received)
        {
            var quiet = Progress.Of(rx, Ring.Tx, finish: true, out why);
            if (why is not null) return [Answers.CannotSay(state, why)];
            branches.AddRange(quiet.Select(both => Observe(both, null)));
        }
        return branches;
    }

    private static string? FlushError(VhostNetState state) => (state.IsOpen, state.Owned) switch
    {
        (false, _) => "EBADF",
        (true, false) => "EPERM",
        _ => null,
    };

    private static Branch<VhostNetState> Observe(VhostNetState state, string? flushError)
    {
        var claims = ImmutableArray.CreateBuilder<Claim>();
        claims.Add(flushError is null
            ? new Claim("flush", Allowed.Exactly(0), VhostNetRules.Flush)
            : new Claim("flush", Allowed.Exactly(Value.Symbol(flushError)), VhostNetRules.Owner));
        AddRing(claims, state, Ring.Rx);
        AddRing(claims, state, Ring.Tx);
        foreach (var (name, backend) in state.Backends)
        {
            if (!backend.Acceptable) continue;
            var frames = Value.List(backend.Wire.Select(f => ContentValue.Of(f)));
            claims.Add(new Claim($"wire.{name}", Allowed.Exactly(frames), VhostNetRules.TxWire));
        }
        var seen = Seen(state);
        return new Branch<VhostNetState>(claims.ToImmutable(), _ => seen);
    }

    private static void AddRing(ImmutableArray<Claim>.Builder claims, VhostNetState state, Ring ring)
    {
        var one = state[ring];
        if (one.Driver is not { } driver) return;
        var name = ring == Ring.Rx ? "rx" : "tx";
        // Where the driver looks elsewhere than the device writes, nothing can be said.
        if (one.Used.Offset is { } used && used != driver.Used) return;
        AddComplaints(claims, state, ring, name);
        claims.Add(new Claim($"{name}.used", Allowed.Exactly(Value.List(one.Fresh.Select(e => e.ToValue()))), UsedRule(state, ring)));
        // The memory holds what the device published and the driver wrote, attached or not.
        var index = state.Memory.Read16(SplitRing.UsedIndex((int)driver.Used));
        claims.Add(new Claim($"{name}.idx", Allowed.Exactly(index), one.Backend is null ? VhostNetRules.Quiet : VirtqueueRules.UsedIndex));
        AddCalls(claims, one, name);
        if (one is not { WantsKick: true, Backend: not null } || state.BusyPolls) return;
        var rule = Rests(state, ring) ? VhostNetRules.RxRest : VirtqueueRules.KickWanted;
        claims.Add(state.Has(Feature.EventIndex)
            ? new Claim($"{name}.avail-event", Allowed.Exactly(state.Published(ring)), rule)
            : new Claim($"{name}.flags", Allowed.Exactly(0), rule));
    }

    private static Rule UsedRule(VhostNetState state, Ring ring)
    {
        if (state[ring].Backend is null) return VhostNetRules.Quiet;
        if (Mended(state, ring)) return VhostNetRules.JumpForgotten;
        if (state[ring].Refused) return VhostNetRules.TxRefused;
        if (Rests(state, ring) && state.Rx is { WantsKick: true, Fresh.IsEmpty: true }) return VhostNetRules.RxRest;
        return ring == Ring.Rx ? VhostNetRules.RxUsed : VhostNetRules.TxUsed;
    }

    /// <summary>Whether buffers are left that are too few for the frame that waits.</summary>
    private static bool Rests(VhostNetState state, Ring ring) => ring == Ring.Rx && state.Rx.NextAvail != state.Published(Ring.Rx);

    private static bool Jumps(VhostNetState state, Ring ring) => (ushort)(state.Published(ring) - state[ring].NextAvail) > state[ring].Num;

    private static bool Mended(VhostNetState state, Ring ring) => state[ring].Jumped && !Jumps(state, ring);

    /// <summary>Before the used entries: a broken chain that is used all the same is best named by what is broken.</summary>
    private static void AddComplaints(ImmutableArray<Claim>.Builder claims, VhostNetState state, Ring which, string name)
    {
        var ring = state[which];
        var rule = ring.Errors.AtLeast > 0 ? ring.Broken ?? VhostNetRules.Complaint
            : Mended(state, which) ? VhostNetRules.JumpForgotten : VhostNetRules.Complaint;
        claims.Add(new Claim($"{name}.errs", Allowed.Between(ring.Errors.AtLeast, ring.Errors.AtMost), rule));
    }

    private static void AddCalls(ImmutableArray<Claim>.Builder claims, RingState ring, string name)
    {
        var calls = $"{name}.calls";
        claims.Add(new Claim(calls, Allowed.AtLeast(ring.Calls.AtLeast), VirtqueueRules.CallMissing));
        claims.Add(new Claim(calls, Allowed.Between(0, ring.Fresh.Count), VirtqueueRules.CallBound));
        claims.Add(new Claim(calls, Allowed.Between(0, Math.Max(ring.Calls.AtLeast, ring.Calls.AtMost)), VirtqueueRules.CallSpurious));
    }

    private static VhostNetState Seen(VhostNetState state) => state with
    {
        Rx = Seen(state.Rx, Jumps(state, Ring.Rx)),
        Tx = Seen(state.Tx, Jumps(state, Ring.Tx)),
        Backends = state.Backends.ToImmutableSortedDictionary(b => b.Key, b => b.Value with { Wire = [] }),
    };

    private static RingState Seen(RingState ring, bool jumps) => ring with
    {
        Fresh = [],
        Calls = default,
        Errors = default,
        CallsUncertain = false,
        Broken = null,
        Refused = false,
        // A device that was not woken since may still do wrong later.
        Jumped = ring.Jumped && (jumps || ring.Fresh.IsEmpty),
    };
}
