using HilTests.Core.Devices.F2fs;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Models.F2fs.Following;
using HilTests.Models.F2fs.Space;

namespace HilTests.Models.F2fs;

/// <summary>The steps on the disk and the mount.</summary>
internal static class DiskPredictions
{
    public static Branch<F2fsState> Of(F2fsState next, Step step, DeclaredInputs inputs) => step switch
    {
        DiskStep disk => Made(next, disk, inputs),
        MkfsStep => F2fsModel.Branch(
            next with { Formatted = true, FormattedHoles = HoleMap.Read(next.DiskBytes, inputs.Field("holes")), Layout = SpaceLayout.Read(next.DiskBytes, inputs) },
            F2fsModel.Ok(F2fsRules.Setup)),
        MountStep mount => Mounted(next.WithMap(inputs), mount.Options, inputs),
        RemountStep remount => Remounted(next.WithMap(inputs), remount.Options),
        _ => Unmounted(next),
    };

    private static Branch<F2fsState> Made(F2fsState next, DiskStep disk, DeclaredInputs inputs) => F2fsModel.Branch(
        next with
        {
            Disk = disk,
            Device = TraceLine.DeviceOf(inputs.Number("major"), inputs.Number("minor")),
            Granularity = inputs.Number("discard-granularity"),
        },
        F2fsModel.Ok(F2fsRules.Setup));

    /// <summary>Why traces and paused checkpoints do not go together: what a sync then means for blocks and records is not modelled.</summary>
    public const string NoTrace = "the model does not follow the trace of a mount whose checkpoints are paused";

    private static Branch<F2fsState> Mounted(F2fsState next, string options, DeclaredInputs inputs)
    {
        if (next.Mounted) return F2fsModel.Branch(next, F2fsModel.Fails("EBUSY", F2fsRules.MountOptions));
        if (!next.Formatted || !MountOptions.AreKnown(options)) return F2fsModel.Branch(next, F2fsModel.Fails("EINVAL", F2fsRules.MountOptions));
        var background = MountOptions.BackgroundDiscard(options);
        var pauses = MountOptions.PausesCheckpoints(options) == true;
        if (pauses && next.Follower is not null) return F2fsModel.Unjudged(NoTrace);
        var mounted = next with
        {
            Paused = pauses ? next.Files : null,
            Mounted = true,
            EverMounted = true,
            BackgroundDiscard = background,
            EverBackgroundDiscard = next.EverBackgroundDiscard || background,
            TrimmedAll = false,
            IostatEnabled = false,
            IostatFresh = true,
            Period = F2fsState.StandardPeriod,
            AppLow = [0, 0, 0, 0],
            AppHigh = [0, 0, 0, 0],
            MappedIo = false,
            Mapped = default,
            CoarseUnit = MountOptions.DiscardsCoarsely(options),
            NoBarrier = next.NoBarrier || MountOptions.LosesSynced(options),
            Written = next.Written.Clear(),
            DiscardThreadSince = inputs.Microseconds.Start,
            TrimsShared = 0,
        };
        return F2fsModel.Branch(mounted.WithEffect(new StepEffect.Mounted(background) { ByBlock = !mounted.CoarseUnit }), F2fsModel.Ok(F2fsRules.MountOptions));
    }

    private static Branch<F2fsState> Remounted(F2fsState next, string options)
    {
        if (!next.Mounted || !MountOptions.AreKnown(options)) return F2fsModel.Branch(next, F2fsModel.Fails("EINVAL", F2fsRules.MountOptions));
        if (next.Paused is not null || MountOptions.PausesCheckpoints(options) == true)
        {
            if (next.Follower is not null) return F2fsModel.Unjudged(NoTrace);
            if (MountOptions.PausesCheckpoints(options) is not { } pauses) return F2fsModel.Unjudged("a remount that does not say whether checkpoints stay paused");
            // Enabling writes everything first; pausing writes a checkpoint alone, without the files' data (f2fs_disable_checkpoint()).
            if (pauses && next.Paused is null && !next.Possible.IsEmpty) return F2fsModel.Unjudged("checkpoints are paused with files that were not synced: 'sync' before");
            next = !pauses ? FilePredictions.Synced(next) with { Paused = null } : next with { Paused = next.Paused ?? next.Files };
        }
        var background = MountOptions.BackgroundDiscard(options);
        return F2fsModel.Branch(
            (next with
            {
                BackgroundDiscard = background,
                EverBackgroundDiscard = next.EverBackgroundDiscard || background,
                DiscardThreadSince = next.BackgroundDiscard ? F2fsState.LongBefore : next.DiscardThreadSince,
                TrimmedAll = false,
                NoBarrier = next.NoBarrier || MountOptions.LosesSynced(options),
            })
                .WithEffect(new StepEffect.Mounted(background, Again: true) { ByBlock = !next.CoarseUnit }),
            F2fsModel.Ok(F2fsRules.MountOptions));
    }

    private static Branch<F2fsState> Unmounted(F2fsState next)
    {
        if (!next.Mounted) return F2fsModel.Branch(next, F2fsModel.Fails("EINVAL", F2fsRules.Umount));
        // What was freed is forgotten by some kernels at an unmount and found again by others.
        var unmounted = Durability.Reverted(FilePredictions.Synced(next)) with { Mounted = false, IostatEnabled = false, Freed = 0, FreedForGood = 0, TrimmedAll = false };
        return F2fsModel.Branch(unmounted.WithEffect(new StepEffect.Unmounted()), F2fsModel.Ok(F2fsRules.Umount));
    }
}
