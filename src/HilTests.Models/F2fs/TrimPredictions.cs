using HilTests.Core.Devices.F2fs;
using HilTests.Core.Predictions;
using HilTests.Core.Values;
using HilTests.Models.F2fs.Following;

namespace HilTests.Models.F2fs;

/// <summary>FITRIM.</summary>
internal static class TrimPredictions
{
    private const int SectorBytes = 512;
    private const long SegmentBlocks = 512;

    /// <summary>
    /// µs from the mount to the first time that the thread of discards looks for work, at least: DEF_MIN_DISCARD_ISSUE_TIME, less the tick in
    /// which its timer begins, which is 10 ms at most.
    /// </summary>
    private const long FirstWake = 40_000;

    /// <summary>µs from the mount to the second time, at least: the interval of DISCARD_TIME. With work found then, more may follow soon.</summary>
    private const long NextWake = 5_000_000;

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
        var failing = next.Disk is { BadBlocks: > 0 };
        var shared = MayBeShared(next, inputs.Microseconds.End);
        // The disk's counters have failed requests, too; what failed is known when the trace is read.
        var alone = shared && !failing && inputs.Number("discard-ios") == 1;
        claims.Add(new Claim("len", alone ? Allowed.OneOf(Value.Of(0), Value.Of(discarded)) : failing || shared ? Allowed.Between(0, discarded) : Allowed.Exactly(discarded), F2fsRules.TrimLength));
        if (failing || shared) claims.Add(new Claim("len", Allowed.Bits(0, FileContent.BlockSize - 1), F2fsRules.TrimLength));
        var everything = step.Start == 0 && step.Length >= (ulong)next.DiskBytes;
        var finest = everything && !failing && step.MinLength <= FileContent.BlockSize && next.Granularity <= FileContent.BlockSize;
        if (finest && next.TrimmedAll) claims.Add(new Claim("len", Allowed.Exactly(0), F2fsRules.TrimRepeat));
        var freed = Math.Max(0, next.FreedForGood - NodeSlack);
        if (finest && next.FreedForGood > 0 && (!shared || discarded < freed)) claims.Add(new Claim("len", Allowed.AtLeast(freed), F2fsRules.TrimFreed));
        var seen = next.WithMap(inputs);
        return F2fsModel.Branch(
            observation =>
            {
                var length = F2fsModel.NumberOf(observation, "len");
                return (seen with
                {
                    TrimmedAll = finest && !next.Dirty,
                    Freed = 0,
                    FreedForGood = 0,
                    TrimsShared = next.TrimsShared + (length < discarded ? 1 : 0),
                }).WithEffect(Effect(next, step, failing ? length : discarded) with { Shared = failing && shared });
            },
            claims);
    }

    /// <summary>
    /// Whether the thread of discards may have collected some of the commands that are done before the caller did, which then counts less
    /// (issue_discard_thread() waits for all commands, also those of FITRIM). It wakes once, <see cref="FirstWake"/> after the mount or later,
    /// and not again before <see cref="NextWake"/>, unless attributes tell it otherwise.
    /// </summary>
    private static bool MayBeShared(F2fsState state, long now)
    {
        var age = now - state.DiscardThreadSince;
        return age >= FirstWake && (state.TrimsShared == 0 || age >= NextWake || state.Written.Keys.Any(SetsThePace));
    }

    private static bool SetsThePace(string attribute) =>
        attribute.Contains("discard", StringComparison.Ordinal) || attribute.Contains("idle", StringComparison.Ordinal) || attribute.StartsWith("gc_urgent", StringComparison.Ordinal);

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
