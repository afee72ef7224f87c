using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Values;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>The log of dirty pages, byte by byte.</summary>
internal sealed class FakeLog
{
    private readonly SortedSet<long> _bits = [];
    private long _signals;

    public bool Bound { get; set; }

    public void Mark(SetLogBase? place, IEnumerable<ulong> addresses)
    {
        if (place is not { Place: LogPlace.Area, Offset: var start }) return;
        foreach (var address in addresses) _bits.Add((start * 8L) + (long)(address / 4096));
    }

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
