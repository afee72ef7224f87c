using HilTests.Core.Devices.VhostNet;
using HilTests.Models.VhostNet.Async;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet;

/// <summary>Lets passes over a ring happen: gives every state that may come of it.</summary>
internal static class Progress
{
    /// <summary>
    /// The states in which the ring may be found.
    /// </summary>
    /// <param name="state">the state before</param>
    /// <param name="ring">the ring</param>
    /// <param name="finish">
    /// true where the device is known to be quiet: what a sure wake-up asked for has been done, all of it
    /// </param>
    /// <param name="unmodelled">why the model cannot say, or null</param>
    public static IReadOnlyList<VhostNetState> Of(VhostNetState state, Ring ring, bool finish, out string? unmodelled)
    {
        unmodelled = null;
        var one = state[ring];
        if (one.Backend is null) return [state];
        var states = new List<VhostNetState>();
        foreach (var manner in ring == Ring.Tx ? Manner.Sending : Manner.Receiving)
        {
            // A device may look at the ring as often as it likes: more wake-ups than were asked for are allowed.
            var everything = RunPass(state, ring, manner, state.Published(ring), int.MaxValue, passes: int.MaxValue);
            unmodelled = everything.Unmodelled;
            if (unmodelled is not null) return [];
            var sure = finish && one.Must ? Sure(state, ring, manner, everything) : null;
            var least = Math.Min(sure?.Certain ?? sure?.Items.Length ?? 0, everything.Items.Length);
            for (var done = least; done <= everything.Items.Length; done++)
                states.Add(Commit(state, ring, new Extent(everything, done, sure, finish)));
            // Mostly it does not matter.
            if (!everything.IsMannerOpen) break;
        }
        return states;
    }

    /// <summary>
    /// What a device is sure to do that was woken for sure. After an avail index that jumped it may use the buffers that it
    /// knew of, any number of them; it complains where these are not enough.
    /// </summary>
    private static Pass? Sure(VhostNetState state, Ring ring, Manner manner, Pass everything)
    {
        var one = state[ring];
        // What is tried again and again sees whatever is there when the device is asked to be quiet.
        if (!Jumps(state, ring) || (one.Sane ?? one.NextAvail) == one.NextAvail) return RunPass(state, ring, manner, one.Link.Retrying ? state.Published(ring) : one.MustUpTo, one.MustFrames, passes: 1);
        return everything.Complains ? new Pass([], PassEnd.Stopped, everything.Broken) : null;
    }

    private static bool Jumps(VhostNetState state, Ring ring) => (ushort)(state.Published(ring) - state[ring].NextAvail) > state[ring].Num;

    private static Pass RunPass(VhostNetState state, Ring ring, Manner manner, ushort limit, int frames, int passes) =>
        AsyncPass.Serves(state, ring) ? AsyncPass.Run(state, ring, limit, frames, passes) : ring == Ring.Tx ? TxPass.Run(state, manner, limit, passes) : RxPass.Run(state, manner, limit, frames, passes);

    /// <summary>How far a pass has come.</summary>
    /// <param name="Pass">all that it may do</param>
    /// <param name="Done">how many of its items it has done</param>
    /// <param name="Sure">what it is sure to do, where something is sure</param>
    /// <param name="Finish">whether the device is quiet now</param>
    private sealed record Extent(Pass Pass, int Done, Pass? Sure, bool Finish)
    {
        public ReadOnlySpan<PassItem> Items => Pass.Items.AsSpan(0, Done);

        public bool Whole => Done == Pass.Items.Length;

        /// <summary>Whether the last chain that it took was used, not lost.</summary>
        public bool LastIsUsed => Pass.Items.Take(Done).LastOrDefault(i => i.Chains > 0) is not { Used.IsEmpty: true };

        /// <summary>Whether it is sure to lose a batch.</summary>
        public bool LostInBatch => Sure is not null && Sure.Items.Any(i => i.LostInBatch);

        /// <summary>Whether the pass was sure to come to the very end that it came to.</summary>
        public bool SureEnd => Sure is not null && Whole && Sure.Items.Length == Pass.Items.Length && Sure.End == Pass.End;
    }

    private static VhostNetState Commit(VhostNetState state, Ring ring, Extent extent)
    {
        var one = state[ring];
        var backend = state.Backends[one.Backend!];
        var (memory, used) = (state.Memory, one.Fresh.ToBuilder());
        var sent = new List<byte[]>();
        var (chains, frames, entries) = (0, 0, 0);
        foreach (var item in extent.Items)
        {
            chains += item.Chains;
            frames += item.Frames;
            entries += item.Used.Length;
            used.AddRange(item.Used);
            if (item.Sent is { } frame) sent.Add(frame);
            foreach (var (segment, bytes) in item.Writes) memory = memory.Write(segment.Offset, bytes);
        }
        var next = (ushort)(one.NextAvail + chains);
        // A later attach reads the used index back from memory.
        var usedIndex = (ushort)(one.UsedIndex + entries);
        if (entries > 0) memory = memory.Write16(SplitRing.UsedIndex((int)one.Used.Offset!.Value), usedIndex);
        var ringEmpty = extent.Whole && !extent.Pass.Complains && next == state.Published(ring) && extent.LastIsUsed;
        // What is on loan may not be used yet: the settle tells, and counts the signals.
        var lends = ring == Ring.Tx && Loans.Any(used);
        var decided = entries > 0 && one.CallBound && !lends;
        var after = one with
        {
            NextAvail = next,
            UsedIndex = usedIndex,
            Fresh = used.ToImmutable(),
            Calls = lends ? one.Calls : one.Calls + Signals.Due(state, ring, entries, ringEmpty),
            Errors = one.ErrBound ? one.Errors + Complaints(extent, Jumps(state, ring)) : one.Errors,
            Broken = extent.Sure?.Broken ?? (extent.LostInBatch ? VhostNetRules.TxBatchLost : one.Broken),
            Jumped = one.Jumped || extent.Pass.Broken == VhostNetRules.IndexJump,
            Refused = one.Refused || extent.Pass.Items.Take(extent.Done).Any(i => i.Refused),
            SignalledUsed = decided ? usedIndex : one.SignalledUsed,
            SignalledValid = one.SignalledValid || decided,
            Async = one.Async.After(extent.Items) with
            {
                Starved = extent is { Finish: true, Whole: true } ? extent.Pass.End == PassEnd.Exhausted : one.Async.Starved,
                Waits = extent is { Finish: true, SureEnd: true } ? extent.Pass.End == PassEnd.Refused : one.Async.Waits && extent.Pass.End == PassEnd.Refused,
            },
        };
        if (extent.Finish) after = Rest(after, ring, extent, sawAll: one.MustUpTo == state.Published(ring));
        var carried = backend with { Queue = backend.Queue.RemoveRange(0, frames) };
        carried = Links.Carry(carried, sent);
        if (frames > 0) carried = carried with { Mp = carried.Mp with { Dropped = carried.Mp.Dropped + Count(extent.Items, i => i.Drops) } };
        // Blocks that come back wake a ring that waits for some.
        var other = ring == Ring.Rx ? Ring.Tx : Ring.Rx;
        if (state[other].Async.Starved && Count(extent.Items, i => i.Publishes || i.Fills) > 0) state = state.With(other, AsyncEnds.Fed(state, other));
        if (after.Link.Blocked) carried = carried with { Out = carried.Out with { Full = true } };
        var asked = extent is { Finish: true, SureEnd: true } && after.WantsKick && !state.BusyPolls;
        return (state with
        {
            // A ring that nothing has woken may be looked at too.
            Misses = extent.Pass.Miss is { } miss && extent.Whole ? state.Misses.Ask(miss with { Sure = extent is { Finish: true, SureEnd: true } }) : state.Misses,
            Log = state.Log.Marked(Logging.Of(state, ring, extent.Items, entries, asked), now: extent.Finish),
            Memory = memory,
            Backends = state.Backends.SetItem(one.Backend!, carried),
        }).With(ring, after);
    }

    private static int Count(ReadOnlySpan<PassItem> items, Func<PassItem, bool> counts)
    {
        var count = 0;
        foreach (var item in items) count += counts(item) ? 1 : 0;
        return count;
    }

    /// <summary>A broken chain is complained of for sure only where the pass was sure to reach it.</summary>
    private static Bounds Complaints(Extent extent, bool jumps)
    {
        var possible = jumps || (extent.Whole && extent.Pass.Complains) || extent.Pass.Items.Take(extent.Done).Any(i => i.Lost is not null || i.LostInBatch);
        var sure = extent.Sure is { } pass && (pass.Complains || extent.LostInBatch) && extent.Done >= pass.Items.Length;
        return new Bounds(sure ? 1 : 0, possible || sure ? Bounds.Many : 0);
    }

    // Offered after the last sure wake-up, a buffer may not have been there when a pass asked for a kick.
    private static RingState Rest(RingState state, Ring ring, Extent extent, bool sawAll)
    {
        // TX asks for a kick when it finds the ring empty, RX when a frame finds no buffer.
        var asking = extent.Pass.End == (ring == Ring.Tx ? PassEnd.Drained : PassEnd.Starved);
        var idle = extent.Sure is null && extent.Pass.Items.IsEmpty;
        return state with
        {
            Link = Links.Rest(state.Link, extent.Pass, extent.Sure, extent.Done),
            Must = Links.Retries(extent.Pass, extent.Sure, extent.Done),
            May = false,
            Wakes = 0,
            Stirred = state.Stirred || state.Wakes > 0 || state.May || state.Must,
            Watching = extent.Whole && extent.Pass.End == PassEnd.Drained && (extent.SureEnd || state.Watching),
            WantsKick = asking && ((extent.SureEnd && sawAll) || (idle && state.WantsKick)),
        };
    }
}
