using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet;

/// <summary>What sending frame after frame does to the link: room at the back end, buffers lent to frames on their way.</summary>
internal sealed class TxCourse
{
    /// <summary>The least and the most that a frame of some bytes takes of a send buffer; include/linux/skbuff.h SKB_TRUESIZE().</summary>
    private const int LeastOverhead = 400;
    private const int PageSize = 4096;

    /// <summary>What the kernel makes of SO_SNDBUF at most: twice as much, and not less than a packet or two (SOCK_MIN_SNDBUF).</summary>
    private const int SmallestSendBuffer = 8192;

    /// <summary>A packet socket whose buffer the program did not set: what it holds for sure, and what it surely does not.</summary>
    private const int SystemLeast = 64 << 10;

    private readonly BackendState _backend;
    private readonly (long Least, long Most) _limit;
    private long _least;
    private long _most;

    public TxCourse(VhostNetState state, BackendState backend)
    {
        _backend = backend;
        ZeroCopy = state.ZeroCopy && backend.Kind != BackendKind.Packet;
        Rules = new ZeroCopyRules(state.Tx, backend);
        _limit = LimitOf(backend);
        foreach (var frame in backend.Out.Held)
        {
            _least += frame.Length + LeastOverhead;
            // How it was cut is forgotten: whether there is room behind it is then open.
            _most = long.MaxValue / 2;
        }
    }

    /// <summary>Whether large frames go without being copied.</summary>
    public bool ZeroCopy { get; }

    public ZeroCopyRules Rules { get; }

    /// <summary>Whether the back end takes another frame: no, perhaps (null), or surely.</summary>
    public bool? HasRoom
    {
        get
        {
            if (!_backend.Out.Plugged) return true;
            if (_backend.Out.Full || _least >= _limit.Most) return false;
            return _most < _limit.Least ? true : null;
        }
    }

    /// <summary>A frame is on its way.</summary>
    public void Charge(Chain chain)
    {
        _least += chain.ReadableLength - 12 + LeastOverhead;
        _most += (2L * chain.ReadableLength) + (PageSize * (chain.Readable.Count + 1L));
    }

    private static (long Least, long Most) LimitOf(BackendState backend) => (backend.Kind, backend.Out.SendBuffer) switch
    {
        (BackendKind.Packet, 0) => (SystemLeast, long.MaxValue),
        (BackendKind.Packet, var bytes) => (bytes, Math.Max(2L * bytes, SmallestSendBuffer)),
        (_, 0) => (long.MaxValue, long.MaxValue),
        (_, var bytes) => (bytes, bytes),
    };
}

/// <summary>
/// Zero-copy sending; drivers/vhost/net.c handle_tx_zerocopy(). A large frame takes the pages of its buffer along, and the
/// buffer is used when the frame is through, in fetch order among those. All else is copied and used at once.
/// </summary>
internal sealed class ZeroCopyRules(RingState ring, BackendState backend)
{
    private const int GoodCopy = 256;
    private const int MostPending = 128;
    private const int PacketsPerFailure = 64;
    private const int ForgetAfter = 1024;
    private const int MostFragments = 17;
    private const int PageSize = 4096;

    private readonly long _pending = Math.Min(MostPending, ring.Num >> 2);
    private ImmutableList<Lent> _lent = ring.Link.Lent;
    private int _packets = ring.Link.Packets;
    private int _failures = ring.Link.Failures;

    /// <summary>The link as it is now.</summary>
    public TxLink Link => ring.Link with { Lent = _lent, Packets = _packets, Failures = _failures };

    /// <summary>Buffers whose frames are through, up to the first that is not.</summary>
    public ImmutableArray<UsedEntry> TakeDone()
    {
        var done = _lent.TakeWhile(l => l.Done).ToList();
        _lent = _lent.RemoveRange(0, done.Count);
        _failures += done.Count(l => l.IsFailure);
        return [.. done.Select(l => new UsedEntry(l.Head, 0))];
    }

    /// <summary>Sends a frame; gives what is used then.</summary>
    /// <param name="head">its chain</param>
    /// <param name="isSent">whether the socket takes it</param>
    /// <param name="chain">the buffer</param>
    /// <param name="vhostHeader">bytes that vhost strips</param>
    /// <param name="copied">bytes that the socket copies besides its header</param>
    public ImmutableArray<UsedEntry> Send(int head, bool isSent, Chain chain, int vhostHeader, int copied)
    {
        var lends = chain.ReadableLength - vhostHeader >= GoodCopy && _lent.Count <= _pending && _packets / PacketsPerFailure >= _failures;
        var used = ImmutableArray<UsedEntry>.Empty;
        if (!lends)
        {
            used = [new UsedEntry(head, 0)];
        }
        else
        {
            var isHeld = isSent && backend.Out.Plugged && Fragments(chain, vhostHeader + backend.Header + (copied > 0 ? copied : GoodCopy)) <= MostFragments;
            // Whoever looks at a frame on its way copies it, and our far side looks; a refused one is no failure.
            _lent = _lent.Add(new Lent(head, !isHeld, isSent));
            used = TakeDone();
        }
        if (++_packets >= ForgetAfter) (_packets, _failures) = (0, 0);
        return used;
    }

    /// <summary>Pages that the rest of a buffer lies on, piece by piece.</summary>
    private static int Fragments(Chain chain, int skip)
    {
        var pages = 0;
        foreach (var segment in chain.Readable)
        {
            var part = Math.Min(skip, segment.Length);
            skip -= part;
            var (start, end) = (segment.Offset + part, segment.Offset + segment.Length);
            if (end > start) pages += ((end - 1) / PageSize) - (start / PageSize) + 1;
        }
        return pages;
    }
}
