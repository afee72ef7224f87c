using System.Collections;

namespace HilTests.Models.F2fs.Following;

/// <summary>The bios that were accounted, or may have been, in the order in which they were given back.</summary>
internal sealed class CountedBios : IEnumerable<CountedBio>
{
    private readonly List<CountedBio> _bios = [];

    public int Count => _bios.Count;

    public void Add(CountedBio bio) => _bios.Add(bio);

    public void AddRange(IEnumerable<CountedBio> bios) => _bios.AddRange(bios);

    /// <summary>Forgets what can only be in records before this one.</summary>
    public void Forget(int record) => _bios.RemoveAll(b => b.Last < record);

    /// <summary>
    /// The statistics are cleared: no later record holds these bios.
    /// </summary>
    /// <param name="record">the next record</param>
    /// <param name="doubtfulFrom">what was given back at this position or later may have come after the clearing</param>
    public void Clear(int record, long doubtfulFrom)
    {
        var kept = 0;
        for (var i = 0; i < _bios.Count; i++)
        {
            var bio = _bios[i];
            if (bio.Last < record) _bios[kept++] = bio;
            else if (bio.Position >= doubtfulFrom) _bios[kept++] = bio with { Sure = false };
            else if (bio.First < record) _bios[kept++] = bio with { Last = record - 1, Sure = false };
        }
        _bios.RemoveRange(kept, _bios.Count - kept);
    }

    /// <inheritdoc/>
    public IEnumerator<CountedBio> GetEnumerator() => _bios.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
