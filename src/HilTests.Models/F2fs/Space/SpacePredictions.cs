using HilTests.Core.Predictions;

namespace HilTests.Models.F2fs.Space;

/// <summary>What the disk's completed requests must show, block by block.</summary>
internal static class SpacePredictions
{
    /// <summary>Claims about <c>trims[k].step</c> and <c>trims[k].ranges</c>, one a step in which anything was or had to be discarded.</summary>
    public static IEnumerable<Claim> Of(SpaceFollower space)
    {
        var k = 0;
        foreach (var (number, step) in space.Steps)
        {
            var blocks = step.Late ? F2fsRules.DiscardBackground : F2fsRules.TrimBlocks;
            yield return new Claim($"trims[{k}].step", Allowed.Exactly(number), blocks);
            yield return new Claim($"trims[{k}].ranges", Free(space, step), F2fsRules.DiscardUnused);
            if (step.Expected is { } expected)
            {
                yield return new Claim($"trims[{k}].ranges", new BlocksAllowed(expected.Least, expected.Most), blocks);
                if (!step.Late) yield return new Claim($"trims[{k}].ranges", new BlocksAllowed(step.Issued, step.Issued), F2fsRules.DiscardDone);
            }
            k++;
        }
    }

    private static BlocksAllowed Free(SpaceFollower space, SpaceStep step) => new(new BlockSet(space.Blocks), space.Everything().Without(step.Forbidden));
}
