using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Predictions;
using HilTests.Core.Values;
using HilTests.Models.VhostNet.Async;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet;

/// <summary>A used entry: chain head and bytes written.</summary>
internal readonly record struct UsedEntry(int Head, int Length)
{
    /// <summary>Whether its buffer may be on loan to a frame on its way.</summary>
    public Loan Loan { get; init; }

    /// <summary>The buffer that may be on loan; null where none may.</summary>
    public LoanedBuffer? Buffer { get; init; }

    public Value ToValue() => Value.Record(("id", Value.Of(Head)), ("len", Value.Of(Length)));
}

/// <summary>What the model knows of a back end.</summary>
/// <param name="Kind">what it is made of</param>
/// <param name="Header">bytes of virtio-net header the socket supplies itself</param>
/// <param name="Queue">frames sent towards the device that it has not taken yet</param>
/// <param name="Wire">frames the device has sent since the last settle</param>
internal sealed record BackendState(BackendKind Kind, int Header, ImmutableList<byte[]> Queue, ImmutableList<byte[]> Wire)
{
    /// <summary>Whether vhost-net can take it; drivers/vhost/net.c get_socket().</summary>
    public bool Acceptable => Kind is BackendKind.Tap or BackendKind.Packet or BackendKind.Macvtap or BackendKind.Mp;

    /// <summary>How its frames leave.</summary>
    public OutletState Out { get; init; } = OutletState.Free;

    /// <summary>What it was told, where it is a pass-through one.</summary>
    public MpState Mp { get; init; } = MpState.Fresh;
}

/// <summary>Bounds of an event count.</summary>
/// <param name="AtLeast">never fewer</param>
/// <param name="AtMost">no more are wanted</param>
internal readonly record struct Bounds(int AtLeast, int AtMost)
{
    /// <summary>No bound that matters.</summary>
    public const int Many = int.MaxValue / 4;

    public static Bounds operator +(Bounds a, Bounds b) => new(a.AtLeast + b.AtLeast, a.AtMost + b.AtMost);
}

/// <summary>One ring as the device keeps it, and what is still to be seen of it.</summary>
internal sealed record RingState
{
    /// <summary>Entries; 1 until SET_VRING_NUM (drivers/vhost/vhost.c vhost_vq_reset()).</summary>
    public uint Num { get; init; } = 1;

    /// <summary>The avail index the device fetches next.</summary>
    public ushort NextAvail { get; init; }

    public UserAddress Desc { get; init; }

    public UserAddress Avail { get; init; }

    public UserAddress Used { get; init; }

    /// <summary>Where its parts lie for a device with an IOTLB; null where it was told no such addresses.</summary>
    public RingIova? Iova { get; init; }

    /// <summary>The attached back end, or null.</summary>
    public string? Backend { get; init; }

    public bool KickBound { get; init; }

    public bool CallBound { get; init; }

    public bool ErrBound { get; init; }

    public uint Busyloop { get; init; }

    /// <summary>The device's used index.</summary>
    public ushort UsedIndex { get; init; }

    /// <summary>The used index at the last decision whether to signal.</summary>
    public ushort SignalledUsed { get; init; }

    /// <summary>No decision was made since the back end was set: the next one signals.</summary>
    public bool SignalledValid { get; init; }

    /// <summary>The avail index the driver published last; null before the first.</summary>
    public ushort? DriverIndex { get; init; }

    /// <summary>The avail index published last that was no jump: what the device may know of. Null before the first.</summary>
    public ushort? Sane { get; init; }

    /// <summary>Where the driver says the ring lies; null before driver-ring.</summary>
    public DriverRing? Driver { get; init; }

    /// <summary>A pass is sure to come for everything offered up to <see cref="MustUpTo"/>.</summary>
    public bool Must { get; init; }

    /// <summary>A pass may come without being asked for: a back end was attached and is polled.</summary>
    public bool May { get; init; }

    /// <summary>Wake-ups since the device was last quiet: at most so many passes were begun.</summary>
    public int Wakes { get; init; }

    /// <summary>The published avail index when the last sure wake-up came.</summary>
    public ushort MustUpTo { get; init; }

    /// <summary>RX: frames waiting when the last sure wake-up came.</summary>
    public int MustFrames { get; init; }

    /// <summary>RX: the device watches its socket: a new frame is a sure wake-up.</summary>
    public bool Watching { get; init; }

    /// <summary>The device has asked to be kicked for the next buffer, and nothing has woken it since.</summary>
    public bool WantsKick { get; init; }

    /// <summary>Used entries since the last settle.</summary>
    public ImmutableList<UsedEntry> Fresh { get; init; } = [];

    /// <summary>How many of them are not used after all: their buffers are on loan. Only while a settle is judged.</summary>
    public int Missing { get; init; }

    /// <summary>Signals due since the last settle.</summary>
    public Bounds Calls { get; init; }

    /// <summary>Complaints due since the last settle: sure ones and possible ones.</summary>
    public Bounds Errors { get; init; }

    /// <summary>The rule that the last broken chain broke, or null.</summary>
    public Rule? Broken { get; init; }

    /// <summary>The device has refused an avail index that jumped, and the driver may have mended it since.</summary>
    public bool Jumped { get; init; }

    /// <summary>A settle has seen the complaint about it.</summary>
    public bool JumpReported { get; init; }

    /// <summary>A used entry since the last settle is of a frame that the socket refused.</summary>
    public bool Refused { get; init; }

    /// <summary>TX: what the device keeps about its back end.</summary>
    public TxLink Link { get; init; } = TxLink.Fresh;

    /// <summary>The device may have written its own fields of the used ring since they were last seen.</summary>
    public bool Stirred { get; init; }

    /// <summary>As <see cref="Stirred"/>, by what also writes used.flags with EVENT_IDX: an attach.</summary>
    public bool FlagsStirred { get; init; }

    /// <summary>Nothing has asked the device for notifications, or for none, since it was opened or reset.</summary>
    public bool FlagsClean { get; init; } = true;

    /// <summary>used.flags as it was seen last; null before that.</summary>
    public ushort? SeenFlags { get; init; }

    /// <summary>avail_event as it was seen last; null before that.</summary>
    public ushort? SeenEvent { get; init; }

    /// <summary>What is between taken and used on an asynchronous link.</summary>
    public AsyncLink Async { get; init; } = AsyncLink.Empty;

    /// <summary>What it was told about the log.</summary>
    public RingLog Log { get; init; } = new();

    /// <summary>Something that governs signals changed while a pass may have been running.</summary>
    public bool CallsUncertain { get; init; }
}

/// <summary>The device, the driver's memory and the back ends.</summary>
internal sealed record VhostNetState
{
    public bool IsOpen { get; init; }

    /// <summary>The device is the project's own, whose link may be asynchronous.</summary>
    public bool IsAsyncDevice { get; init; }

    /// <summary>It has made its request blocks.</summary>
    public bool HasPool { get; init; }

    public bool Owned { get; init; }

    public ulong Features { get; init; }

    /// <summary>Bytes of header that vhost itself strips and supplies; drivers/vhost/net.c vhost_net_set_features().</summary>
    public int VhostHeader { get; init; }

    /// <summary>Bytes of header that the socket strips and supplies.</summary>
    public int SocketHeader { get; init; }

    /// <summary>The memory table; null before the first.</summary>
    public GuestMap? Map { get; init; }

    public RingState Rx { get; init; } = new();

    public RingState Tx { get; init; } = new();

    public required MemoryImage Memory { get; init; }

    public ImmutableSortedDictionary<string, BackendState> Backends { get; init; } = ImmutableSortedDictionary<string, BackendState>.Empty;

    /// <summary>Features the kernel offers, as it was probed.</summary>
    public ulong Offered { get; init; }

    /// <summary>Features from bit 64 on that the kernel offers.</summary>
    public ulong OfferedHigh { get; init; }

    /// <summary>Whether the worker is a task of its owner, and whether it is so when the device is opened or reset.</summary>
    public (long Mode, long Initial) ForkOwner { get; init; }

    /// <summary>The most regions a memory table may have, as it was probed.</summary>
    public int MostRegions { get; init; }

    /// <summary>The device IOTLB; null where there is none.</summary>
    public GuestMap? Iotlb { get; init; }

    /// <summary>Translations that the device has asked for.</summary>
    public Misses Misses { get; init; } = Misses.None;

    /// <summary>The form of the messages that the device writes.</summary>
    public int MessageVersion { get; init; } = 1;

    /// <summary>The log of dirty pages.</summary>
    public DirtyLog Log { get; init; } = DirtyLog.Clean;

    public RingState this[Ring ring] => ring == Ring.Rx ? Rx : Tx;

    public VhostNetState With(Ring ring, RingState state) => ring == Ring.Rx ? this with { Rx = state } : this with { Tx = state };

    /// <summary>Busy polling changes when the device looks at its rings.</summary>
    public bool BusyPolls => Rx.Busyloop > 0 || Tx.Busyloop > 0;

    /// <summary>Frames whose buffers were written anew while they may have been on loan: what then leaves is open.</summary>
    public ImmutableHashSet<byte[]> Altered { get; init; } = ImmutableHashSet<byte[]>.Empty;

    /// <summary>The module sends without copying where it can.</summary>
    public bool ZeroCopy { get; init; }

    /// <summary>EVENT_IDX was set at some time: avail_event may have been written.</summary>
    public bool EventsWritten { get; init; }

    public bool Has(ulong feature) => (Features & feature) != 0;

    /// <summary>The published avail index, as the driver last wrote it.</summary>
    public ushort Published(Ring ring) => this[ring].Avail.Offset is { } avail ? Memory.Read16(SplitRing.AvailIndex((int)avail)) : (ushort)0;
}

/// <summary>Feature bits; virtio 1.2, 5.1.3, 6, and include/uapi/linux/vhost.h. The model's own copy.</summary>
internal static class Feature
{
    public const ulong MergeableRxBuffers = 1UL << 15;
    public const ulong NotifyOnEmpty = 1UL << 24;
    public const ulong LogAll = 1UL << 26;
    public const ulong VhostSuppliesHeader = 1UL << 27;
    public const ulong Indirect = 1UL << 28;
    public const ulong EventIndex = 1UL << 29;
    public const ulong Version1 = 1UL << 32;
    public const ulong AccessPlatform = 1UL << 33;
    public const ulong InOrder = 1UL << 35;
    public const ulong RingReset = 1UL << 40;

    /// <summary>What every vhost-net offers.</summary>
    public const ulong Always = MergeableRxBuffers | NotifyOnEmpty | LogAll | VhostSuppliesHeader | Indirect | EventIndex | Version1 | AccessPlatform;

    /// <summary>What the project's own device with an asynchronous link offers.</summary>
    public const ulong Asynchronous = NotifyOnEmpty | LogAll | VhostSuppliesHeader | Indirect | EventIndex | Version1;

    /// <summary>What some offer.</summary>
    public const ulong Sometimes = InOrder | RingReset;
}
