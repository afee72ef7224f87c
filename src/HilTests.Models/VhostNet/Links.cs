using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using static HilTests.Models.VhostNet.Answers;

namespace HilTests.Models.VhostNet;

/// <summary>The link between the transmit ring and its back end: full back ends, held frames, lent buffers.</summary>
internal static class Links
{
    /// <summary>The branches of the step, or null where it is none of these.</summary>
    public static IEnumerable<Branch<VhostNetState>>? Predict(VhostNetState state, Step step) => step switch
    {
        MakeBackend make => [Silent(state with { Backends = state.Backends.SetItem(make.Name, Made(make)) })],
        LoadModule load => [Silent(state with { ZeroCopy = load.ZeroCopy })],
        Plug plug => [Silent(With(state, plug.Backend, o => o with { Plugged = true }))],
        Unplug { After: > 0 } unplug => [Silent(With(state, unplug.Backend, o => o with { IsUnplugComing = true }))],
        Unplug unplug => [LetGo(state, unplug.Backend)],
        RemoveInterface remove => [Silent(Removed(state, remove.Backend))],
        _ => null,
    };

    /// <summary>Why the step would never come back, or would not wait for what it must wait for; null where all is well.</summary>
    public static string? Unmodelled(VhostNetState state, Step step)
    {
        var lends = Loans.AnyOut(state.Tx);
        if (state.ZeroCopy && state.Tx.Log.UsedRing) return "a log of a ring that may send without copying is not modelled";
        if (step is SetBackend { Ring: (int)Ring.Tx } && state.Tx.Backend is null && lends) return "what was on loan when the device went away may have been used or not; settle before the next attach";
        if (lends && step is SetMemTable or SetLogBase or SetLogFd) return "the call waits for frames that a plug holds; unplug before it";
        var waits = lends && Leaves(state, step);
        var isComing = state.Backends.Values.Any(b => b.Out.IsUnplugComing);
        if (step is Drive && state.Tx.Backend is { } name && (state.Backends[name].Out.Plugged || state.Tx.Link.Retrying))
            return "a driver at work over a ring that stands still is not modelled; unplug, or mend the chain, before it";
        return (waits, isComing) switch
        {
            (true, false) => "the call waits for frames that a plug holds; unplug before it, or with after=",
            (false, true) => "behind unplug after=… must come a step that waits for what is held",
            _ => null,
        };
    }

    /// <summary>
    /// The states from which a step goes on that waits for what a plug holds, which is pulled meanwhile; null where nothing
    /// is to be waited for. The ring has no back end any more when its frames come back, or, where the plug was quicker, it
    /// still has: the device may have used them by then.
    /// </summary>
    public static IEnumerable<VhostNetState>? Await(VhostNetState state, Step step)
    {
        if (state.Backends.FirstOrDefault(b => b.Value.Out.IsUnplugComing) is not { Key: { } name } || step is Unplug) return null;
        var free = LeftHeld(With(state, name, o => o with { IsUnplugComing = false }), name);
        if (free.Tx.Backend != name) return [free];
        // A device that goes away has used what was on loan by then, or never uses it.
        return [step is ResetOwner or Close ? Loans.Lose(free) : Loans.ComeBack(free)];
    }

    /// <summary>The branches of a call that has waited: nothing was held any more when it came back.</summary>
    public static IEnumerable<Branch<VhostNetState>> HavingWaited(VhostNetState before, IEnumerable<Branch<VhostNetState>> branches)
    {
        // Only what is known to be on loan is waited for.
        if (before.Tx.Link.Lent.IsEmpty || before.Tx.Backend is not { } name) return branches;
        var most = Loans.Behind(before.Backends[name], before.Tx);
        return branches.Select(b => b with { Claims = [.. b.Claims, new Claim("held", Allowed.Between(0, most), VhostNetRules.DetachWaits)] });
    }

    private static bool Leaves(VhostNetState state, Step step) =>
        step is ResetOwner or Close || (step is SetBackend { Ring: (int)Ring.Tx } set && set.Backend != state.Tx.Backend);

    /// <summary>Why sustained traffic cannot be judged over the link: it wants one that takes and gives every frame at once; null where it does.</summary>
    public static string? Trouble(VhostNetState state, BackendState backend)
    {
        if (backend.Out.Plugged || backend.Out.Gone || state.Tx.Link.Retrying) return "traffic over a back end that stands still is not modelled";
        if (state.ZeroCopy || backend.Kind == BackendKind.Macvtap || backend.Out.SendBuffer > 0) return "traffic over zero-copy links, macvtaps and limited send buffers is not modelled";
        var fits = backend.Kind == BackendKind.Tap ? state.SocketHeader > 0 && backend.Header == state.SocketHeader : state.SocketHeader == 0;
        return fits ? null : "the back end's header size does not fit the features";
    }

    /// <summary>The back end with more frames on their way, or through.</summary>
    public static BackendState Carry(BackendState backend, IReadOnlyCollection<byte[]> frames)
    {
        if (frames.Count == 0) return backend;
        return backend.Out.Plugged
            ? backend with { Out = backend.Out with { Held = backend.Out.Held.AddRange(frames) } }
            : backend with { Wire = backend.Wire.AddRange(frames) };
    }

    /// <summary>Whether the device has come to a chain that it tries again and again, for sure.</summary>
    public static bool Retries(Pass pass, Pass? sure, int done) => pass.End == PassEnd.Retrying && done == pass.Items.Length && sure?.End == PassEnd.Retrying;

    /// <summary>The link when the device has come to rest.</summary>
    public static TxLink Rest(TxLink link, Pass pass, Pass? sure, int done)
    {
        var retries = Retries(pass, sure, done);
        // Whoever had to come further and has not, found no room.
        var blocked = sure is null ? link.Blocked : done < sure.Items.Length || (sure.End == PassEnd.Blocked && done == sure.Items.Length);
        return link with { Retrying = retries, Blocked = blocked, Retried = link.Retried || retries, Waited = link.Waited || blocked };
    }

    /// <summary>A detached ring: buffers that are through are used, and nothing is remembered of the back end.</summary>
    public static VhostNetState Leave(VhostNetState state)
    {
        state = Loans.Leave(state);
        return state with { Tx = state.Tx with { Link = Forgotten(state.Tx.Link) } };
    }

    /// <summary>A link of which only that is kept which is still to be seen.</summary>
    public static TxLink Forgotten(TxLink link) => TxLink.Fresh with { Retried = link.Retried, Waited = link.Waited };

    /// <summary>What was to be seen was seen.</summary>
    public static TxLink Seen(TxLink link) => link with { Retried = link.Retrying, Waited = link.Blocked };

    private static BackendState Made(MakeBackend make) => new(make.Kind, make.Header, [], [])
    {
        Out = OutletState.Free with { SendBuffer = make.SendBuffer, Kind = make.Outlet },
    };

    private static VhostNetState With(VhostNetState state, string name, Func<OutletState, OutletState> change) =>
        state with { Backends = state.Backends.SetItem(name, state.Backends[name] with { Out = change(state.Backends[name].Out) }) };

    /// <summary>Everything that was held leaves, and the device hears of it where it waits.</summary>
    private static Branch<VhostNetState> LetGo(VhostNetState state, string name)
    {
        var backend = state.Backends[name];
        var (held, tx) = (backend.Out.Held, state.Tx);
        var after = Released(state, name);
        if (!backend.Out.Plugged || tx.Backend != name) return Silent(after);
        var lends = Loans.AnyOut(tx);
        // Each frame that leaves may wake the device, and so may its pages coming back.
        tx = after.Tx with { May = true, Wakes = tx.Wakes + held.Count + 1, Link = after.Tx.Link with { Blocked = false } };
        if (state.Tx.Link.Blocked || lends) tx = tx with { Must = true, MustUpTo = after.Published(Ring.Tx) };
        return Silent(after with { Tx = tx });
    }

    /// <summary>What was held is through, and so are the buffers on loan.</summary>
    private static VhostNetState Released(VhostNetState state, string name)
    {
        var after = LeftHeld(state, name);
        return after.Tx.Backend == name ? Loans.ComeBack(after) : after;
    }

    /// <summary>What was held has left.</summary>
    private static VhostNetState LeftHeld(VhostNetState state, string name)
    {
        var backend = state.Backends[name];
        return state with
        {
            Backends = state.Backends.SetItem(name, backend with
            {
                Wire = backend.Wire.AddRange(backend.Out.Held),
                Out = backend.Out with { Plugged = false, Full = false, Held = [] },
            }),
        };
    }

    /// <summary>The file stays, and whoever polls it hears of the end.</summary>
    private static VhostNetState Removed(VhostNetState state, string name)
    {
        var after = With(state, name, o => o with { Gone = true });
        if (after.Tx.Backend == name) after = after with { Tx = after.Tx with { May = true, Wakes = after.Tx.Wakes + 1 } };
        if (after.Rx.Backend == name) after = after with { Rx = after.Rx with { Wakes = after.Rx.Wakes + 1, Watching = false } };
        return after;
    }
}
