using System.Buffers.Binary;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Models.VhostNet.Async;
using HilTests.Models.Virtqueues;
using static HilTests.Models.VhostNet.Answers;

namespace HilTests.Models.VhostNet;

/// <summary>Steps of the driver's own side: memory, the avail ring, kicks, frames from the far side.</summary>
internal static class DriverSteps
{
    /// <summary>The branches of the step, or null where it is none of these.</summary>
    public static IEnumerable<Branch<VhostNetState>>? Predict(VhostNetState state, Step step) => step switch
    {
        DriverRing ring => [Silent(Lay(state, ring))],
        WriteDesc desc => [Silent(Write(state, desc.Table + (SplitRing.DescriptorSize * desc.Index), Encode(desc)))],
        WriteFrame frame => [Silent(Write(state, frame.At, FrameContent.Make(frame.Length, frame.Seed)))],
        WriteBytes bytes => [Silent(Write(state, bytes.At, bytes.Content.AsSpan()))],
        Fill fill => [Silent(Fill(state, fill))],
        Read read => [ReadBack(state, read)],
        ReadHeader read => [Header(state, read)],
        Offer offer => [Silent(Put(state, offer.Ring, offer.Heads.Select(h => (ushort)h)))],
        PublishIndex publish => [Silent(Publish(state, publish.Ring, (ushort)publish.Index))],
        AvailFlags flags => [Silent(Write16(state, Layout(state, flags.Ring).Avail, (ushort)flags.Flags))],
        UsedEvent used => [Silent(Write16(state, SplitRing.UsedEvent((int)Layout(state, used.Ring).Avail, Layout(state, used.Ring).Num), (ushort)used.Index))],
        Kick kick => [Silent(Wake(state, kick.Ring))],
        Send send => [Success(Arrive(state, send.Backend, FrameContent.Make(send.Length, send.Seed)))],
        _ => null,
    };

    /// <summary>What the device was last seen to have written stays where the driver looked before.</summary>
    private static VhostNetState Lay(VhostNetState state, DriverRing ring)
    {
        var one = state[ring.Ring];
        if (one.Driver is { } old && (old.Used, old.Num) != (ring.Used, ring.Num))
        {
            if (one.SeenFlags is { } flags) state = Write16(state, old.Used, flags);
            if (one.SeenEvent is { } index) state = Write16(state, SplitRing.AvailEvent((int)old.Used, old.Num), index);
            one = one with { SeenFlags = null, SeenEvent = null };
        }
        return state.With(ring.Ring, one with { Driver = ring, DriverIndex = null });
    }

    private static DriverRing Layout(VhostNetState state, Ring ring) => state[ring].Driver
        ?? throw new InvalidOperationException($"the program uses the {ring} ring before driver-ring");

    private static VhostNetState Write(VhostNetState state, long at, ReadOnlySpan<byte> bytes) =>
        state with { Memory = state.Memory.Write((int)at, bytes) };

    private static VhostNetState Write16(VhostNetState state, long at, ushort number) =>
        state with { Memory = state.Memory.Write16((int)at, number) };

    private static byte[] Encode(WriteDesc step)
    {
        var bytes = new byte[SplitRing.DescriptorSize];
        Encode(bytes, step.Addr, step.Len, step.Flags, step.Next);
        return bytes;
    }

    /// <summary>The bytes of one descriptor; virtio 1.2, 2.7.5.</summary>
    public static void Encode(Span<byte> bytes, ulong address, uint length, DescriptorFlags flags, int next)
    {
        var bits = (flags.HasFlag(DescriptorFlags.Next) ? SplitRing.FlagNext : 0)
            | (flags.HasFlag(DescriptorFlags.Write) ? SplitRing.FlagWrite : 0)
            | (flags.HasFlag(DescriptorFlags.Indirect) ? SplitRing.FlagIndirect : 0);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, address);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[12..], (ushort)bits);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[14..], (ushort)next);
    }

    private static VhostNetState Fill(VhostNetState state, Fill step)
    {
        var bytes = new byte[step.Length];
        bytes.AsSpan().Fill(step.Byte);
        return Write(state, step.At, bytes);
    }

    /// <summary>What the driver wrote and what the device reported as written is known; the device's own ring fields are not.</summary>
    private static Branch<VhostNetState> ReadBack(VhostNetState state, Read step)
    {
        if (Unreadable(state, step.At, step.Length) is { } why) return CannotSay(state, why);
        var content = ContentValue.Of(state.Memory.Slice((int)step.At, step.Length));
        return new([new Claim("data", Allowed.Exactly(content), VhostNetRules.RxContent)], _ => state);
    }

    /// <summary>Why a stretch cannot be compared; null where it can.</summary>
    public static string? Unreadable(VhostNetState state, long at, int length)
    {
        if (!state.Memory.Holds(at, length)) return "the program reads beyond the arena";
        return Overlaps(state.Rx, at, length) || Overlaps(state.Tx, at, length)
            ? "the program reads a used ring as plain memory; settle shows what is in it"
            : null;
    }

    private static bool Overlaps(RingState ring, long at, int length)
    {
        if (ring.Driver is not { } driver) return false;
        var end = driver.Used + 4 + (8L * driver.Num) + 2;
        return at < end && at + length > driver.Used;
    }

    private static Branch<VhostNetState> Header(VhostNetState state, ReadHeader step)
    {
        var header = state.Memory.Slice((int)step.At, step.Length);
        var claims = new List<Claim>
        {
            Number("flags", header[0], VhostNetRules.RxHeader),
            Number("gso-type", header[1], VhostNetRules.RxHeader),
        };
        var at = 2;
        foreach (var field in (string[])["hdr-len", "gso-size", "csum-start", "csum-offset"])
        {
            claims.Add(Number(field, BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(at)), VhostNetRules.RxHeader));
            at += 2;
        }
        if (step.Length == 12)
        {
            var rule = state.Has(Feature.MergeableRxBuffers) ? VhostNetRules.RxNumBuffers : VhostNetRules.RxNumBuffersOne;
            claims.Add(Number("num-buffers", BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(at)), rule));
        }
        return new([.. claims], _ => state);
    }

    private static Claim Number(string field, long value, Rule rule) => new(field, Allowed.Exactly(value), rule);

    /// <summary>Puts heads into the avail ring and publishes the index once.</summary>
    public static VhostNetState Put(VhostNetState state, Ring ring, IEnumerable<ushort> heads)
    {
        var layout = Layout(state, ring);
        var index = DriverIndex(state, layout);
        var slots = state.Memory.Slice((int)layout.Avail + SplitRing.AvailHeader, 2 * layout.Num);
        foreach (var head in heads) BinaryPrimitives.WriteUInt16LittleEndian(slots.AsSpan(2 * (index++ & (layout.Num - 1))), head);
        return Publish(state with { Memory = state.Memory.Write((int)layout.Avail + SplitRing.AvailHeader, slots) }, ring, index);
    }

    /// <summary>The driver's own count of what it offered: what it last published, or where its ring starts.</summary>
    private static ushort DriverIndex(VhostNetState state, DriverRing layout) =>
        state[layout.Ring].DriverIndex ?? (ushort)layout.Start;

    private static VhostNetState Publish(VhostNetState state, Ring ring, ushort index)
    {
        var written = Write16(state, SplitRing.AvailIndex((int)Layout(state, ring).Avail), index);
        var one = written[ring];
        var before = state.Published(ring);
        ushort? sane = IsSane(index) ? index : IsSane(before) ? before : one.Sane;
        // What it asked for before is about the index of then.
        var wants = one.WantsKick && state.Published(ring) == index;
        return written.With(ring, one with { DriverIndex = index, WantsKick = wants, Sane = sane });

        bool IsSane(ushort at) => (ushort)(at - one.NextAvail) <= one.Num;
    }

    /// <summary>A kick wakes the worker for everything published so far; drivers/vhost/vhost.c vhost_poll_wakeup().</summary>
    private static VhostNetState Wake(VhostNetState state, Ring ring)
    {
        var one = state[ring];
        if (!one.KickBound || one.Backend is null) return state;
        return state.With(ring, one with
        {
            Must = true,
            // The pass stops watching when it begins, and watches again only if it takes all that waits.
            Watching = false,
            Log = one.Log with { Woken = one.Log.UsedRing },
            Wakes = one.Wakes + 1,
            MustUpTo = state.Published(ring),
            MustFrames = ring == Ring.Rx ? state.Backends[one.Backend].Queue.Count : 0,
        });
    }

    /// <summary>A frame comes to wait at the back end.</summary>
    public static VhostNetState Arrive(VhostNetState state, string name, byte[] frame)
    {
        var backend = state.Backends[name];
        var after = state with
        {
            Backends = state.Backends.SetItem(name, backend with { Queue = backend.Queue.Add(frame) }),
        };
        if (after.Rx.Backend != name) return after;
        after = after with { Rx = after.Rx with { Wakes = after.Rx.Wakes + 1 } };
        // A pass that begins stops watching, and watches again only if it takes all that waits. Watched, or watched again after a pass that is sure to take all that waited.
        var sure = state.Rx.Watching || AsyncPass.Serves(state, Ring.Rx)
            || (state.Rx.Must && RxPass.Run(state, Manner.Receiving[0], state.Rx.MustUpTo, state.Rx.MustFrames, passes: 1).End == PassEnd.Drained);
        return sure
            ? after with { Rx = after.Rx with { Must = true, Watching = false, Log = after.Rx.Log with { Woken = after.Rx.Log.UsedRing }, MustUpTo = after.Published(Ring.Rx), MustFrames = backend.Queue.Count + 1 } }
            : after;
    }
}
