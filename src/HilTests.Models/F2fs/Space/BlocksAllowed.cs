using HilTests.Core.Devices.F2fs;
using HilTests.Core.Predictions;
using HilTests.Core.Values;

namespace HilTests.Models.F2fs.Space;

/// <summary>A list of ranges that holds at least the blocks of one set and at most those of another.</summary>
internal sealed record BlocksAllowed(BlockSet Least, BlockSet Most) : Allowed
{
    private const int MostShown = 6;

    /// <inheritdoc/>
    public override bool IsExact => Least.SameAs(Most);

    /// <inheritdoc/>
    public override bool Admits(Value? value)
    {
        if (value is not ListValue) return false;
        var seen = new BlockSet(Most.Blocks);
        foreach (var (start, length) in BlockRanges.Read(value))
        {
            if (start < 0 || length < 0 || start > seen.Blocks || length > seen.Blocks - start) return false;
            seen.Add(start, length);
        }
        return Least.IsIn(seen) && seen.IsIn(Most);
    }

    /// <inheritdoc/>
    public override string ToString() => IsExact ? Shown(Least) : Least.IsEmpty ? $"at most {Shown(Most)}" : $"at least {Shown(Least)}, at most {Shown(Most)}";

    private static string Shown(BlockSet set)
    {
        var ranges = set.Ranges().Take(MostShown + 1).ToList();
        if (ranges.Count == 0) return "no blocks";
        return "blocks " + string.Join(", ", ranges.Take(MostShown).Select(r => $"{r.Start}+{r.Length}")) + (ranges.Count > MostShown ? $", … ({set.Count} in all)" : "");
    }
}
