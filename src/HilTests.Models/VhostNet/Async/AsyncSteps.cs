using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Devices.VhostNet.Traffic;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using static HilTests.Models.VhostNet.Answers;

namespace HilTests.Models.VhostNet.Async;

/// <summary>Steps about a pass-through back end and what the device holds. The device is quiet when they begin.</summary>
internal static class AsyncSteps
{
    private const int Weight = 0x80000;

    /// <summary>The largest request: a receive buffer of as many pages as one may have.</summary>
    private const int LargestRequest = 64 * 4096;

    /// <summary>Whether the step is one of these.</summary>
    public static bool Knows(Step step) => step is MpHold or MpRelease or MpRefuse or MpCapture or MpCount or Census or Leaks;

    /// <summary>Why a step on this device is not judged; null where it is.</summary>
    public static string? Unmodelled(VhostNetState state, Step step)
    {
        if (!state.IsAsyncDevice) return step is MakeBackend { Kind: BackendKind.Mp } ? "vhost-net itself with a pass-through back end is not modelled" : null;
        var coming = !state.Rx.Async.Coming.IsEmpty || !state.Tx.Async.Coming.IsEmpty;
        if (coming && step is not (Settle or SetBackend or ResetOwner or Close)) return "behind mp-release after=… must come a step that waits for it, or settle";
        var holds = state.Rx.Async.Taken + state.Tx.Async.Taken > 0;
        var serves = AsyncPass.Serves(state, Ring.Rx) || AsyncPass.Serves(state, Ring.Tx);
        return step switch
        {
            SetBackend { Backend: not "none" } set when state.Has(Feature.NotifyOnEmpty) && state.Backends[set.Backend].Kind == BackendKind.Mp =>
                "NOTIFY_ON_EMPTY on an asynchronous link is not modelled",
            SetBackend { Ring: 0 or 1 } set when set.Backend != state[(Ring)set.Ring].Backend => Unsettled(state, (Ring)set.Ring) ?? AsyncEnds.Unmodelled(state[(Ring)set.Ring].Async),
            Close or ResetOwner => Unsettled(state, Ring.Rx) ?? Unsettled(state, Ring.Tx) ?? AsyncEnds.Unmodelled(state.Rx.Async) ?? AsyncEnds.Unmodelled(state.Tx.Async),
            SetFeatures set when serves && ((set.Features ^ state.Features) & ~Feature.LogAll) != 0 => "other features while an asynchronous link is there are not modelled",
            SetVringAddr { Ring: 0 or 1 } set when state[(Ring)set.Ring] is var one && (set.Desc, set.Avail, set.Used) == (one.Desc, one.Avail, one.Used) => null,
            SetMemTable or SetVringAddr when holds => "other memory while requests are outstanding is not modelled",
            Drive or RunTraffic or SetBusyloop or IotlbMessage or ReadIotlb or SetVringIova or SetBackendFeatures or GetBackendFeatures or GetFeaturesArray or SetFeaturesArray
                or GetForkOwner or SetForkOwner or SetVringEndian or GetVringEndian or LoadModule or Plug or Unplug or BadArgument or RawIoctl =>
                "the step is not modelled on this device",
            _ => null,
        };
    }

    /// <summary>What completes by itself while a pass hands over may still be on its way when the link ends, and mix with what is given back.</summary>
    private static string? Unsettled(VhostNetState state, Ring ring)
    {
        if (!AsyncPass.Serves(state, ring)) return null;
        var one = state[ring];
        var backend = state.Backends[one.Backend!];
        if (backend.Mp.Holds(ring)) return null;
        var awake = one.Must || one.May || one.Wakes > 0;
        var moves = one.NextAvail != state.Published(ring) || (ring == Ring.Rx && !backend.Queue.IsEmpty);
        return awake && moves ? "a link that ends while requests complete by themselves is not modelled; settle before it" : null;
    }

    /// <summary>The branches of the step from a quiet state.</summary>
    public static IEnumerable<Branch<VhostNetState>> Predict(VhostNetState state, Step step) => step switch
    {
        MpHold hold => [Success(Hold(state, hold), AsyncRules.BackEnd)],
        MpRelease release => [Release(state, release)],
        MpRefuse refuse => [Success(Refuse(state, refuse), AsyncRules.BackEnd)],
        // A frame is kept or not when it is handed over.
        MpCapture { On: var on } when on == state.Backends[((MpCapture)step).Backend].Mp.Captures => [Success(state, AsyncRules.BackEnd)],
        MpCapture capture => [!state.Tx.Async.Outstanding.IsEmpty ? CannotSay(state, "the program changes whether frames are kept while some are outstanding")
            : Success(With(state, capture.Backend, m => m with { Captures = capture.On }), AsyncRules.BackEnd)],
        MpCount count => [Count(state, count)],
        Census => [state.IsOpen ? TakeCensus(state) : Failure(state, "EBADF", VhostNetRules.Call)],
        Leaks => [FindLeaks(state)],
        _ => throw new InvalidOperationException($"{step.GetType().Name} is no step about a pass-through back end"),
    };

    /// <summary>Frames of requests that have completed leave.</summary>
    public static BackendState Emit(BackendState backend, IEnumerable<AsyncDone> link) =>
        backend.Mp.Captures ? backend with { Wire = backend.Wire.AddRange(link.Select(d => d.Request.Frame).OfType<byte[]>()) } : backend;

    private static VhostNetState With(VhostNetState state, string name, Func<MpState, MpState> change) =>
        state with { Backends = state.Backends.SetItem(name, state.Backends[name] with { Mp = change(state.Backends[name].Mp) }) };

    private static VhostNetState Hold(VhostNetState state, MpHold step)
    {
        var after = With(state, step.Backend, m => step.Ring == Ring.Rx ? m with { HoldsRx = step.Hold } : m with { HoldsTx = step.Hold });
        // Whoever polls the socket is told that packets may be handed over.
        return Wake(after, step.Backend, Ring.Rx, sure: true);
    }

    private static VhostNetState Refuse(VhostNetState state, MpRefuse step)
    {
        var after = With(state, step.Backend, m => step.Ring == Ring.Rx ? m with { RefusesRx = step.Errno is not null } : m with { RefusesTx = step.Errno is not null });
        if (step.Errno is not null) return after;
        // A receive side always polls; a transmit side does since it was refused.
        return Wake(after, step.Backend, step.Ring, sure: step.Ring == Ring.Rx || state.Tx.Async.Waits);
    }

    private static VhostNetState Wake(VhostNetState state, string name, Ring ring, bool sure)
    {
        var one = state[ring];
        if (one.Backend != name) return state;
        one = one with { Wakes = one.Wakes + 1, May = one.May || !sure };
        if (sure) one = one with { Must = true, MustUpTo = state.Published(ring), MustFrames = state.Backends[name].Queue.Count, Log = one.Log with { Woken = one.Log.UsedRing } };
        return state.With(ring, one);
    }

    private static Branch<VhostNetState> Release(VhostNetState state, MpRelease step)
    {
        var backend = state.Backends[step.Backend];
        var isAttached = state[step.Ring].Backend == step.Backend;
        var link = isAttached ? state[step.Ring].Async : AsyncLink.Empty;
        if (Fault(link, backend, step) is { } errno) return Failure(state, errno, AsyncRules.BackEnd);
        if (step.Places.IsEmpty) return Success(state, AsyncRules.BackEnd);
        var packets = step.Ring == Ring.Rx && step.Errno is null ? backend.Queue.Take(step.Places.Length).ToList() : [];
        var done = step.Places.Select((place, i) => Complete(state, backend, link.Outstanding[place], step, packets.ElementAtOrDefault(i))).ToImmutableList();
        var left = link.Outstanding.Where((_, i) => !step.Places.Contains(i)).ToImmutableList();
        backend = backend with { Queue = backend.Queue.RemoveRange(0, packets.Count) };
        var memory = state.Memory;
        foreach (var (segment, bytes) in done.SelectMany(d => AsyncPass.Writes(d))) memory = memory.Write(segment.Offset, bytes);
        var later = step.After > 0;
        link = later ? link with { Outstanding = left, Coming = done } : link with { Outstanding = left, Completed = link.Completed.AddRange(done) };
        var after = state with { Memory = memory, Backends = state.Backends.SetItem(step.Backend, later ? backend : Emit(backend, done)) };
        after = after.With(step.Ring, after[step.Ring] with { Async = link });
        return Success(later ? after : Wake(after, step.Backend, step.Ring, sure: true), AsyncRules.BackEnd);
    }

    private static AsyncDone Complete(VhostNetState state, BackendState backend, AsyncRequest request, MpRelease step, byte[]? packet)
    {
        if (step.Errno is not null) return new AsyncDone(request with { Frame = null }, 0, []);
        if (step.Ring == Ring.Tx) return new AsyncDone(request, 0, []);
        var bytes = packet.AsSpan(0, Math.Min(packet!.Length, step.Most ?? packet.Length));
        // Nothing at all, not even a header of the socket, is as good as a failure.
        return bytes.IsEmpty && backend.Header == 0 ? new AsyncDone(request, 0, []) : AsyncPass.Fill(state, backend, request, bytes);
    }

    /// <summary>What the back end says against it, whichever it looks at first.</summary>
    private static string? Fault(AsyncLink link, BackendState backend, MpRelease step)
    {
        var named = new HashSet<int>();
        foreach (var place in step.Places)
        {
            if (place >= link.Outstanding.Count) return "ENOENT";
            if (!named.Add(place)) return "EEXIST";
        }
        return step.Ring == Ring.Rx && step.Errno is null && backend.Queue.Count < step.Places.Length ? "EAGAIN" : null;
    }

    private static Branch<VhostNetState> Count(VhostNetState state, MpCount step)
    {
        var backend = state.Backends[step.Backend];
        int Has(Ring ring) => state[ring].Backend == step.Backend ? state[ring].Async.Outstanding.Count : 0;
        return new([
            new Claim("rx", Allowed.Exactly(Has(Ring.Rx)), AsyncRules.Submit), new Claim("tx", Allowed.Exactly(Has(Ring.Tx)), AsyncRules.Submit),
            new Claim("waiting", Allowed.Exactly(backend.Queue.Count), AsyncRules.BackEnd), new Claim("dropped", Allowed.Exactly(backend.Mp.Dropped), AsyncRules.BackEnd),
        ], _ => state);
    }

    private static Branch<VhostNetState> TakeCensus(VhostNetState state)
    {
        Claim Exactly(string field, long value, Rule rule) => new(field, Allowed.Exactly(value), rule);
        var (rx, tx) = (state.Rx.Async, state.Tx.Async);
        return Success(state, AsyncRules.BackEnd,
            Exactly("pool", state.HasPool ? AsyncLink.PoolSize : 0, AsyncRules.Pool),
            Exactly("async.rx", AsyncPass.Serves(state, Ring.Rx) ? 1 : 0, AsyncRules.Link), Exactly("async.tx", AsyncPass.Serves(state, Ring.Tx) ? 1 : 0, AsyncRules.Link),
            Exactly("in-flight.rx", rx.Outstanding.Count, AsyncRules.Submit), Exactly("in-flight.tx", tx.Outstanding.Count, AsyncRules.Submit),
            Exactly("completed.rx", rx.Completed.Count, AsyncRules.Order), Exactly("completed.tx", tx.Completed.Count, AsyncRules.Order),
            Exactly("taken", rx.Taken + tx.Taken, AsyncRules.Pool),
            new Claim("most-submitted", Allowed.Between(0, Weight - 1 + LargestRequest), AsyncRules.Quota),
            new Claim("most-published", Allowed.Between(0, Weight - 1 + LargestRequest), AsyncRules.Quota));
    }

    private static Branch<VhostNetState> FindLeaks(VhostNetState state)
    {
        if (state.IsOpen) return CannotSay(state, "the program looks for leaks while the device is open");
        return new([.. ((string[])["blocks", "pools", "requests", "devices", "users"]).Select(what => new Claim(what, Allowed.Exactly(0), AsyncRules.Leak))], _ => state);
    }
}
