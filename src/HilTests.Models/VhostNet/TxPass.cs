using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet;

/// <summary>The transmit side on a synchronous link; drivers/vhost/net.c handle_tx_copy().</summary>
internal static class TxPass
{
    private const int LargestFrame = 65535;

    /// <summary>
    /// Everything that at most <paramref name="passes"/> passes do with the chains offered up to <paramref name="limit"/>.
    /// A lost chain ends a pass; the next wake-up goes on behind it.
    /// </summary>
    public static Pass Run(VhostNetState state, ushort limit, int passes)
    {
        if (state.Tx.Backend is not { } name) return Pass.Nothing;
        var backend = state.Backends[name];
        if (HeaderTrouble(state, backend) is { } trouble) return Pass.CannotSay(trouble);
        var source = new ChainSource(state, Ring.Tx, limit);
        if (source.IsHeld) return new Pass([], PassEnd.Held) { Miss = source.Miss };
        if (source.Stopped is { } stopped) return new Pass([], PassEnd.Stopped, stopped);
        var items = ImmutableArray.CreateBuilder<PassItem>();
        while (!source.Empty)
        {
            var chain = source.Take();
            if (chain.Broken is { } broken) return source.Stop(items.ToImmutable(), broken);
            var total = chain.ReadableLength;
            if (chain.Writable.Count > 0 || total <= state.VhostHeader)
            {
                var rule = chain.Writable.Count > 0 ? VhostNetRules.TxWritable : VhostNetRules.TxEmpty;
                items.Add(new PassItem(1, []) { Lost = rule });
                if (--passes <= 0) return new Pass(items.ToImmutable(), PassEnd.Stopped, rule);
                continue;
            }
            var bytes = Gather(state.Memory, chain.Readable);
            if (Unmodelled(state, backend, bytes) is { } why) return Pass.CannotSay(why);
            var frame = bytes[(state.VhostHeader + state.SocketHeader)..];
            var isWhole = frame.Length >= FrameContent.EthernetHeader;
            items.Add(new PassItem(1, [new UsedEntry(source.Head, 0)]) { Sent = isWhole ? frame : null, Refused = !isWhole && backend.Kind == BackendKind.Packet });
        }
        return source.AtEnd is { } jump ? new Pass(items.ToImmutable(), PassEnd.Stopped, jump) : new Pass(items.ToImmutable(), PassEnd.Drained);
    }

    /// <summary>
    /// A link whose two ends disagree about the header is left to another day; so is a tap without a header, where
    /// drivers/vhost/net.c vhost_net_build_xdp() looks at a header that nobody wrote.
    /// </summary>
    public static string? HeaderTrouble(VhostNetState state, BackendState backend)
    {
        var fits = backend.Kind == BackendKind.Tap ? state.SocketHeader > 0 && backend.Header == state.SocketHeader : state.SocketHeader == 0;
        return fits ? null : "the back end's header size does not fit the features; such a link is not modelled";
    }

    private static string? Unmodelled(VhostNetState state, BackendState backend, byte[] bytes)
    {
        if (bytes.Length < state.VhostHeader + state.SocketHeader) return "a buffer shorter than the header makes the device try for ever; not modelled";
        if (bytes.Length > LargestFrame) return "a frame over 65535 bytes is not modelled";
        return backend.Kind == BackendKind.Tap && bytes.AsSpan(0, Math.Min(10, state.SocketHeader)).ContainsAnyExcept((byte)0)
            ? "a header that asks for offloads is not modelled"
            : null;
    }

    private static byte[] Gather(MemoryImage memory, IReadOnlyList<Segment> segments)
    {
        var bytes = new byte[segments.Sum(s => s.Length)];
        var at = 0;
        foreach (var segment in segments)
        {
            memory.Read(segment.Offset, bytes.AsSpan(at, segment.Length));
            at += segment.Length;
        }
        return bytes;
    }
}
