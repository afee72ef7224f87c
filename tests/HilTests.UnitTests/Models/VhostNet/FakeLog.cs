using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Values;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>The log of dirty pages, byte by byte.</summary>
internal sealed class FakeLog
{
    private readonly SortedSet<long> _bits = [];
    private long _signals;

    public bool Bound { get; set; }

    public IReadOnlyList<MemoryRegion> Table { get; set; } = [];

    public void Mark(SetLogBase? place, IEnumerable<ulong> addresses)
    {
        if (place is not { Place: LogPlace.Area, Offset: var start }) return;
        foreach (var address in addresses) _bits.Add((start * 8L) + (long)(address / 4096));
    }

    /// <summary>log_write_hva(): bytes of the memory, by every guest address that the memory table has for them.</summary>
    public void MarkMemory(SetLogBase? place, IEnumerable<long> bytes) =>
        Mark(place, bytes.SelectMany(at => Table.Where(r => at >= r.At && (ulong)(at - r.At) < r.Size).Select(r => r.Guest + (ulong)(at - r.At))));

    public void Signal()
    {
        if (Bound) _signals++;
    }

    public List<(string, Value)> Read()
    {
        List<(string, Value)> fields = [("pages", Value.List(_bits.Select(b => Value.Hex((ulong)b)))), ("signals", Value.Of(_signals))];
        _bits.Clear();
        _signals = 0;
        return fields;
    }
}
