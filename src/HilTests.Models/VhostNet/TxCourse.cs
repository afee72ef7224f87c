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
        _limit = LimitOf(backend);
        foreach (var frame in backend.Out.Held)
        {
            _least += frame.Length + LeastOverhead;
            // How it was cut is forgotten: whether there is room behind it is then open.
            _most = long.MaxValue / 2;
        }
    }

    /// <summary>Whether frames may go without being copied.</summary>
    public bool ZeroCopy { get; }

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
