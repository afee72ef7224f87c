using System.Numerics;
using HilTests.Core.Devices.F2fs;
using HilTests.Core.Values;

namespace HilTests.Models.F2fs.Space;

/// <summary>A set of the disk's blocks of 4096 bytes. Changed in place.</summary>
internal sealed class BlockSet
{
    private readonly ulong[] _words;

    /// <summary>An empty set of a disk with that many blocks.</summary>
    public BlockSet(long blocks)
    {
        Blocks = blocks;
        _words = new ulong[(blocks + 63) / 64];
    }

    /// <summary>A copy.</summary>
    public BlockSet(BlockSet other)
    {
        Blocks = other.Blocks;
        _words = [.. other._words];
    }

    /// <summary>How many blocks the disk has.</summary>
    public long Blocks { get; }

    /// <summary>How many blocks are in the set.</summary>
    public long Count => _words.Sum(w => (long)BitOperations.PopCount(w));

    public bool IsEmpty => Array.TrueForAll(_words, w => w == 0);

    /// <summary>Whether the block is in the set.</summary>
    public bool this[long block] => block >= 0 && block < Blocks && (_words[block >> 6] >> (int)(block & 63) & 1) != 0;

    /// <summary>The set of these ranges; what lies outside the disk is left out.</summary>
    public static BlockSet Of(long blocks, IEnumerable<(long Start, long Length)> ranges)
    {
        var set = new BlockSet(blocks);
        foreach (var (start, length) in ranges) set.Add(start, length);
        return set;
    }

    /// <summary>Puts a range in; what lies outside the disk is left out.</summary>
    public void Add(long start, long length) => Change(start, length, true);

    /// <summary>Takes a range out.</summary>
    public void Remove(long start, long length) => Change(start, length, false);

    /// <summary>Puts in what the other has.</summary>
    public BlockSet Or(BlockSet other)
    {
        for (var i = 0; i < _words.Length; i++) _words[i] |= other._words[i];
        return this;
    }

    /// <summary>Takes out what the other has not.</summary>
    public BlockSet And(BlockSet other)
    {
        for (var i = 0; i < _words.Length; i++) _words[i] &= other._words[i];
        return this;
    }

    /// <summary>Takes out what the other has.</summary>
    public BlockSet Without(BlockSet other)
    {
        for (var i = 0; i < _words.Length; i++) _words[i] &= ~other._words[i];
        return this;
    }

    /// <summary>Takes everything out.</summary>
    public void Clear() => Array.Clear(_words);

    /// <summary>Whether both hold the same.</summary>
    public bool SameAs(BlockSet other) => Blocks == other.Blocks && _words.AsSpan().SequenceEqual(other._words);

    /// <summary>Whether all of this one are in the other.</summary>
    public bool IsIn(BlockSet other)
    {
        for (var i = 0; i < _words.Length; i++)
            if ((_words[i] & ~other._words[i]) != 0) return false;
        return true;
    }

    /// <summary>The ranges, in order, as long as can be.</summary>
    public IEnumerable<(long Start, long Length)> Ranges()
    {
        for (long block = 0; block < Blocks; block++)
        {
            if ((block & 63) == 0 && _words[block >> 6] == 0)
            {
                block += 63;
                continue;
            }
            if (!this[block]) continue;
            var start = block;
            while (this[block]) block++;
            yield return (start, block - start);
        }
    }

    /// <summary>As a field's value, see <see cref="BlockRanges"/>.</summary>
    public Value ToValue() => BlockRanges.ToValue(Ranges());

    private void Change(long start, long length, bool to)
    {
        var end = Math.Min(Blocks, length > Blocks ? Blocks : start + length);
        for (var block = Math.Max(0, start); block < end; block++)
        {
            if (to) _words[block >> 6] |= 1UL << (int)(block & 63);
            else _words[block >> 6] &= ~(1UL << (int)(block & 63));
        }
    }
}
