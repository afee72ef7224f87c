using HilTests.Core.Devices.F2fs;
using HilTests.Core.Values;

namespace HilTests.Models.F2fs.Following;

/// <summary>Which blocks of the disk's file are holes: those that were discarded and not written since.</summary>
internal sealed class HoleMap
{
    private readonly bool[] _hole;

    /// <summary>A file without holes.</summary>
    public HoleMap(long blocks) => _hole = new bool[blocks];

    /// <summary>The map that the agent recorded as <c>[{start=… length=…} …]</c>; null where it recorded none.</summary>
    public static HoleMap? Read(long diskBytes, Value? holes)
    {
        if (holes is not ListValue list) return null;
        var map = new HoleMap(diskBytes / FileContent.BlockSize);
        foreach (var item in list.Items)
        {
            if (item is RecordValue hole && hole["start"] is NumberValue start && hole["length"] is NumberValue length)
                map.Punch(start.Number, length.Number);
        }
        return map;
    }

    /// <summary>A copy.</summary>
    public HoleMap(HoleMap other) => _hole = [.. other._hole];

    /// <summary>A block is written.</summary>
    public void Fill(long block)
    {
        if (block >= 0 && block < _hole.Length) _hole[block] = false;
    }

    /// <summary>Blocks are discarded.</summary>
    public void Punch(long start, long length)
    {
        for (var block = Math.Max(0, start); block < Math.Min(_hole.Length, start + length); block++) _hole[block] = true;
    }

    /// <summary>The holes, in order; touching ones are one.</summary>
    public IEnumerable<(long Start, long Length)> Ranges()
    {
        for (var block = 0; block < _hole.Length; block++)
        {
            if (!_hole[block]) continue;
            var start = block;
            while (block < _hole.Length && _hole[block]) block++;
            yield return (start, block - start);
        }
    }
}
