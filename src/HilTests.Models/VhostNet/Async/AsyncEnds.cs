using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet.Async;

/// <summary>The end of an asynchronous link: detached, replaced, reset or closed.</summary>
internal static class AsyncEnds
{
    /// <summary>More orders than that are not told apart.</summary>
    private const int MostOrders = 400;

    /// <summary>Why the end cannot be foreseen; null where it can.</summary>
    public static string? Unmodelled(AsyncLink link) => Orders(link.Outstanding.Count, link.Coming.Count) > MostOrders
        ? "so many requests, some given back and some on their way, can be used in too many orders"
        : null;

    /// <summary>
    /// The states after the ring's link has ended. What has completed is used first; what the back end gives back and what was on its way
    /// anyhow may mix.
    /// </summary>
    public static IEnumerable<VhostNetState> Of(VhostNetState state, Ring ring)
    {
        var link = state[ring].Async;
        if (!AsyncPass.Serves(state, ring)) return [state];
        var back = link.Outstanding.Select(r => new AsyncDone(r, 0, [])).ToImmutableList();
        return Merges(back, link.Coming).Select(order => Publish(state, ring, link.Completed.AddRange(order)));
    }

    /// <summary>Both rings.</summary>
    public static IEnumerable<VhostNetState> OfBoth(VhostNetState state) => Of(state, Ring.Rx).SelectMany(s => Of(s, Ring.Tx));

    private static VhostNetState Publish(VhostNetState state, Ring ring, ImmutableList<AsyncDone> order)
    {
        var one = state[ring];
        var memory = state.Memory;
        foreach (var (segment, bytes) in order.SelectMany(d => AsyncPass.Writes(d))) memory = memory.Write(segment.Offset, bytes);
        var index = (ushort)(one.UsedIndex + order.Count);
        if (order.Count > 0) memory = memory.Write16(SplitRing.UsedIndex((int)one.Used.Offset!.Value), index);
        var backend = state.Backends[one.Backend!];
        var items = order.Select(AsyncPass.Publication).ToArray();
        var log = state.Log.Marked(Logging.Of(state, ring, items, order.Count, asked: false), now: true);
        // Blocks that come back wake a ring that waits for some.
        var other = ring == Ring.Rx ? Ring.Tx : Ring.Rx;
        if (state[other].Async.Starved) state = state.With(other, Fed(state, other));
        return (state with { Memory = memory, Log = log, Backends = state.Backends.SetItem(one.Backend!, AsyncSteps.Emit(backend, link: one.Async.Coming)) }).With(ring, one with
        {
            UsedIndex = index,
            Fresh = one.Fresh.AddRange(order.Select(d => new UsedEntry(d.Request.Head, d.Length))),
            Calls = one.Calls + Signals.Due(state, ring, order.Count, ringEmpty: false),
            SignalledUsed = order.Count > 0 && one.CallBound ? index : one.SignalledUsed,
            SignalledValid = one.SignalledValid || (order.Count > 0 && one.CallBound),
            Async = AsyncLink.Empty with { Left = true },
        });
    }

    /// <summary>A ring that waited for blocks is woken.</summary>
    public static RingState Fed(VhostNetState state, Ring ring)
    {
        var one = state[ring];
        return one with { Must = true, Wakes = one.Wakes + 1, MustUpTo = state.Published(ring), Async = one.Async with { Starved = false } };
    }

    private static double Orders(int one, int other)
    {
        var orders = 1.0;
        for (var i = 1; i <= other; i++) orders = orders * (one + i) / i;
        return orders;
    }

    private static IEnumerable<ImmutableList<AsyncDone>> Merges(ImmutableList<AsyncDone> one, ImmutableList<AsyncDone> other)
    {
        if (one.IsEmpty || other.IsEmpty) return [one.AddRange(other)];
        return Merges(one.RemoveAt(0), other).Select(rest => rest.Insert(0, one[0])).Concat(Merges(one, other.RemoveAt(0)).Select(rest => rest.Insert(0, other[0])));
    }
}
