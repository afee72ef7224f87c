using HilTests.Core.Devices.F2fs;
using HilTests.Core.Predictions;
using HilTests.Models.F2fs.Following;

namespace HilTests.Models.F2fs;

/// <summary>FITRIM.</summary>
internal static class TrimPredictions
{
    private const int SectorBytes = 512;
    private const long SegmentBlocks = 512;

    /// <summary>Bytes of freed space that nodes written meanwhile may have taken.</summary>
    private const long NodeSlack = 64 * FileContent.BlockSize;

    public static Branch<F2fsState> Of(F2fsState next, FitrimStep step, DeclaredInputs inputs)
    {
        if (!next.Mounted) return F2fsModel.Branch(next, F2fsModel.Fails("ENODEV", F2fsRules.TrimResult));
        if (!step.Privileged) return F2fsModel.Branch(next, F2fsModel.Fails("EPERM", F2fsRules.TrimResult));
        if (next.Disk is { CanDiscard: false }) return F2fsModel.Branch(next, F2fsModel.Fails("EOPNOTSUPP", F2fsRules.TrimResult));
        if (step.Start >= (ulong)next.DiskBytes || step.Length < FileContent.BlockSize)
            return F2fsModel.Branch(next, F2fsModel.Fails("EINVAL", F2fsRules.TrimResult));
        var claims = new List<Claim> { F2fsModel.Ok(F2fsRules.TrimResult) };
        if (next.BackgroundDiscard)
        {
            claims.Add(new Claim("len", Allowed.Exactly(0), F2fsRules.TrimLength));
            return F2fsModel.Branch(next with { TrimmedAll = false, Freed = 0, FreedForGood = 0 }, claims);
        }
        var discarded = inputs.Number("discard-sectors") * SectorBytes;
        // The disk's counters have failed requests, too; what failed is known when the trace is read.
        claims.Add(new Claim("len", next.Disk is { BadBlocks: > 0 } ? Allowed.Between(0, discarded) : Allowed.Exactly(discarded), F2fsRules.TrimLength));
        var everything = step.Start == 0 && step.Length >= (ulong)next.DiskBytes;
        var finest = everything && step.MinLength <= FileContent.BlockSize && next.Granularity <= FileContent.BlockSize;
        if (finest && next.TrimmedAll) claims.Add(new Claim("len", Allowed.Exactly(0), F2fsRules.TrimRepeat));
        if (finest && next.FreedForGood > 0) claims.Add(new Claim("len", Allowed.AtLeast(Math.Max(0, next.FreedForGood - NodeSlack)), F2fsRules.TrimFreed));
        return F2fsModel.Branch(
            observation => (next with
            {
                TrimmedAll = finest && !next.Dirty,
                Freed = 0,
                FreedForGood = 0,
            }).WithEffect(Effect(next, step, F2fsModel.NumberOf(observation, "len"))),
            claims);
    }

    /// <summary>The range is taken to whole segments, wherever the main area begins.</summary>
    private static StepEffect.Trimmed Effect(F2fsState state, FitrimStep step, long length)
    {
        var minimum = Math.Max((long)Math.Min(step.MinLength, long.MaxValue), state.Granularity) / FileContent.BlockSize;
        var first = (long)(step.Start / FileContent.BlockSize);
        var blocks = (long)Math.Min(step.Length / FileContent.BlockSize, (ulong)state.DiskBytes / FileContent.BlockSize);
        return new StepEffect.Trimmed(length, Math.Max(1, minimum), Math.Max(0, first - SegmentBlocks), first + blocks + SegmentBlocks);
    }
}
