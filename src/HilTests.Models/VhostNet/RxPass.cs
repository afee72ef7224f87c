using System.Buffers.Binary;
using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Predictions;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet;

/// <summary>The receive side on a synchronous link; drivers/vhost/net.c handle_rx(), get_rx_bufs().</summary>
internal static class RxPass
{
    private const int BasicHeader = 10;

    /// <summary>
    /// Everything that at most <paramref name="passes"/> passes do with the first <paramref name="frames"/> frames and
    /// the chains up to <paramref name="limit"/>. A lost chain ends a pass; the next wake-up goes on behind it.
    /// </summary>
    public static Pass Run(VhostNetState state, Manner manner, ushort limit, int frames, int passes)
    {
        if (state.Rx.Backend is not { } name) return Pass.Nothing;
        var backend = state.Backends[name];
        var items = ImmutableArray.CreateBuilder<PassItem>();
        var source = new ChainSource(state, Ring.Rx, limit);
        if (source.IsHeld) return new Pass([], PassEnd.Held) { Miss = source.Miss };
        var open = false;
        var waiting = new Queue<byte[]>(backend.Queue.Take(frames));
        while (waiting.TryPeek(out var frame))
        {
            if (source.Stopped is { } stopped) return new Pass(items.ToImmutable(), PassEnd.Stopped, stopped) { IsMannerOpen = open };
            var needed = state.VhostHeader + state.SocketHeader + frame.Length;
            var (buffers, broken, consumed) = Collect(source, needed, state.Has(Feature.MergeableRxBuffers));
            if (broken is not null)
            {
                if (consumed) items.Add(new PassItem(1, []) { Lost = broken });
                if (!consumed || --passes <= 0) return source.Stop(items.ToImmutable(), broken) with { IsMannerOpen = open };
                continue;
            }
            if (buffers is null) return new Pass(items.ToImmutable(), PassEnd.Starved) { IsMannerOpen = open };
            waiting.Dequeue();
            var isTooLong = buffers.Sum(b => b.Chain.WritableLength) < needed;
            open |= isTooLong && backend.Header == 0;
            items.Add(isTooLong ? TooLong(backend, manner, buffers[0].Chain, frame)
                : backend.Header != state.SocketHeader ? Misfit(state, backend, buffers, frame)
                : Deliver(state, buffers, frame, needed));
        }
        return new Pass(items.ToImmutable(), PassEnd.Drained) { IsMannerOpen = open };
    }

    /// <summary>
    /// Takes buffers until the frame fits: one only without MRG_RXBUF. Gives no buffers where the ring ran out; a
    /// buffer that does not fit without MRG_RXBUF is put back, and the frame is dropped.
    /// </summary>
    private static (List<(int Head, Chain Chain)>? Buffers, Rule? Broken, bool Consumed) Collect(ChainSource source, int needed, bool mergeable)
    {
        var buffers = new List<(int Head, Chain Chain)>();
        var (room, segments) = (0, 0);
        while (room < needed && (mergeable || buffers.Count == 0))
        {
            if (source.Empty)
            {
                source.PutBack(buffers.Count);
                return (null, source.AtEnd, false);
            }
            var chain = source.Take(SplitRing.MostSegments - segments);
            var broken = chain.Broken ?? (chain.Readable.Count > 0 || chain.Writable.Count == 0 ? VhostNetRules.RxReadable : null);
            if (broken is not null)
            {
                // The walk itself does not move the index; a buffer refused after it stays consumed.
                source.PutBack(buffers.Count + (chain.Broken is null ? 0 : 1));
                return (null, broken, chain.Broken is null);
            }
            buffers.Add((source.Head, chain));
            room += chain.WritableLength;
            segments += chain.Writable.Count;
        }
        if (room < needed) source.PutBack(buffers.Count);
        return (buffers, null, false);
    }

    /// <summary>A frame that does not fit is received into one byte, or into nothing, to be rid of it: the buffer is not used, but may be written.</summary>
    private static PassItem TooLong(BackendState backend, Manner manner, Chain chain, byte[] frame) => new(0, [], Frames: 1)
    {
        // A socket that puts a header first finds that there is no room for it, and writes nothing.
        Writes = backend.Header == 0 && manner.Touches ? [(chain.Writable[0] with { Length = 1 }, frame[..1])] : [],
    };

    /// <summary>
    /// A socket that gives more or fewer bytes than its frame and the negotiated header: the frame is dropped, and the
    /// buffers, which hold what the socket wrote, are not used. drivers/net/tun.c tun_put_user().
    /// </summary>
    private static PassItem Misfit(VhostNetState state, BackendState backend, List<(int Head, Chain Chain)> buffers, byte[] frame)
    {
        var room = state.SocketHeader + frame.Length;
        var written = new List<(int At, byte[] Bytes)>();
        if (backend.Header > 0) written.Add((0, new byte[BasicHeader]));
        written.Add((backend.Header, frame[..Math.Min(frame.Length, room - backend.Header)]));
        var writes = ImmutableArray.CreateBuilder<(Segment, byte[])>();
        foreach (var (at, bytes) in written) Spread(writes, buffers, state.VhostHeader + at, bytes);
        return new PassItem(0, [], Frames: 1) { Writes = writes.ToImmutable() };
    }

    /// <summary>Writes bytes that begin so far behind the first buffer's start.</summary>
    private static void Spread(ImmutableArray<(Segment, byte[])>.Builder writes, List<(int Head, Chain Chain)> buffers, int skip, byte[] bytes)
    {
        var done = 0;
        foreach (var segment in buffers.SelectMany(b => b.Chain.Writable))
        {
            var part = Math.Min(Math.Max(segment.Length - skip, 0), bytes.Length - done);
            if (part > 0) writes.Add((segment with { Offset = segment.Offset + skip, Length = part, Guest = segment.Guest + (ulong)skip }, bytes.AsSpan(done, part).ToArray()));
            done += Math.Max(part, 0);
            skip = Math.Max(skip - segment.Length, 0);
        }
    }

    private static PassItem Deliver(VhostNetState state, List<(int Head, Chain Chain)> buffers, byte[] frame, int needed)
    {
        var header = state.VhostHeader + state.SocketHeader;
        var content = new byte[needed];
        frame.CopyTo(content.AsSpan(header));
        var mergeable = state.Has(Feature.MergeableRxBuffers);
        // Bytes 10 and 11 hold num_buffers: the specification wants 1 there where buffers are not merged.
        if (header > BasicHeader) BinaryPrimitives.WriteUInt16LittleEndian(content.AsSpan(BasicHeader), (ushort)(mergeable ? buffers.Count : 1));
        var used = ImmutableArray.CreateBuilder<UsedEntry>();
        var writes = ImmutableArray.CreateBuilder<(Segment, byte[])>();
        var at = 0;
        foreach (var (head, chain) in buffers)
        {
            var part = Math.Min(chain.WritableLength, needed - at);
            used.Add(new UsedEntry(head, part));
            foreach (var segment in chain.Writable)
            {
                var length = Math.Min(segment.Length, needed - at);
                if (length <= 0) break;
                writes.Add((segment with { Length = length }, content.AsSpan(at, length).ToArray()));
                at += length;
            }
        }
        return new PassItem(buffers.Count, used.ToImmutable(), Frames: 1) { Writes = writes.ToImmutable() };
    }
}
