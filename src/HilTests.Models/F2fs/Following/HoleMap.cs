using HilTests.Core.Devices.F2fs;
using HilTests.Core.Values;

namespace HilTests.Models.F2fs.Following;

/// <summary>Which blocks of the disk's file are holes: those that were discarded and not written since.</summary>
internal sealed class HoleMap
{
    private readonly bool[] _hole;

    /// <summary>A file without holes.</summary>
    public HoleMap(long blocks) => _hole = new bool[blocks];

    /// <summary>
    /// The map that the agent recorded as <c>[{start=… length=…} …]</c>; null where it recorded none, or holes that are
    /// not one behind the other.
    /// </summary>
    public static HoleMap? Read(long diskBytes, Value? holes)
    {
        if (holes is not ListValue list) return null;
        var map = new HoleMap(diskBytes / FileContent.BlockSize);
        var end = 0L;
        foreach (var item in list.Items)
        {
            if (item is not RecordValue hole || hole["start"] is not NumberValue start || hole["length"] is not NumberValue length) continue;
            if (start.Number < end || start.Number > map._hole.Length || length.Number < 0 || length.Number > map._hole.Length) return null;
            map.Punch(start.Number, length.Number);
            end = start.Number + length.Number;
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

    /// <summary>Blocks are discarded; what lies outside the disk is left out.</summary>
    /// <returns>how many blocks that are</returns>
    public long Punch(long start, long length)
    {
        if (start < 0 || start >= _hole.Length || length <= 0) return 0;
        var count = (int)Math.Min(length, _hole.Length - start);
        _hole.AsSpan((int)start, count).Fill(true);
        return count;
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
