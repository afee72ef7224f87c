using System.Collections.Immutable;
using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.Core.Devices.VhostNet;

/// <summary>A vhost-net ring by its index in the vhost interface.</summary>
public enum Ring
{
    /// <summary>Index 0: the device writes, the driver receives.</summary>
    Rx = 0,

    /// <summary>Index 1: the device reads, the driver sends.</summary>
    Tx = 1,
}

/// <summary>What stands in a call where a file descriptor is expected.</summary>
public enum FileChoice
{
    /// <summary>A new eventfd.</summary>
    Event,

    /// <summary>-1: nothing, unbind.</summary>
    None,

    /// <summary>A number that no open file has.</summary>
    Closed,

    /// <summary>A regular file.</summary>
    File,
}

/// <summary>The kinds of file that a back end can be made of.</summary>
public enum BackendKind
{
    /// <summary>A tap device; its far side is a packet socket bound to the interface.</summary>
    Tap,

    /// <summary>A raw packet socket on a dummy interface; its far side is another packet socket there.</summary>
    Packet,

    /// <summary>A macvtap on one end of a veth pair, in passthru mode; its far side are packet sockets on both ends.</summary>
    Macvtap,

    /// <summary>A packet socket of type SOCK_DGRAM: not acceptable.</summary>
    PacketDgram,

    /// <summary>A UDP socket: not acceptable.</summary>
    Udp,

    /// <summary>A unix socket: not acceptable.</summary>
    Unix,

    /// <summary>A regular file: not acceptable.</summary>
    File,

    /// <summary>A number that no open file has: not acceptable.</summary>
    Closed,

    /// <summary>The pass-through back end mp of vm-images/kernel-modules, whose requests complete later; only vhost-net-async takes it.</summary>
    Mp,
}

/// <summary>Descriptor flags; virtio 1.2, 2.7.5.</summary>
[Flags]
public enum DescriptorFlags
{
    None = 0,
    Next = 1,
    Write = 2,
    Indirect = 4,
}

/// <summary>One region of a memory table.</summary>
/// <param name="Guest">guest physical address of its first byte</param>
/// <param name="Size">bytes</param>
/// <param name="At">offset of its first byte in the arena</param>
public sealed record MemoryRegion(ulong Guest, ulong Size, long At);

/// <summary>Where an address that the kernel is given as a user pointer lies.</summary>
/// <param name="Offset">bytes from the arena's start; null for an address where nothing is mapped</param>
public readonly record struct UserAddress(long? Offset)
{
    internal Value ToValue() => Offset is { } offset ? Value.Hex((ulong)offset) : Value.Symbol("unmapped");
}

/// <summary>Opens /dev/vhost-net.</summary>
public sealed record Open : Step;

/// <summary>Closes the device.</summary>
public sealed record Close : Step;

/// <summary>VHOST_SET_OWNER.</summary>
public sealed record SetOwner : Step;

/// <summary>VHOST_RESET_OWNER.</summary>
public sealed record ResetOwner : Step;

/// <summary>VHOST_GET_FEATURES; field <c>features</c>.</summary>
public sealed record GetFeatures : Step;

/// <summary>VHOST_SET_FEATURES with this mask.</summary>
public sealed record SetFeatures(ulong Features) : Step;

/// <summary>VHOST_GET_FEATURES_ARRAY with room for this many words of 64 bits; field <c>features</c>, a list of them.</summary>
public sealed record GetFeaturesArray(byte Words) : Step;

/// <summary>VHOST_SET_FEATURES_ARRAY with these words of 64 bits, the lowest first.</summary>
public sealed record SetFeaturesArray(ImmutableArray<ulong> Words) : Step
{
    /// <inheritdoc/>
    public bool Equals(SetFeaturesArray? other) => other is not null && Words.SequenceEqual(other.Words);

    /// <inheritdoc/>
    public override int GetHashCode() => Words.Length;
}

/// <summary>VHOST_GET_FORK_FROM_OWNER; field <c>mode</c>.</summary>
public sealed record GetForkOwner : Step;

/// <summary>VHOST_SET_FORK_FROM_OWNER: 1 for a worker that is a task of the owner, 0 for a kernel thread.</summary>
public sealed record SetForkOwner(byte Mode) : Step;

/// <summary>VHOST_GET_BACKEND_FEATURES; field <c>features</c>.</summary>
public sealed record GetBackendFeatures : Step;

/// <summary>VHOST_SET_BACKEND_FEATURES with this mask.</summary>
public sealed record SetBackendFeatures(ulong Features) : Step;

/// <summary>VHOST_SET_MEM_TABLE. <paramref name="Count"/> overrides nregions, <paramref name="Padding"/> the reserved field.</summary>
public sealed record SetMemTable(ImmutableArray<MemoryRegion> Regions, int? Count = null, int Padding = 0) : Step
{
    /// <inheritdoc/>
    public bool Equals(SetMemTable? other) => other is not null && Regions.SequenceEqual(other.Regions) && (Count, Padding) == (other.Count, other.Padding);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Regions.Length, Count, Padding);
}

/// <summary>VHOST_SET_VRING_NUM. The ring is a raw index so that a wrong one can be tried.</summary>
public sealed record SetVringNum(int Ring, uint Num) : Step;

/// <summary>VHOST_SET_VRING_BASE.</summary>
public sealed record SetVringBase(int Ring, uint Base) : Step;

/// <summary>VHOST_GET_VRING_BASE; field <c>base</c>.</summary>
public sealed record GetVringBase(int Ring) : Step;

/// <summary>VHOST_SET_VRING_ADDR.</summary>
public sealed record SetVringAddr(int Ring, UserAddress Desc, UserAddress Avail, UserAddress Used, uint Flags = 0, ulong Log = 0) : Step;

/// <summary>VHOST_SET_VRING_KICK.</summary>
public sealed record SetVringKick(int Ring, FileChoice File) : Step;

/// <summary>VHOST_SET_VRING_CALL.</summary>
public sealed record SetVringCall(int Ring, FileChoice File) : Step;

/// <summary>VHOST_SET_VRING_ERR.</summary>
public sealed record SetVringErr(int Ring, FileChoice File) : Step;

/// <summary>VHOST_SET_VRING_BUSYLOOP_TIMEOUT, in microseconds.</summary>
public sealed record SetBusyloop(int Ring, uint Microseconds) : Step;

/// <summary>VHOST_GET_VRING_BUSYLOOP_TIMEOUT; field <c>timeout</c>.</summary>
public sealed record GetBusyloop(int Ring) : Step;

/// <summary>An ioctl number of the vhost magic that no kernel defines.</summary>
public sealed record UnknownIoctl : Step;

/// <summary>
/// Makes a back end. <paramref name="Header"/> is the size of the virtio-net header that the socket itself
/// supplies: 0, 10 or 12 (tap and macvtap only). <paramref name="SendBuffer"/> is how many bytes may wait on their way
/// out; 0 is no limit for a tap or macvtap, the system's own for a packet socket.
/// </summary>
public sealed record MakeBackend(string Name, BackendKind Kind, int Header = 0, int SendBuffer = 0, Outlet Outlet = Outlet.Direct) : Step;

/// <summary>VHOST_NET_SET_BACKEND; the name of a back end, or <c>none</c> for -1.</summary>
public sealed record SetBackend(int Ring, string Backend) : Step;

/// <summary>Tells the driver where its own ring lies; no system call. Its avail index begins at <paramref name="Start"/>.</summary>
public sealed record DriverRing(Ring Ring, int Num, long Desc, long Avail, long Used, int Start = 0) : Step;

/// <summary>Writes entry <paramref name="Index"/> of the descriptor table at arena offset <paramref name="Table"/>.</summary>
public sealed record WriteDesc(long Table, int Index, ulong Addr, uint Len, DescriptorFlags Flags, int Next = 0) : Step;

/// <summary>Writes an Ethernet frame of a content made of the seed (see <see cref="FrameContent"/>) at the offset.</summary>
public sealed record WriteFrame(long At, int Length, ulong Seed) : Step;

/// <summary>Writes bytes at the offset.</summary>
public sealed record WriteBytes(long At, ImmutableArray<byte> Content) : Step
{
    /// <inheritdoc/>
    public bool Equals(WriteBytes? other) => other is not null && At == other.At && Content.AsSpan().SequenceEqual(other.Content.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(At, Content.Length);
}

/// <summary>Fills a stretch of the arena with one byte.</summary>
public sealed record Fill(long At, int Length, byte Byte) : Step;

/// <summary>Reads a stretch of the arena; field <c>data</c> (see <see cref="ContentValue"/>).</summary>
public sealed record Read(long At, int Length) : Step;

/// <summary>
/// Reads a virtio-net header of 10 or 12 bytes; fields <c>flags</c>, <c>gso-type</c>, <c>hdr-len</c>, <c>gso-size</c>,
/// <c>csum-start</c>, <c>csum-offset</c>, and <c>num-buffers</c> where it has 12.
/// </summary>
public sealed record ReadHeader(long At, int Length) : Step;

/// <summary>Puts heads into the avail ring, then publishes the new index once.</summary>
public sealed record Offer(Ring Ring, ImmutableArray<int> Heads) : Step
{
    /// <inheritdoc/>
    public bool Equals(Offer? other) => other is not null && Ring == other.Ring && Heads.SequenceEqual(other.Heads);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Ring, Heads.Length);
}

/// <summary>Publishes an avail index as it is, whatever stands in the ring.</summary>
public sealed record PublishIndex(Ring Ring, int Index) : Step;

/// <summary>Writes avail.flags: 1 asks for no interrupts.</summary>
public sealed record AvailFlags(Ring Ring, int Flags) : Step;

/// <summary>Writes used_event, the 16-bit field behind the avail ring.</summary>
public sealed record UsedEvent(Ring Ring, int Index) : Step;

/// <summary>Writes 1 to the ring's kick eventfd.</summary>
public sealed record Kick(Ring Ring) : Step;

/// <summary>Sends a frame from the back end's far side towards the device.</summary>
public sealed record Send(string Backend, int Length, ulong Seed) : Step;

/// <summary>
/// Waits until the device is quiet (flushes its worker until nothing moves) and records what became visible since the
/// last time. Fields: <c>flush</c> (errno of the flushing call); <c>rx</c> and <c>tx</c>, each where its driver ring is
/// set: a record of <c>idx</c>, <c>used</c> (list of {id len}), <c>calls</c> and <c>errs</c> (eventfd
/// counts), <c>flags</c>, <c>avail-event</c>; and <c>wire</c>: a record with one list of frames a back end.
/// </summary>
public sealed record Settle : Step;
