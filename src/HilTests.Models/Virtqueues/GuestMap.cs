using System.Collections.Immutable;

namespace HilTests.Models.Virtqueues;

/// <summary>A stretch of shared memory.</summary>
/// <param name="Offset">bytes from the start of the memory</param>
/// <param name="Length">bytes</param>
/// <param name="Guest">guest physical address of the first byte</param>
public readonly record struct Segment(int Offset, int Length, ulong Guest = 0);

/// <summary>One mapping of guest physical addresses to the shared memory, and what the device may do there.</summary>
public sealed record GuestRegion(ulong Guest, ulong Size, long Offset, bool Read = true, bool Write = true);

/// <summary>What a device finds behind a range.</summary>
/// <param name="Segments">in order; null where a byte of it cannot be reached</param>
/// <param name="Missing">the first address without a mapping; null where all have one, or one forbids the access</param>
public readonly record struct Translation(IReadOnlyList<Segment>? Segments, ulong? Missing);

/// <summary>The memory table of a device: which guest physical addresses it may touch, and where they lie.</summary>
public sealed record GuestMap(ImmutableArray<GuestRegion> Regions)
{
    /// <summary>A table without any region: set, but nothing can be reached.</summary>
    public static GuestMap Empty { get; } = new([]);

    /// <summary>Whether the device asks for what is missing: an IOTLB; else it is an error.</summary>
    public bool Asks { get; init; }

    /// <summary>
    /// The segments behind a guest range, split where regions meet; null where a byte of it is in no region,
    /// or where it goes beyond the last of all addresses (at address 0 something may be mapped, but a range does not wrap).
    /// An empty range has no segments.
    /// </summary>
    public IReadOnlyList<Segment>? Translate(ulong address, uint length) => Find(address, length, write: null).Segments;

    /// <summary>What a device finds that wants to read (false), to write (true), or only to know (null).</summary>
    public Translation Find(ulong address, uint length, bool? write)
    {
        var segments = new List<Segment>();
        if (length > 0 && unchecked(address + length - 1) < address) return new Translation(null, address);
        ulong done = 0;
        while (done < length)
        {
            var at = address + done;
            // Where regions overlap the kernel finds the one that begins lowest, of several the first.
            var region = Regions.Where(r => at >= r.Guest && at - r.Guest < r.Size).MinBy(r => r.Guest);
            if (region is null) return new Translation(null, at);
            if (write is { } wanted && !(wanted ? region.Write : region.Read)) return new Translation(null, null);
            var part = Math.Min(length - done, region.Size - (at - region.Guest));
            segments.Add(new Segment((int)(region.Offset + (long)(at - region.Guest)), (int)part, at));
            done += part;
        }
        return new Translation(segments, null);
    }
}
