using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Predictions;
using HilTests.Models.VhostNet.Async;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet;

/// <summary>One thing that a pass over a ring does, in order.</summary>
/// <param name="Chains">chains taken from the ring</param>
/// <param name="Used">entries published</param>
/// <param name="Frames">RX: frames taken from the socket</param>
internal sealed record PassItem(int Chains, ImmutableArray<UsedEntry> Used, int Frames = 0)
{
    /// <summary>TX: the frame that goes out on the wire.</summary>
    public byte[]? Sent { get; init; }

    /// <summary>TX: the socket refuses the frame itself, not for want of room.</summary>
    public bool Refused { get; init; }

    /// <summary>TX: in a batch that failed, with a complaint; the pass goes on. Its buffer is used, or not.</summary>
    public bool LostInBatch { get; init; }

    /// <summary>RX: bytes written to memory.</summary>
    public ImmutableArray<(Segment Segment, byte[] Bytes)> Writes { get; init; } = [];

    /// <summary>The rule by which the chain was consumed but not used, with a complaint; null where all is well.</summary>
    public Rule? Lost { get; init; }

    /// <summary>Asynchronous link: the chain was handed over, and completes later.</summary>
    public AsyncRequest? Submits { get; init; }

    /// <summary>Asynchronous link: the used entry is of the first request that has completed.</summary>
    public bool Publishes { get; init; }

    /// <summary>Asynchronous link: the used entry is of the oldest request that is outstanding.</summary>
    public bool Fills { get; init; }

    /// <summary>Asynchronous link: the packet fits no buffer.</summary>
    public bool Drops { get; init; }
}

/// <summary>How a pass ends.</summary>
internal enum PassEnd
{
    /// <summary>Nothing is left to do; the device asks for a kick (TX) or watches its socket (RX).</summary>
    Drained,

    /// <summary>RX: a frame waits for buffers; the device asks for a kick.</summary>
    Starved,

    /// <summary>A translation is missing and was asked for, or one forbids the look at the ring: nothing more until an update or a wake-up.</summary>
    Held,

    /// <summary>TX: the back end has no room; it is polled until it has.</summary>
    Blocked,

    /// <summary>TX: a chain that the device tries again and again.</summary>
    Retrying,

    /// <summary>Asynchronous link: no request block is left; the device goes on when some come back.</summary>
    Exhausted,

    /// <summary>Asynchronous link: the back end refuses the next chain; the device goes on when it is told.</summary>
    Refused,

    /// <summary>A chain that cannot be walked, or a lost one: a complaint, and no more until the next kick.</summary>
    Stopped,
}

/// <summary>What a pass over a ring does from a state, if nothing changes meanwhile.</summary>
/// <param name="Items">in order</param>
/// <param name="End">how it ends</param>
/// <param name="Broken">the rule that stopped it, where a chain did</param>
/// <param name="Unmodelled">why the model cannot say; null where it can</param>
internal sealed record Pass(ImmutableArray<PassItem> Items, PassEnd End, Rule? Broken = null, string? Unmodelled = null)
{
    /// <summary>The translation that it asks for at its end; null where none.</summary>
    public Miss? Miss { get; init; }

    /// <summary>A pass that does nothing.</summary>
    public static Pass Nothing { get; } = new([], PassEnd.Drained);

    /// <summary>whether it would be another pass in another manner.</summary>
    public bool IsMannerOpen { get; init; }

    /// <summary>How many items are sure to be done although the back end may run full; null for all.</summary>
    public int? Certain { get; init; }

    /// <summary>Whether the pass complains after its last item.</summary>
    public bool Complains => End == PassEnd.Stopped;

    public static Pass CannotSay(string why) => new([], PassEnd.Stopped, null, why);
}

/// <summary>What passes of both directions need: the next chains of a ring.</summary>
internal sealed class ChainSource
{
    private readonly VhostNetState _state;
    private readonly RingState _ring;
    private readonly ushort _asked;
    private ushort _limit;
    private readonly Ring _which;
    private ushort _next;

    public ChainSource(VhostNetState state, Ring ring, ushort limit)
    {
        (_state, _ring, _limit, _asked) = (state, state[ring], limit, limit);
        _next = _ring.NextAvail;
        _which = ring;
        if (IotlbCalls.Held(state, _ring) is { } held)
        {
            (IsHeld, Miss) = (true, held.Missing is { } missing ? Ask(missing, held.Write) : null);
            return;
        }
        var pending = (ushort)(state.Published(ring) - _next);
        if (_ring.Avail.Offset is null) Stopped = VirtqueueRules.Mapped;
        if (pending <= _ring.Num) return;
        // It stays with what it knew of before the jump, at most.
        AtEnd = VhostNetRules.IndexJump;
        _limit = _ring.Sane ?? _next;
    }

    /// <summary>The pass cannot even look at the ring.</summary>
    public bool IsHeld { get; }

    /// <summary>The translation that the device has to ask for now; null where none.</summary>
    public Miss? Miss { get; private set; }

    /// <summary>The rule that stops the pass before any chain, or null.</summary>
    public Rule? Stopped { get; }

    /// <summary>The rule that stops the pass when no chain is left, or null where it then rests.</summary>
    public Rule? AtEnd { get; private set; }

    public bool Empty => (ushort)(_limit - _next) == 0 || (ushort)(_limit - _next) > _ring.Num;

    /// <summary>The head that <see cref="Take"/> took last.</summary>
    public int Head { get; private set; }

    /// <summary>Takes the next chain, which may have so many segments.</summary>
    public Chain Take(int room = SplitRing.MostSegments)
    {
        var avail = (int)_ring.Avail.Offset!.Value;
        Head = _state.Memory.Read16(SplitRing.AvailSlot(avail, (int)_ring.Num, _next));
        _next++;
        if (AtEnd is not null && _next == _limit) GoOn();
        var chain = Chain.Walk(_state.Memory, _state.Iotlb ?? _state.Map ?? GuestMap.Empty, (int?)_ring.Desc.Offset, (int)_ring.Num, Head, room);
        if (chain.Missed is { } missed) Miss = Ask(missed.Address, missed.Write);
        return chain;
    }

    /// <summary>How a pass that stops at a chain it cannot walk ends.</summary>
    public Pass Stop(ImmutableArray<PassItem> items, Rule broken) =>
        Miss is { } miss ? new Pass(items, PassEnd.Held) { Miss = miss } : new Pass(items, PassEnd.Stopped, broken);

    /// <summary>With all that it knew of taken, the device looks again; now the index may be one that can be.</summary>
    private void GoOn()
    {
        if ((ushort)(_state.Published(_which) - _next) > _ring.Num) return;
        (_limit, AtEnd) = (_asked, null);
    }

    private Miss Ask(ulong address, bool write) => new(address, write ? IotlbAccess.Wo : IotlbAccess.Ro, _which, _state.MessageVersion, Sure: false);

    public void PutBack(int chains) => _next -= (ushort)chains;
}
