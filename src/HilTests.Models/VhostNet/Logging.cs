using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet;

/// <summary>Which bits of the log the device's writes set; drivers/vhost/vhost.c log_used(), vhost_log_write().</summary>
internal static class Logging
{
    private const int FieldBytes = 2;
    private const int EntryBytes = 8;
    private const int UsedHeader = 4;

    /// <summary>Guest addresses from here on: whether their log lies among user addresses differs between kernels.</summary>
    private const ulong Far = 1UL << 60;

    /// <summary>What of the step the model does not know; null where nothing.</summary>
    public static string? Unmodelled(VhostNetState state, Step step) => step switch
    {
        SetVringAddr { Log: >= Far, Flags: 1 } => "a log address that far up is not modelled",
        SetFeatures { Features: var f } when (f & Feature.LogAll) != 0 && IsFar(state.Map) => "a log of guest addresses that far up is not modelled",
        SetMemTable { Regions: var regions } when state.Has(Feature.LogAll) && regions.Any(r => r.Guest >= Far || r.Size >= Far) =>
            "a log of guest addresses that far up is not modelled",
        _ => null,
    };

    /// <summary>Whether the ring, with this log, may be attached; vq_log_access_ok().</summary>
    public static bool IsAccessible(VhostNetState state, Ring ring, SetLogBase? place) =>
        place is not { Place: LogPlace.Kernel } || ((!state[ring].Log.UsedRing || state.Iotlb is not null) && !(state.Has(Feature.LogAll) && HasRegions(state.Map)));

    public static bool HasRegions(GuestMap? map) => map is { Regions.IsEmpty: false };

    /// <summary>Whether something may be running that logs.</summary>
    public static bool IsAtWork(VhostNetState state) => IsAtWork(state, state.Rx) || IsAtWork(state, state.Tx);

    /// <summary>What a stretch of a ring's pass logs.</summary>
    /// <param name="state">the state before it</param>
    /// <param name="ring">the ring</param>
    /// <param name="items">what was done</param>
    /// <param name="entries">used entries published</param>
    /// <param name="asked">whether the device has asked for a kick, and that after the log was set up</param>
    public static LogMarks Of(VhostNetState state, Ring ring, ReadOnlySpan<PassItem> items, int entries, bool asked)
    {
        var one = state[ring];
        var payload = ring == Ring.Rx && state.Has(Feature.LogAll) ? Payload(state, one.Log, items) : PageSet.Empty;
        if (!one.Log.UsedRing) return LogMarks.None with { Payload = payload };
        var own = !asked || !one.Log.Woken ? PageSet.Empty : state.Has(Feature.EventIndex) ? EventPage(state, one) : FlagsPage(state, one);
        return new LogMarks(payload, Entries(state, one, entries), own);
    }

    /// <summary>An attach writes used.flags before it returns.</summary>
    public static VhostNetState Attached(VhostNetState state, Ring ring) => state[ring].Log.UsedRing
        ? state with { Log = state.Log.Marked(LogMarks.None with { Own = FlagsPage(state, state[ring]) }, now: true) }
        : state;

    /// <summary>The driver sees that the device has written one of its own fields since it last looked.</summary>
    public static VhostNetState Seen(VhostNetState state, Ring ring, bool flags, bool index)
    {
        var one = state[ring];
        if (one.Log is not { UsedRing: true, Steady: true }) return state;
        var own = (flags ? FlagsPage(state, one) : PageSet.Empty).Union(index ? EventPage(state, one) : PageSet.Empty);
        return state with { Log = state.Log.Marked(LogMarks.None with { Own = own }, now: true) };
    }

    /// <summary>What may be logged while a ring is at work, beside what its chains say.</summary>
    public static VhostNetState Stirred(VhostNetState state) => Stirred(Stirred(state, Ring.Rx), Ring.Tx);

    /// <summary>The log of the ring was set up anew.</summary>
    public static RingState Unsteady(RingState ring) => ring with { Log = ring.Log with { Woken = false, Steady = false } };

    private static VhostNetState Stirred(VhostNetState state, Ring ring)
    {
        var one = state[ring];
        // A look at the ring that nothing asked for may write, and so log, the device's own fields.
        var logs = one.Backend is not null && (one.Log.UsedRing || (IsAtWork(state, one) && ring == Ring.Rx && state.Has(Feature.LogAll)));
        if (!logs) return state;
        var own = !one.Log.UsedRing ? PageSet.Empty : state.EventsWritten ? FlagsPage(state, one).Union(EventPage(state, one)) : FlagsPage(state, one);
        return state with { Log = state.Log with { Possible = state.Log.Possible.Union(own), MaySignal = state.Log.MaySignal || state.Log.FileBound } };
    }

    private static bool IsAtWork(VhostNetState state, RingState ring) =>
        ring.Backend is not null && (ring.Wakes > 0 || ring.Must || ring.May || state.BusyPolls);

    private static bool IsFar(GuestMap? map) => map is not null && map.Regions.Any(r => r.Guest >= Far || r.Size >= Far);

    private static PageSet Payload(VhostNetState state, RingLog log, ReadOnlySpan<PassItem> items)
    {
        if (log.Base is not { Place: LogPlace.Area, Offset: var start }) return PageSet.Empty;
        var bits = new HashSet<int>();
        foreach (var item in items)
        {
            // What is written of a frame that is dropped is not logged.
            if (item.Used.IsEmpty) continue;
            var pages = item.Writes.Select(w => state.Iotlb is null ? PageSet.Of(start, w.Segment.Guest, (ulong)w.Segment.Length) : Mapped(state.Map, start, w.Segment.Offset, w.Segment.Length)).ToList();
            // A frame with a page that the log has no room for is logged in part, or not at all.
            if (pages.All(p => p is not null)) bits.UnionWith(pages.SelectMany(p => p!.Bits));
        }
        return PageSet.Of(bits);
    }

    private static PageSet Entries(VhostNetState state, RingState ring, int entries)
    {
        if (entries == 0) return PageSet.Empty;
        var bits = new HashSet<int>(Field(state, ring, SplitRing.UsedIndex(0), FieldBytes).Bits);
        for (var i = 0; i < entries; i++)
        {
            var slot = (int)((ushort)(ring.UsedIndex + i) & (ring.Num - 1));
            bits.UnionWith(Field(state, ring, UsedHeader + (EntryBytes * slot), EntryBytes).Bits);
        }
        return PageSet.Of(bits);
    }

    private static PageSet FlagsPage(VhostNetState state, RingState ring) => Field(state, ring, 0, FieldBytes);

    private static PageSet EventPage(VhostNetState state, RingState ring) => Field(state, ring, SplitRing.AvailEvent(0, (int)ring.Num), FieldBytes);

    private static PageSet Field(VhostNetState state, RingState ring, int offset, int length)
    {
        if (ring.Log.Base is not { Place: LogPlace.Area, Offset: var start }) return PageSet.Empty;
        var pages = state.Iotlb is null ? PageSet.Of(start, ring.Log.Address + (ulong)offset, (ulong)length)
            : ring.Used.Offset is { } used ? Mapped(state.Map, start, used + offset, length) : null;
        return pages ?? PageSet.Empty;
    }

    /// <summary>
    /// With an IOTLB what is logged are the guest addresses under which the memory table has the bytes, all of them (log_write_hva());
    /// null where it does not have every byte, or where the log has no room for one.
    /// </summary>
    private static PageSet? Mapped(GuestMap? map, long start, long offset, long length)
    {
        var found = PageSet.Empty;
        var covered = new HashSet<long>();
        foreach (var region in map?.Regions ?? [])
        {
            var (from, to) = (Math.Max(offset, region.Offset), Math.Min(offset + length, region.Offset + (long)region.Size));
            if (from >= to) continue;
            if (PageSet.Of(start, region.Guest + (ulong)(from - region.Offset), (ulong)(to - from)) is not { } pages) return null;
            found = found.Union(pages);
            for (var at = from; at < to; at++) covered.Add(at);
        }
        return covered.Count == length ? found : null;
    }
}
