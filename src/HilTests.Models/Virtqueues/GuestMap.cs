using System.Collections.Immutable;

namespace HilTests.Models.Virtqueues;

/// <summary>A stretch of shared memory.</summary>
/// <param name="Offset">bytes from the start of the memory</param>
/// <param name="Length">bytes</param>
/// <param name="Guest">guest physical address of the first byte</param>
public readonly record struct Segment(int Offset, int Length, ulong Guest = 0);

/// <summary>One mapping of guest physical addresses to the shared memory.</summary>
public sealed record GuestRegion(ulong Guest, ulong Size, long Offset);

/// <summary>The memory table of a device: which guest physical addresses it may touch, and where they lie.</summary>
public sealed record GuestMap(ImmutableArray<GuestRegion> Regions)
{
    /// <summary>A table without any region: set, but nothing can be reached.</summary>
    public static GuestMap Empty { get; } = new([]);

    /// <summary>
    /// The segments behind a guest range, split where regions meet; null where a byte of it is in no region,
    /// or where it goes beyond the last of all addresses (at address 0 something may be mapped, but a range does not wrap).
    /// An empty range has no segments.
    /// </summary>
    public IReadOnlyList<Segment>? Translate(ulong address, uint length)
    {
        var segments = new List<Segment>();
        if (length > 0 && unchecked(address + length - 1) < address) return null;
        ulong done = 0;
        while (done < length)
        {
            var at = address + done;
            var region = Regions.FirstOrDefault(r => at >= r.Guest && at - r.Guest < r.Size);
            if (region is null) return null;
            var part = Math.Min(length - done, region.Size - (at - region.Guest));
            segments.Add(new Segment((int)(region.Offset + (long)(at - region.Guest)), (int)part, at));
            done += part;
        }
        return segments;
    }
}
