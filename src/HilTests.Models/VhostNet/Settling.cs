using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Predictions;
using HilTests.Core.Traces;
using HilTests.Core.Values;
using HilTests.Models.VhostNet.Async;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet;

/// <summary>The settle step: the device is quiet, and what became visible is compared.</summary>
internal static class Settling
{
    /// <summary>One branch for each state the device may have come to rest in.</summary>
    public static IEnumerable<Branch<VhostNetState>> Predict(VhostNetState state)
    {
        if (FlushError(state) is { } errno) return Loans.Outcomes(state).Select(s => Observe(s, errno));
        var quiet = Quiet(state, out var why);
        return why is not null ? [Answers.CannotSay(state, why)] : quiet.SelectMany(Loans.Outcomes).Select(both => Observe(both, null));
    }

    /// <summary>The states that the device may have come to rest in.</summary>
    /// <param name="state">the state before</param>
    /// <param name="why">why the model cannot say, or null</param>
    public static IReadOnlyList<VhostNetState> Quiet(VhostNetState state, out string? why)
    {
        state = Arrived(Arrived(state, Ring.Rx), Ring.Tx);
        var quiet = new List<VhostNetState>();
        var received = Progress.Of(state, Ring.Rx, finish: true, out why);
        if (why is not null) return [];
        foreach (var rx in received)
        {
            foreach (var both in Progress.Of(rx, Ring.Tx, finish: true, out why))
            {
                // Request blocks that sending has given back may let the other side go on.
                var fed = AsyncPass.Serves(both, Ring.Rx) && both.Rx.Must ? Progress.Of(both, Ring.Rx, finish: true, out why) : [both];
                if (why is not null) return [];
                quiet.AddRange(fed);
            }
            if (why is not null) return [];
        }
        return quiet;
    }

    /// <summary>What was on its way to complete has done so.</summary>
    private static VhostNetState Arrived(VhostNetState state, Ring ring)
    {
        var one = state[ring];
        if (one.Async.Coming.IsEmpty) return state;
        var backend = AsyncSteps.Emit(state.Backends[one.Backend!], one.Async.Coming);
        return (state with { Backends = state.Backends.SetItem(one.Backend!, backend) }).With(ring, one with
        {
            Must = true,
            Wakes = one.Wakes + 1,
            MustUpTo = state.Published(ring),
            MustFrames = backend.Queue.Count,
            Async = one.Async with { Completed = one.Async.Completed.AddRange(one.Async.Coming), Coming = [] },
        });
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
            claims.Add(new Claim($"wire.{name}", Frames(state, backend), backend.Kind == BackendKind.Mp ? AsyncRules.Wire : VhostNetRules.TxWire));
        }
        return new Branch<VhostNetState>(claims.ToImmutable(), observation =>
        {
            var after = Remember(Remember(Seen(Loans.Settled(state, observation)), Ring.Rx, "rx", observation), Ring.Tx, "tx", observation);
            return after with { Log = after.Log.Settled() };
        });
    }

    /// <summary>The frames that left; of one whose buffer was written anew on its way only the length is known.</summary>
    private static Allowed Frames(VhostNetState state, BackendState backend)
    {
        var frames = backend.Wire.Select(f => ContentValue.Of(f)).ToList();
        return backend.Wire.Any(state.Altered.Contains)
            ? new FramesOfLength([.. frames], [.. backend.Wire.Select(f => state.Altered.Contains(f) ? f.Length : -1)])
            : Allowed.Exactly(Value.List(frames));
    }

    private static void AddRing(ImmutableArray<Claim>.Builder claims, VhostNetState state, Ring ring)
    {
        var one = state[ring];
        if (one.Driver is not { } driver) return;
        var name = ring == Ring.Rx ? "rx" : "tx";
        // Where the driver looks elsewhere than the device writes, nothing can be said.
        if (one.Used.Offset is { } used && used != driver.Used) return;
        AddComplaints(claims, state, ring, name);
        claims.Add(new Claim($"{name}.used", Loans.Used(one), UsedRule(state, ring)));
        // The memory holds what the device published and the driver wrote, attached or not.
        var index = state.Memory.Read16(SplitRing.UsedIndex((int)driver.Used));
        claims.Add(new Claim($"{name}.idx", Allowed.Exactly(index), one.Backend is null ? VhostNetRules.Quiet : VirtqueueRules.UsedIndex));
        AddCalls(claims, one, name);
        var asks = one is { WantsKick: true, Backend: not null } && !state.BusyPolls;
        if (!asks || state.Has(Feature.EventIndex)) AddOwnFlags(claims, state, one, name);
        if (!asks || !state.Has(Feature.EventIndex)) AddOwnEvent(claims, state, one, name);
        if (!asks) return;
        var rule = Rests(state, ring) ? VhostNetRules.RxRest : state[ring].Refused ? VhostNetRules.TxRefused : VirtqueueRules.KickWanted;
        claims.Add(state.Has(Feature.EventIndex)
            ? new Claim($"{name}.avail-event", Allowed.Exactly(state.Published(ring)), rule)
            : new Claim($"{name}.flags", Allowed.Exactly(0), rule));
    }

    /// <summary>A device may look at an attached ring as often as it likes, woken or not, and for whatever wakes the other one.</summary>
    private static bool IsStirred(VhostNetState state, RingState ring) => ring.Stirred || ring.Wakes > 0 || state.BusyPolls || ring.Backend is not null;

    /// <summary>
    /// used.flags: what was there before, or what the device can have written since: at an attach, and with a pass
    /// where EVENT_IDX is not set.
    /// </summary>
    private static void AddOwnFlags(ImmutableArray<Claim>.Builder claims, VhostNetState state, RingState ring, string name)
    {
        var was = FlagsBefore(state, ring);
        var written = ring.FlagsStirred || (IsStirred(state, ring) && !state.Has(Feature.EventIndex));
        var allowed = written ? Allowed.OneOf(new[] { 0, SplitRing.NoNotify, was }.Select(f => Value.Of(f))) : Allowed.Exactly(was);
        claims.Add(new Claim($"{name}.flags", allowed, VirtqueueRules.OwnFlags));
    }

    /// <summary>
    /// avail_event: what was there before. With EVENT_IDX a device that works may write anything: one that does not want to be
    /// kicked may name an index far away. Where it is sure to ask for kicks, <see cref="VirtqueueRules.KickWanted"/> says more.
    /// </summary>
    private static void AddOwnEvent(ImmutableArray<Claim>.Builder claims, VhostNetState state, RingState ring, string name)
    {
        var driver = ring.Driver!;
        // The field lies behind the ring: elsewhere for a device that was told another size.
        if (ring.Used.Offset is not null && ring.Num != driver.Num) return;
        var was = EventBefore(state, ring);
        var written = state.EventsWritten && IsStirred(state, ring);
        var allowed = written ? Allowed.Between(0, ushort.MaxValue) : Allowed.Exactly(was);
        claims.Add(new Claim($"{name}.avail-event", allowed, VirtqueueRules.OwnEvent));
    }

    private static ushort FlagsBefore(VhostNetState state, RingState ring) => ring.SeenFlags ?? state.Memory.Read16((int)ring.Driver!.Used);

    private static ushort EventBefore(VhostNetState state, RingState ring) =>
        ring.SeenEvent ?? state.Memory.Read16(SplitRing.AvailEvent((int)ring.Driver!.Used, ring.Driver.Num));

    private static Rule UsedRule(VhostNetState state, Ring ring)
    {
        if (state[ring].Async.Left) return AsyncRules.Leave;
        if (AsyncPass.Serves(state, ring)) return AsyncRules.Order;
        if (state[ring].Backend is null) return VhostNetRules.Quiet;
        if (state[ring].Jumped) return VhostNetRules.JumpForgotten;
        if (state[ring].Refused) return VhostNetRules.TxRefused;
        if (LinkRule(state, ring) is { } rule) return rule;
        if (Rests(state, ring) && state.Rx is { WantsKick: true, Fresh.IsEmpty: true }) return VhostNetRules.RxRest;
        return ring == Ring.Rx ? VhostNetRules.RxUsed : VhostNetRules.TxUsed;
    }

    /// <summary>The rule of a link that is not plain; null where it is.</summary>
    private static Rule? LinkRule(VhostNetState state, Ring ring)
    {
        var backend = state.Backends[state[ring].Backend!];
        if (ring == Ring.Rx) return backend.Header != state.SocketHeader ? VhostNetRules.RxMisfit : null;
        if (state.Tx.Link.Retried) return VhostNetRules.TxShort;
        if (state.Tx.Link.Waited) return VhostNetRules.TxWaits;
        return state.ZeroCopy && backend.Kind != BackendKind.Packet ? VhostNetRules.TxZeroCopy : null;
    }

    /// <summary>Whether buffers are left that are too few for the frame that waits.</summary>
    private static bool Rests(VhostNetState state, Ring ring) => ring == Ring.Rx && state.Rx.NextAvail != state.Published(Ring.Rx);

    private static bool Jumps(VhostNetState state, Ring ring) => (ushort)(state.Published(ring) - state[ring].NextAvail) > state[ring].Num;

    /// <summary>Whether an earlier wake-up has found the jump, so that a device must not take it for seen now.</summary>
    private static bool MayForget(VhostNetState state, Ring ring) => state[ring].Jumped && (state[ring].JumpReported || !Jumps(state, ring));

    /// <summary>Before the used entries: a broken chain that is used all the same is best named by what is broken.</summary>
    private static void AddComplaints(ImmutableArray<Claim>.Builder claims, VhostNetState state, Ring which, string name)
    {
        var ring = state[which];
        var broken = ring.Errors.AtLeast > 0 ? ring.Broken ?? VhostNetRules.Complaint : null;
        var forgets = MayForget(state, which) && (broken is null || broken == VhostNetRules.IndexJump);
        var rule = forgets ? VhostNetRules.JumpForgotten : broken ?? VhostNetRules.Complaint;
        claims.Add(new Claim($"{name}.errs", Allowed.Between(ring.Errors.AtLeast, ring.Errors.AtMost), rule));
    }

    private static void AddCalls(ImmutableArray<Claim>.Builder claims, RingState ring, string name)
    {
        var calls = $"{name}.calls";
        claims.Add(new Claim(calls, Allowed.AtLeast(ring.Calls.AtLeast), VirtqueueRules.CallMissing));
        claims.Add(new Claim(calls, Allowed.Between(0, ring.Fresh.Count - ring.Missing), VirtqueueRules.CallBound));
        claims.Add(new Claim(calls, Allowed.Between(0, Math.Max(ring.Calls.AtLeast, ring.Calls.AtMost)), VirtqueueRules.CallSpurious));
    }

    /// <summary>Takes over the device's own fields, which a claim has just bounded: where nothing stirs they stay.</summary>
    private static VhostNetState Remember(VhostNetState state, Ring ring, string name, Observation observation)
    {
        var one = state[ring];
        if (one.Driver is not { } driver || (one.Used.Offset is { } used && used != driver.Used)) return state;
        var hasEvent = one.Used.Offset is null || one.Num == driver.Num;
        ushort? flags = ValuePath.Resolve(observation, $"{name}.flags") is NumberValue seen ? (ushort)seen.Number : null;
        ushort? index = hasEvent && ValuePath.Resolve(observation, $"{name}.avail-event") is NumberValue seenIndex ? (ushort)seenIndex.Number : null;
        state = Logging.Seen(state, ring, flags is not null && flags != FlagsBefore(state, one), index is not null && index != EventBefore(state, one));
        return state.With(ring, one with
        {
            SeenFlags = flags,
            SeenEvent = index,
            Log = one.Log with { Steady = one.Log.UsedRing },
            Stirred = false,
            FlagsStirred = false,
        });
    }

    private static VhostNetState Seen(VhostNetState state) => state with
    {
        Rx = Seen(state.Rx, Jumps(state, Ring.Rx)),
        Tx = Seen(state.Tx, Jumps(state, Ring.Tx)),
        Backends = state.Backends.ToImmutableSortedDictionary(b => b.Key, b => b.Value with { Wire = [] }),
    };

    private static RingState Seen(RingState ring, bool jumps)
    {
        // A device that was not woken since may still do wrong later.
        var jumped = ring.Jumped && (jumps || ring.Fresh.IsEmpty);
        return ring with
        {
            Fresh = [],
            Calls = default,
            Errors = default,
            CallsUncertain = false,
            Broken = null,
            Refused = false,
            Link = Links.Seen(ring.Link),
            Async = ring.Async with { Left = false },
            Jumped = jumped,
            JumpReported = jumped,
        };
    }
}
