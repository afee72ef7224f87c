using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Predictions;
using HilTests.Core.Traces;
using HilTests.Core.Values;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet;

/// <summary>What is open about the use of a buffer that a device may lend to a frame on its way, instead of copying it.</summary>
[Flags]
internal enum Loan
{
    /// <summary>Used at once, in fetch order.</summary>
    None = 0,

    /// <summary>It may be used behind buffers that were fetched later.</summary>
    Waits = 1,

    /// <summary>It may not be used yet: its frame is on its way.</summary>
    MayMiss = 2,

    /// <summary>Its signal is counted already.</summary>
    Counted = 4,
}

/// <summary>A buffer that may be on loan.</summary>
/// <param name="frame">the frame that has it; null where the socket refused it</param>
/// <param name="segments">where it lies</param>
internal sealed class LoanedBuffer(byte[]? frame, ImmutableArray<Segment> segments) : IEquatable<LoanedBuffer>
{
    public byte[]? Frame => frame;

    /// <inheritdoc/>
    public bool Equals(LoanedBuffer? other) =>
        other is not null && (frame is null) == (other.Frame is null) && frame.AsSpan().SequenceEqual(other.Frame) && segments.SequenceEqual(other.Segments);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LoanedBuffer);

    /// <inheritdoc/>
    public override int GetHashCode() => frame?.Length ?? 0;

    private ImmutableArray<Segment> Segments => segments;

    /// <summary>Whether the two images differ where the buffer lies.</summary>
    public bool Differs(MemoryImage before, MemoryImage after) =>
        segments.Any(s => !before.Slice(s.Offset, s.Length).AsSpan().SequenceEqual(after.Slice(s.Offset, s.Length)));
}

/// <summary>
/// Zero-copy sending; drivers/vhost/net.c handle_tx_zerocopy(), vhost_zerocopy_signal_used(). Which frames take the pages of
/// their buffer along and which are copied is the device's affair. A copied one's buffer is used at once; one on loan when its
/// frame is through, in fetch order among those. A settle shows which is which.
/// </summary>
internal static class Loans
{
    /// <summary>Whether anything is open about one of the entries.</summary>
    public static bool Any(IEnumerable<UsedEntry> entries) => entries.Any(e => e.Loan != Loan.None);

    /// <summary>Whether a buffer is on loan, or may be.</summary>
    public static bool AnyOut(RingState tx) => !tx.Link.Lent.IsEmpty || tx.Fresh.Any(e => e.Loan.HasFlag(Loan.MayMiss));

    /// <summary>Everything that was on loan is through: it will be used, in whatever order the loans allow.</summary>
    public static VhostNetState ComeBack(VhostNetState state)
    {
        var tx = state.Tx;
        if (!AnyOut(tx)) return state;
        var fresh = tx.Link.Lent.Select(e => e with { Loan = Loan.Waits }).Concat(tx.Fresh.Select(e => e with { Loan = e.Loan & ~Loan.MayMiss }));
        return Publish(state with { Tx = tx with { Fresh = [.. fresh], Link = tx.Link with { Lent = [] } } }, tx.Link.Lent.Count);
    }

    /// <summary>The ring is detached: what was on loan has been used, and its signals are not told apart from others any more.</summary>
    public static VhostNetState Leave(VhostNetState state)
    {
        state = ComeBack(state);
        return Any(state.Tx.Fresh) ? Counted(state) : state;
    }

    /// <summary>The device is closed or reset: what was on loan has been used, or never is.</summary>
    public static VhostNetState Lose(VhostNetState state)
    {
        if (!AnyOut(state.Tx)) return Leave(state);
        var lent = state.Tx.Link.Lent.Select(e => e with { Loan = Loan.Waits | Loan.MayMiss });
        var count = state.Tx.Link.Lent.Count;
        state = state with { Tx = state.Tx with { Fresh = [.. lent, .. state.Tx.Fresh], Link = state.Tx.Link with { Lent = [] } } };
        return Counted(Publish(state, count));
    }

    /// <summary>The states that a settle may find, by how many buffers of those that may be on loan are so.</summary>
    public static IEnumerable<VhostNetState> Outcomes(VhostNetState state)
    {
        if (!Any(state.Tx.Fresh)) return [state];
        var most = state.Tx.Fresh.Count(e => e.Loan.HasFlag(Loan.MayMiss));
        return Enumerable.Range(0, most + 1).Select(missing => Signalled(Publish(state, -missing), missing));
    }

    /// <summary>The entries that may be seen where so many of them are not used yet.</summary>
    public static Allowed Used(RingState ring)
    {
        if (!Any(ring.Fresh)) return Listed(ring);
        return new LoanedEntries([.. ring.Fresh], ring.Missing);
    }

    /// <summary>
    /// A driver at work takes entries as they come. One that looks when all is done finds, where there were more of them than the ring has, the
    /// later ones written over the first.
    /// </summary>
    private static Allowed Listed(RingState ring)
    {
        var (count, size) = (ring.Fresh.Count, (int)ring.Num);
        var all = Value.List(ring.Fresh.Select(e => e.ToValue()));
        if (count <= size) return Allowed.Exactly(all);
        var left = Enumerable.Range(0, size).Select(slot => ring.Fresh[slot + ((count - 1 - slot) / size * size)]);
        return Allowed.OneOf(all, Value.List(left.Select(e => e.ToValue())));
    }

    /// <summary>What was not used is on loan from now on, where the ring still has a back end.</summary>
    public static VhostNetState Settled(VhostNetState state, Observation observation)
    {
        var tx = state.Tx;
        if (tx.Missing == 0) return state;
        var missing = LoanedEntries.Places([.. tx.Fresh], ValuePath.Resolve(observation, "tx.used")) is { } places && tx.Backend is not null
            ? tx.Fresh.Where((_, i) => !places.Contains(i)).Select(e => e with { Loan = Loan.Waits })
            : [];
        return state with { Tx = tx with { Missing = 0, Link = tx.Link with { Lent = tx.Link.Lent.AddRange(missing) } } };
    }

    /// <summary>Notes the frames whose buffers were written anew while they may be on loan.</summary>
    public static VhostNetState Altered(VhostNetState before, VhostNetState after)
    {
        if (!AnyOut(before.Tx) || ReferenceEquals(before.Memory, after.Memory)) return after;
        var frames = before.Tx.Link.Lent.Concat(before.Tx.Fresh.Where(e => e.Loan.HasFlag(Loan.MayMiss)))
            .Where(e => e.Buffer is { Frame: not null } buffer && buffer.Differs(before.Memory, after.Memory)).Select(e => e.Buffer!.Frame!);
        return after with { Altered = after.Altered.Union(frames) };
    }

    /// <summary>Frames that were held behind the last one that has a buffer on loan: they need not be through when a call has waited for the loans.</summary>
    public static int Behind(BackendState backend, RingState tx)
    {
        var last = tx.Link.Lent.Max(e => backend.Out.Held.FindIndex(f => ReferenceEquals(f, e.Buffer?.Frame)));
        return backend.Out.Held.Count - 1 - last;
    }

    private static VhostNetState Publish(VhostNetState state, int entries)
    {
        // A ring that was reset lies where its driver still sees it.
        if (entries == 0 || (state.Tx.Used.Offset ?? state.Tx.Driver?.Used) is not { } used) return state;
        var at = SplitRing.UsedIndex((int)used);
        return state with
        {
            Tx = state.Tx with { UsedIndex = (ushort)(state.Tx.UsedIndex + entries), Missing = Math.Max(0, -entries) },
            Memory = state.Memory.Write16(at, (ushort)(state.Memory.Read16(at) + entries)),
        };
    }

    private static VhostNetState Counted(VhostNetState state)
    {
        var tx = state.Tx;
        var entries = tx.Fresh.Count(e => e.Loan != Loan.None && !e.Loan.HasFlag(Loan.Counted));
        var fresh = tx.Fresh.Select(e => e.Loan == Loan.None ? e : e with { Loan = e.Loan | Loan.Counted });
        return state with { Tx = tx with { Fresh = [.. fresh], Calls = tx.CallBound ? tx.Calls + new Bounds(0, entries) : tx.Calls } };
    }

    /// <summary>The signals of what is used now that it is known how many that are.</summary>
    private static VhostNetState Signalled(VhostNetState state, int missing)
    {
        var tx = state.Tx;
        var entries = tx.Fresh.Count(e => e.Loan != Loan.None && !e.Loan.HasFlag(Loan.Counted)) - missing;
        if (entries <= 0 || tx.Backend is null) return state;
        var isMixed = tx.Fresh.Any(e => e.Loan == Loan.None || e.Loan.HasFlag(Loan.Counted));
        var before = state with { Tx = tx with { UsedIndex = (ushort)(tx.UsedIndex - entries), CallsUncertain = tx.CallsUncertain || isMixed } };
        var ringEmpty = tx.NextAvail == state.Published(Ring.Tx) && tx.Errors.AtMost == 0;
        return state with
        {
            Tx = tx with
            {
                Calls = tx.Calls + Signals.Due(before, Ring.Tx, entries, ringEmpty),
                SignalledUsed = tx.CallBound ? tx.UsedIndex : tx.SignalledUsed,
                SignalledValid = tx.SignalledValid || tx.CallBound,
            },
        };
    }
}

/// <summary>A list of used entries of which some may be missing or late: those of buffers that may be on loan.</summary>
/// <param name="Entries">in fetch order</param>
/// <param name="Missing">how many of them are not used</param>
internal sealed record LoanedEntries(ImmutableArray<UsedEntry> Entries, int Missing) : Allowed
{
    /// <inheritdoc/>
    public override bool Admits(Value? value)
    {
        if (value is not ListValue list || list.Items.Length != Entries.Length - Missing || Places(Entries, value) is not { } places) return false;
        if (Enumerable.Range(0, Entries.Length).Any(i => !Entries[i].Loan.HasFlag(Loan.MayMiss) && !places.Contains(i))) return false;
        var (furthest, latest) = (-1, -1);
        foreach (var place in places)
        {
            if (place > furthest)
            {
                furthest = place;
                continue;
            }
            // It was on loan while others were used: those keep their order.
            if (Entries[place].Loan == Loan.None || place < latest) return false;
            latest = place;
        }
        return true;
    }

    /// <summary>Which entries were seen, in the order in which they were; null where something else was.</summary>
    public static IReadOnlyList<int>? Places(ImmutableArray<UsedEntry> entries, Value? value)
    {
        if (value is not ListValue list) return null;
        var taken = new bool[entries.Length];
        var places = new List<int>();
        foreach (var item in list.Items)
        {
            var place = Enumerable.Range(0, entries.Length).FirstOrDefault(i => !taken[i] && entries[i].ToValue().Equals(item), -1);
            if (place < 0) return null;
            taken[place] = true;
            places.Add(place);
        }
        return places;
    }

    /// <inheritdoc/>
    public bool Equals(LoanedEntries? other) => other is not null && Missing == other.Missing && Entries.SequenceEqual(other.Entries);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Missing, Entries.Length);

    /// <inheritdoc/>
    public override string ToString()
    {
        var sure = Value.List(Entries.Where(e => !e.Loan.HasFlag(Loan.MayMiss)).Select(e => e.ToValue()));
        var open = Value.List(Entries.Where(e => e.Loan.HasFlag(Loan.MayMiss)).Select(e => e.ToValue()));
        return Missing == 0 && !Entries.Any(e => e.Loan.HasFlag(Loan.MayMiss)) ? $"{sure}, those on loan perhaps late" : $"{sure} and all but {Missing} of {open}, those on loan perhaps late";
    }
}
