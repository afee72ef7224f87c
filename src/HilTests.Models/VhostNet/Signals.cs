using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Predictions;
using HilTests.Core.Traces;
using HilTests.Core.Values;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet;

/// <summary>How many signals used entries may cause; drivers/vhost/vhost.c vhost_notify(), virtio 1.2, 2.7.7.2.</summary>
internal static class Signals
{
    /// <summary>
    /// Bounds for <paramref name="entries"/> new used entries. The device publishes them in batches of a size that is
    /// its own affair, so without EVENT_IDX any number from one signal to one an entry is right; with it, one batch
    /// holds used_event and signals, whatever the batches are.
    /// </summary>
    /// <param name="state">the state before</param>
    /// <param name="ring">the ring</param>
    /// <param name="entries">new used entries</param>
    /// <param name="ringEmpty">whether no buffer was left at the end</param>
    public static Bounds Due(VhostNetState state, Ring ring, int entries, bool ringEmpty)
    {
        var one = state[ring];
        if (!one.CallBound || entries == 0) return default;
        if (one.CallsUncertain) return new Bounds(0, entries);
        if (state.Has(Feature.NotifyOnEmpty) && (ringEmpty || state.Has(Feature.EventIndex))) return new Bounds(ringEmpty ? 1 : 0, entries);
        return state.Has(Feature.EventIndex) ? ByIndex(state, one, entries) : ByFlag(state, one, entries);
    }

    /// <summary>Used buffers and signals of both rings at a settle; spurious is what is above the bound of the rule.</summary>
    public static SignalCount Count(Branch<VhostNetState> branch, Observation observation)
    {
        var count = default(SignalCount);
        foreach (var ring in (string[])["rx", "tx"])
        {
            var used = (ValuePath.Resolve(observation, $"{ring}.used") as ListValue)?.Items.Length ?? 0;
            var calls = (ValuePath.Resolve(observation, $"{ring}.calls") as NumberValue)?.Number ?? 0;
            var most = branch.Claims.FirstOrDefault(c => c.Field == $"{ring}.calls" && c.Rule == VirtqueueRules.CallSpurious)?.Allowed.Highest ?? calls;
            count += new SignalCount(used, calls, Math.Max(0, calls - most));
        }
        return count;
    }

    private static Bounds ByFlag(VhostNetState state, RingState ring, int entries)
    {
        var flags = state.Memory.Read16((int)ring.Avail.Offset!.Value);
        return (flags & SplitRing.NoInterrupt) != 0 ? default : new Bounds(1, entries);
    }

    private static Bounds ByIndex(VhostNetState state, RingState ring, int entries)
    {
        var wanted = state.Memory.Read16(SplitRing.UsedEvent((int)ring.Avail.Offset!.Value, (int)ring.Num));
        var last = (ushort)(ring.UsedIndex + entries);
        if (ring.SignalledValid)
        {
            // used_event in [signalled, last), modulo 2^16.
            var crossed = (ushort)(wanted - ring.SignalledUsed) < (ushort)(last - ring.SignalledUsed);
            return crossed ? new Bounds(1, 1) : default;
        }
        // The first batch signals whatever used_event says; a later batch may hold used_event.
        var position = (ushort)(wanted - ring.UsedIndex);
        return new Bounds(1, position > 0 && position < entries ? 2 : 1);
    }
}
