using HilTests.Core.Predictions;

namespace HilTests.Models.Virtqueues;

/// <summary>A descriptor chain after the walk: its segments, or the rule that it breaks.</summary>
public sealed class Chain
{
    private readonly List<Segment> _readable = [];
    private readonly List<Segment> _writable = [];

    private readonly int _room;

    private Chain(int room) => _room = room;

    /// <summary>Segments the device may read, in order.</summary>
    public IReadOnlyList<Segment> Readable => _readable;

    /// <summary>Segments the device may write, in order.</summary>
    public IReadOnlyList<Segment> Writable => _writable;

    /// <summary>The rule the chain breaks, or null where it is sound.</summary>
    public Rule? Broken { get; private set; }

    /// <summary>The translation that the device has to ask for before it can go on, and whether it is to write; null where none.</summary>
    public (ulong Address, bool Write)? Missed { get; private set; }

    /// <summary>Bytes the device may read.</summary>
    public int ReadableLength => _readable.Sum(s => s.Length);

    /// <summary>Bytes the device may write.</summary>
    public int WritableLength => _writable.Sum(s => s.Length);

    /// <summary>
    /// Walks the chain that begins at <paramref name="head"/>.
    /// </summary>
    /// <param name="memory">the shared memory</param>
    /// <param name="map">the device's memory table</param>
    /// <param name="table">offset of the descriptor table; null where it is not mapped</param>
    /// <param name="num">entries of the table</param>
    /// <param name="head">first descriptor</param>
    /// <param name="room">most segments it may have</param>
    public static Chain Walk(MemoryImage memory, GuestMap map, int? table, int num, int head, int room = SplitRing.MostSegments)
    {
        var chain = new Chain(room);
        chain.Broken = head >= num ? VirtqueueRules.HeadInRange : chain.FollowTable(memory, map, table, num, head);
        return chain;
    }

    private Rule? FollowTable(MemoryImage memory, GuestMap map, int? table, int num, int head)
    {
        if (table is not { } start) return VirtqueueRules.Mapped;
        var next = head;
        for (var found = 1; ; found++)
        {
            if (next >= num) return VirtqueueRules.NextInRange;
            if (found > num) return VirtqueueRules.NoLoop;
            var descriptor = SplitRing.Descriptor.Read(memory, start + (SplitRing.DescriptorSize * next));
            var broken = (descriptor.Flags & SplitRing.FlagIndirect) != 0
                ? FollowIndirect(memory, map, descriptor)
                : Add(map, descriptor);
            if (broken is not null) return broken;
            if ((descriptor.Flags & SplitRing.FlagNext) == 0) return null;
            next = descriptor.Next;
        }
    }

    /// <summary>An indirect table is read in sequence; NEXT only says whether another entry follows.</summary>
    private Rule? FollowIndirect(MemoryImage memory, GuestMap map, SplitRing.Descriptor indirect)
    {
        if (indirect.Length % SplitRing.DescriptorSize != 0) return VirtqueueRules.IndirectLength;
        if (Find(map, indirect.Address, indirect.Length, write: false, out var trouble) is not { } segments) return trouble;
        if (segments.Count > SplitRing.MostSegments) return VirtqueueRules.Mapped;
        var count = indirect.Length / SplitRing.DescriptorSize;
        if (count > SplitRing.MostIndirect) return VirtqueueRules.IndirectLength;
        var bytes = segments.SelectMany(s => memory.Slice(s.Offset, s.Length)).ToArray();
        for (var i = 0; ; i++)
        {
            if (i >= count) return VirtqueueRules.IndirectEnds;
            var descriptor = SplitRing.Descriptor.Read(bytes.AsSpan(i * SplitRing.DescriptorSize));
            if ((descriptor.Flags & SplitRing.FlagIndirect) != 0) return VirtqueueRules.IndirectNested;
            if (Add(map, descriptor) is { } broken) return broken;
            if ((descriptor.Flags & SplitRing.FlagNext) == 0) return null;
        }
    }

    private Rule? Add(GuestMap map, SplitRing.Descriptor descriptor)
    {
        var write = (descriptor.Flags & SplitRing.FlagWrite) != 0;
        if (Find(map, descriptor.Address, descriptor.Length, write, out var trouble) is not { } segments) return trouble;
        if (_readable.Count + _writable.Count + segments.Count > _room) return VirtqueueRules.SegmentLimit;
        if (write)
        {
            _writable.AddRange(segments);
            return null;
        }
        // Segments count, not descriptors: a writable descriptor of no bytes leaves no trace in the kernel's count.
        if (_writable.Count > 0) return VirtqueueRules.ReadableFirst;
        _readable.AddRange(segments);
        return null;
    }

    private IReadOnlyList<Segment>? Find(GuestMap map, ulong address, uint length, bool write, out Rule? trouble)
    {
        var found = map.Find(address, length, write);
        trouble = found.Segments is not null ? null : found.Missing is null ? VirtqueueRules.Permitted : VirtqueueRules.Mapped;
        if (found.Missing is { } missing && map.Asks) Missed = (missing, write);
        return found.Segments;
    }
}
