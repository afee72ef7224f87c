namespace HilTests.Nightly.Bisecting;

/// <summary>What one version says.</summary>
public enum BisectAnswer
{
    Good,
    Bad,

    /// <summary>It cannot be told: it does not boot, it fails in another way, the program cannot be run there.</summary>
    Skip,
}

/// <summary>
/// Finds the first bad one of a row of versions, the first of which is good and the last bad. The next one asked for is the middle of those that are left;
/// where that is skipped, its nearest neighbour.
/// </summary>
public sealed class VersionBisection
{
    private readonly HashSet<int> _skipped = [];

    /// <param name="count">How many versions, both ends included; at least 2.</param>
    public VersionBisection(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        LastGood = 0;
        FirstBad = count - 1;
    }

    /// <summary>The last version that is known to be good.</summary>
    public int LastGood { get; private set; }

    /// <summary>The first version that is known to be bad.</summary>
    public int FirstBad { get; private set; }

    /// <summary>Versions between the two of which nothing can be told; not empty at the end where the culprit is among several.</summary>
    public IReadOnlyList<int> Untold => [.. Enumerable.Range(LastGood + 1, FirstBad - LastGood - 1)];

    /// <summary>The version to try next; null where nothing is left to try.</summary>
    public int? Next()
    {
        var left = Untold.Where(v => !_skipped.Contains(v)).ToList();
        var middle = (LastGood + FirstBad) / 2.0;
        return left.Count == 0 ? null : left.OrderBy(v => Math.Abs(v - middle)).ThenBy(v => v).First();
    }

    /// <summary>How many more versions are to be tried at most, if none is skipped.</summary>
    public int StepsLeft => (int)Math.Ceiling(Math.Log2(Math.Max(1, FirstBad - LastGood)));

    /// <summary>Takes what a version says.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not between the two ends.</exception>
    public void Answer(int version, BisectAnswer answer)
    {
        if (version <= LastGood || version >= FirstBad) throw new ArgumentOutOfRangeException(nameof(version), version, $"only what is between {LastGood} and {FirstBad} is open");
        if (answer == BisectAnswer.Good) LastGood = version;
        else if (answer == BisectAnswer.Bad) FirstBad = version;
        else _skipped.Add(version);
    }
}
