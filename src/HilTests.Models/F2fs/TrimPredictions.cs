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
        var end = (ulong)(next.Layout?.End * FileContent.BlockSize ?? next.DiskBytes);
        if (step.Start / FileContent.BlockSize * FileContent.BlockSize >= end || step.Length < FileContent.BlockSize)
            return F2fsModel.Branch(next, F2fsModel.Fails("EINVAL", F2fsRules.TrimResult));
        if (next.Paused is not null) return F2fsModel.Unjudged("what FITRIM finds while checkpoints are paused is not modelled");
        var claims = new List<Claim> { F2fsModel.Ok(F2fsRules.TrimResult) };
        if (next.BackgroundDiscard)
        {
            claims.Add(new Claim("len", Allowed.Exactly(0), F2fsRules.TrimLength));
            return F2fsModel.Branch((next.WithMap(inputs) with { TrimmedAll = false, Freed = 0, FreedForGood = 0 }).WithEffect(Effect(next, step, 0)), claims);
        }
        var discarded = inputs.Number("discard-sectors") * SectorBytes;
        // The disk's counters have failed requests, too; what failed is known when the trace is read.
        claims.Add(new Claim("len", next.Disk is { BadBlocks: > 0 } ? Allowed.Between(0, discarded) : Allowed.Exactly(discarded), F2fsRules.TrimLength));
        var everything = step.Start == 0 && step.Length >= (ulong)next.DiskBytes;
        var finest = everything && next.Disk is not { BadBlocks: > 0 } && step.MinLength <= FileContent.BlockSize && next.Granularity <= FileContent.BlockSize;
        if (finest && next.TrimmedAll) claims.Add(new Claim("len", Allowed.Exactly(0), F2fsRules.TrimRepeat));
        if (finest && next.FreedForGood > 0) claims.Add(new Claim("len", Allowed.AtLeast(Math.Max(0, next.FreedForGood - NodeSlack)), F2fsRules.TrimFreed));
        var seen = next.WithMap(inputs);
        return F2fsModel.Branch(
            observation => (seen with
            {
                TrimmedAll = finest && !next.Dirty,
                Freed = 0,
                FreedForGood = 0,
            }).WithEffect(Effect(next, step, F2fsModel.NumberOf(observation, "len"))),
            claims);
    }

    /// <summary>
    /// The range is taken to whole segments. The shortest extent counts in whole blocks; the kernel keeps its length in 32 bits, so
    /// whether a longer one is taken as it is nobody promises.
    /// </summary>
    private static StepEffect.Trimmed Effect(F2fsState state, FitrimStep step, long length)
    {
        var minimum = Math.Max(1, Math.Max((uint)step.MinLength, state.Granularity) / FileContent.BlockSize);
        var first = (long)(step.Start / FileContent.BlockSize);
        var last = (long)Math.Min((ulong)first + (step.Length / FileContent.BlockSize) - 1, (ulong)state.DiskBytes / FileContent.BlockSize);
        var (from, to) = (Math.Max(0, first - SegmentBlocks), last + 1 + SegmentBlocks);
        if (state.Layout is { } layout)
        {
            from = layout.Start + (layout.SegmentOf(first) * layout.SegmentBlocks);
            to = last < layout.Start ? from : layout.Start + ((layout.SegmentOf(last) + 1) * layout.SegmentBlocks);
        }
        return new StepEffect.Trimmed(length, minimum, from, to) { Direct = !state.BackgroundDiscard, ByBlock = step.MinLength <= uint.MaxValue && !state.CoarseUnit };
    }
}
