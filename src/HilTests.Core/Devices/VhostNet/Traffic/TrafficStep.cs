using HilTests.Core.Programs;

namespace HilTests.Core.Devices.VhostNet.Traffic;

/// <summary>How the driver lays a buffer out in descriptors.</summary>
public enum ChainShape
{
    /// <summary>One descriptor.</summary>
    Direct,

    /// <summary>Two: the virtio-net header, then the rest.</summary>
    Split,

    /// <summary>The same two in an indirect table.</summary>
    Indirect,
}

/// <summary>Frames in one direction.</summary>
/// <param name="Frames">how many</param>
/// <param name="Smallest">bytes of the shortest, Ethernet header included</param>
/// <param name="Largest">bytes of the longest</param>
/// <param name="Window">most frames sent and not yet received; small enough for nothing on the way to overflow</param>
/// <param name="Buffers">how many buffers the driver has</param>
/// <param name="BufferBytes">bytes of each, virtio-net header included</param>
/// <param name="At">arena offset of the buffers; behind them lie the indirect tables</param>
/// <param name="Shape">how a buffer is laid out</param>
public sealed record TrafficLane(int Frames, int Smallest, int Largest, int Window, int Buffers, int BufferBytes, long At, ChainShape Shape)
{
    /// <summary>Bytes of an indirect table of two entries.</summary>
    public const int TableBytes = 32;

    /// <summary>Descriptors of the ring's own table that a chain takes.</summary>
    public int DescriptorsPerChain => Shape == ChainShape.Split ? 2 : 1;

    /// <summary>Bytes from <see cref="At"/> that belong to the lane.</summary>
    public long Room => (long)Buffers * (BufferBytes + (Shape == ChainShape.Indirect ? TableBytes : 0));

    /// <summary>Arena offset of a buffer.</summary>
    public long BufferAt(int slot) => At + ((long)slot * BufferBytes);

    /// <summary>Arena offset of a buffer's indirect table.</summary>
    public long TableAt(int slot) => At + ((long)Buffers * BufferBytes) + ((long)slot * TableBytes);
}

/// <summary>
/// Sustained traffic, by a driver that sends and receives as a real one does: it keeps its rings filled, asks for
/// signals only when it has nothing to do, kicks only when it is asked to, and sleeps until it is signalled. Frames
/// are those of <see cref="TrafficContent"/>: with the seed for what the device sends, the seed plus one for what it
/// receives. Afterwards buffers, indirect tables, descriptors and avail slots hold zeroes, avail.flags is 0 and, with
/// EVENT_IDX, used_event is the used index.
/// </summary>
/// <param name="Backend">the back end whose far side receives and sends</param>
/// <param name="Seed">chooses lengths and bytes</param>
/// <param name="Guest">guest physical address of the arena's first byte</param>
/// <param name="Header">bytes of virtio-net header in front of each frame: 10 or 12</param>
/// <param name="EventIndex">whether EVENT_IDX was negotiated</param>
/// <param name="Merge">whether MRG_RXBUF was negotiated</param>
/// <param name="Tx">what the device sends, or nothing</param>
/// <param name="Rx">what the device receives, or nothing</param>
public sealed record RunTraffic(
    string Backend, ulong Seed, ulong Guest, int Header, bool EventIndex, bool Merge, TrafficLane? Tx, TrafficLane? Rx) : Step
{
    /// <summary>What chooses the frames of a direction.</summary>
    public ulong SeedOf(Ring ring) => ring == Ring.Tx ? Seed : Seed + 1;

    /// <summary>The lane of a direction, or null.</summary>
    public TrafficLane? this[Ring ring] => ring == Ring.Tx ? Tx : Rx;

    /// <summary>Buffers that frame <paramref name="number"/> of a direction takes.</summary>
    public int BuffersOf(Ring ring, long number)
    {
        var lane = this[ring]!;
        if (ring == Ring.Tx || !Merge) return 1;
        var bytes = Header + TrafficContent.LengthOf(SeedOf(ring), lane.Smallest, lane.Largest, number);
        return (bytes + lane.BufferBytes - 1) / lane.BufferBytes;
    }

    /// <summary>Buffers that all frames of a direction take together: as many heads are offered and used.</summary>
    public long BuffersOf(Ring ring)
    {
        var lane = this[ring]!;
        if (ring == Ring.Tx || !Merge) return lane.Frames;
        var buffers = 0L;
        for (var number = 0; number < lane.Frames; number++) buffers += BuffersOf(ring, number);
        return buffers;
    }

    /// <summary>Why no driver could do this, or null.</summary>
    /// <param name="ring">the direction</param>
    /// <param name="num">entries of its ring</param>
    public string? FaultOf(Ring ring, int num)
    {
        if (this[ring] is not { } lane) return null;
        if (lane.Smallest > lane.Largest) return $"the shortest frame, {lane.Smallest} bytes, is longer than the longest, {lane.Largest}";
        if (lane.Buffers * lane.DescriptorsPerChain > num) return $"{lane.Buffers} buffers need more than the ring's {num} descriptors";
        if (lane.BufferBytes <= Header) return $"a buffer of {lane.BufferBytes} bytes holds no more than a header";
        if (lane.At > VhostNetArena.Size || lane.At + lane.Room > VhostNetArena.Size) return $"0x{lane.At:x}+{lane.Room} lies outside the arena of 0x{VhostNetArena.Size:x} bytes";
        var room = ring == Ring.Rx && Merge ? (long)lane.Buffers * lane.BufferBytes : lane.BufferBytes;
        return Header + lane.Largest > room ? $"a frame of {lane.Largest} bytes does not fit into the buffers" : null;
    }
}
