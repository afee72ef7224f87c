using System.Buffers.Binary;
using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Predictions;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet.Async;

/// <summary>
/// A pass over a ring with an asynchronous link: what has completed is published first, in the order of completion; then buffer after buffer is submitted; what
/// completed meanwhile is published at the end. docs/rules/vhost-net-async.md.
/// </summary>
internal sealed class AsyncPass
{
    private const int BasicHeader = 10;
    private const int MostSegments = 32;
    private const int MostPages = 64;
    private const int PageBytes = 4096;
    private const int LongestFrame = 65562;

    private readonly VhostNetState _state;
    private readonly Ring _ring;
    private readonly BackendState _backend;
    private readonly Queue<byte[]> _packets;
    private readonly ImmutableArray<PassItem>.Builder _items = ImmutableArray.CreateBuilder<PassItem>();
    private int _passes;
    private int _taken;

    private AsyncPass(VhostNetState state, Ring ring, int frames, int passes)
    {
        (_state, _ring, _passes) = (state, ring, passes);
        _backend = state.Backends[state[ring].Backend!];
        _packets = new Queue<byte[]>(ring == Ring.Rx ? _backend.Queue.Take(frames) : []);
        var other = state[ring == Ring.Rx ? Ring.Tx : Ring.Rx];
        // What the other ring will publish by itself gives its blocks back before this one comes to rest.
        _taken = state[ring].Async.Outstanding.Count + state[ring].Async.Coming.Count + other.Async.Taken - (other.Must ? other.Async.Completed.Count : 0);
    }

    /// <summary>Whether the ring's link is an asynchronous one.</summary>
    public static bool Serves(VhostNetState state, Ring ring) => state[ring].Backend is { } name && state.Backends[name].Kind == BackendKind.Mp;

    /// <summary>Everything that at most so many passes do with the chains up to a limit, and with so many packets.</summary>
    public static Pass Run(VhostNetState state, Ring ring, ushort limit, int frames, int passes) => new AsyncPass(state, ring, frames, passes).Run(limit);

    /// <summary>What a buffer holds when it was given a packet: the header of vhost, that of the socket, and as much of the packet as there is room for.</summary>
    /// <param name="state">the device</param>
    /// <param name="backend">the socket</param>
    /// <param name="request">the buffer</param>
    /// <param name="packet">the packet</param>
    public static AsyncDone Fill(VhostNetState state, BackendState backend, AsyncRequest request, ReadOnlySpan<byte> packet)
    {
        var headers = state.VhostHeader + backend.Header;
        var content = new byte[Math.Min(headers + packet.Length, request.Buffer.Sum(s => s.Length))];
        if (content.Length > headers) packet[..(content.Length - headers)].CopyTo(content.AsSpan(headers));
        // Behind a basic header stands the number of buffers, which is 1.
        foreach (var (at, length) in (ReadOnlySpan<(int, int)>)[(0, state.VhostHeader), (state.VhostHeader, backend.Header)])
            if (length > BasicHeader && content.Length >= at + BasicHeader + 2) BinaryPrimitives.WriteUInt16LittleEndian(content.AsSpan(at + BasicHeader), 1);
        return new AsyncDone(request, content.Length, content);
    }

    /// <summary>The bytes of a completed buffer, segment by segment.</summary>
    public static ImmutableArray<(Segment Segment, byte[] Bytes)> Writes(AsyncDone done)
    {
        var writes = ImmutableArray.CreateBuilder<(Segment, byte[])>();
        var at = 0;
        foreach (var segment in done.Request.Buffer)
        {
            var part = Math.Min(segment.Length, done.Content.Length - at);
            if (part <= 0) break;
            writes.Add((segment with { Length = part }, done.Content.AsSpan(at, part).ToArray()));
            at += part;
        }
        return writes.ToImmutable();
    }

    /// <summary>A completed request becomes a used entry.</summary>
    public static PassItem Publication(AsyncDone done) => new(0, [new UsedEntry(done.Request.Head, done.Length)]) { Writes = Writes(done), Publishes = true };

    private Pass Run(ushort limit)
    {
        foreach (var done in _state[_ring].Async.Completed) _items.Add(Publication(done));
        FillOutstanding();
        var source = new ChainSource(_state, _ring, limit);
        if (source.Stopped is { } stopped) return End(PassEnd.Stopped, stopped);
        while (true)
        {
            if (_taken >= AsyncLink.PoolSize) return Exhausted(source.Empty);
            if (source.Empty) return source.AtEnd is { } jump ? End(PassEnd.Stopped, jump) : End(Rest);
            var chain = source.Take();
            if (chain.Broken is { } broken) return End(PassEnd.Stopped, broken);
            if (Lost(chain) is { } rule)
            {
                _items.Add(new PassItem(1, []) { Lost = rule });
                if (--_passes <= 0) return End(PassEnd.Stopped, rule);
                continue;
            }
            if (Trouble(chain) is { } why) return Pass.CannotSay(why);
            if (_backend.Mp.Refuses(_ring)) return End(PassEnd.Refused);
            Submit(source.Head, chain);
        }
    }

    /// <summary>A ring that was looked at to its end asks for a kick, whether it receives or transmits.</summary>
    private PassEnd Rest => _ring == Ring.Tx ? PassEnd.Drained : PassEnd.Starved;

    private Pass End(PassEnd end, Rule? broken = null) => new(_items.ToImmutable(), end, broken);

    /// <summary>A block is taken before a buffer: without one the device does not even find out whether there is a buffer.</summary>
    private Pass Exhausted(bool isEmpty)
    {
        var other = _ring == Ring.Rx ? Ring.Tx : Ring.Rx;
        var competes = Serves(_state, other) && (_state[other].NextAvail != _state.Published(other) || _state[other].Async.Completed.Count > 0);
        return competes && !isEmpty ? Pass.CannotSay("two rings that compete for the last request blocks are not modelled") : End(PassEnd.Exhausted);
    }

    private Rule? Lost(Chain chain) => _ring == Ring.Tx
        ? chain.Writable.Count > 0 ? VhostNetRules.TxWritable : chain.ReadableLength <= _state.VhostHeader ? VhostNetRules.TxEmpty : null
        : chain.Readable.Count > 0 || chain.Writable.Count == 0 ? VhostNetRules.RxReadable : null;

    private string? Trouble(Chain chain)
    {
        if (_ring == Ring.Tx)
        {
            var length = chain.ReadableLength - _state.VhostHeader;
            return length <= _backend.Header || length > LongestFrame ? "a frame that the pass-through back end refuses for its length is not modelled" : null;
        }
        if (chain.WritableLength <= _state.VhostHeader) return "a buffer without room behind the header is not modelled";
        var pages = chain.Writable.Sum(s => (((s.Offset % PageBytes) + s.Length + PageBytes - 1) / PageBytes) + 1);
        return chain.Writable.Count > MostSegments || pages > MostPages ? "a buffer of that many parts is not modelled on an asynchronous link" : null;
    }

    private void Submit(int head, Chain chain)
    {
        if (_ring == Ring.Tx)
        {
            var request = new AsyncRequest(head, Gather(chain)[(_state.VhostHeader + _backend.Header)..], []);
            _items.Add(_backend.Mp.HoldsTx ? new PassItem(1, []) { Submits = request } : new PassItem(1, [new UsedEntry(head, 0)]) { Sent = _backend.Mp.Captures ? request.Frame : null });
            if (_backend.Mp.HoldsTx) _taken++;
            return;
        }
        var posted = new AsyncRequest(head, null, [.. chain.Writable]);
        if (_backend.Mp.HoldsRx || !NextFor(posted, out var packet))
        {
            _items.Add(new PassItem(1, []) { Submits = posted });
            _taken++;
            return;
        }
        var done = Fill(_state, _backend, posted, packet);
        _items.Add(new PassItem(1, [new UsedEntry(head, done.Length)], Frames: 1) { Writes = Writes(done) });
    }

    /// <summary>Packets that wait fill the buffers that wait, in order.</summary>
    private void FillOutstanding()
    {
        if (_ring == Ring.Tx || _backend.Mp.HoldsRx) return;
        foreach (var request in _state.Rx.Async.Outstanding)
        {
            if (!NextFor(request, out var packet)) return;
            var done = Fill(_state, _backend, request, packet);
            _items.Add(new PassItem(0, [new UsedEntry(request.Head, done.Length)], Frames: 1) { Writes = Writes(done), Fills = true });
            _taken--;
        }
    }

    /// <summary>The next packet that fits; those before it that do not are dropped.</summary>
    private bool NextFor(AsyncRequest request, out byte[] packet)
    {
        var room = request.Buffer.Sum(s => s.Length) - _state.VhostHeader - _backend.Header;
        while (_packets.TryDequeue(out packet!))
        {
            if (packet.Length <= room) return true;
            _items.Add(new PassItem(0, [], Frames: 1) { Drops = true });
        }
        return false;
    }

    private byte[] Gather(Chain chain)
    {
        var bytes = new byte[chain.ReadableLength];
        var at = 0;
        foreach (var segment in chain.Readable)
        {
            _state.Memory.Read(segment.Offset, bytes.AsSpan(at, segment.Length));
            at += segment.Length;
        }
        return bytes;
    }
}
