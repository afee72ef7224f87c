using HilTests.Core.Devices.F2fs;
using HilTests.Core.Programs;

namespace HilTests.Models.F2fs.Programs;

/// <summary>The facts of the kernel's profile that f2fs programs may need.</summary>
internal static class F2fsNeeds
{
    /// <summary>Statistics of I/O (CONFIG_F2FS_IOSTAT; always there before 5.15).</summary>
    public const string Iostat = "f2fs-iostat";

    /// <summary>Latencies in the records.</summary>
    public const string Latency = "f2fs-latency";

    /// <summary>The attribute that says how many discards are left to issue (since 5.12).</summary>
    public const string Pending = "f2fs-pending-discard";

    /// <summary>A thread that checkpoints for all, and its mount options (since 5.12).</summary>
    public const string CheckpointThread = "f2fs-checkpoint-merge";

    /// <summary>The device mapper's target delay.</summary>
    public const string DelayedDisk = "disk-delay";

    /// <summary>A machine of our own, with the module scsi_debug.</summary>
    public const string ScsiDisk = "disk-scsi";

    /// <summary>What these steps need.</summary>
    public static IEnumerable<string> Of(IEnumerable<Step> steps) =>
        ((IEnumerable<string>)[.. steps.Select(Of)]).Where(n => n.Length > 0).Distinct();

    private static string Of(Step step) => step switch
    {
        IostatStep or IostatPeriodStep or ReadIostatInfoStep => Iostat,
        DrainStep => Pending,
        DiskStep { Kind: DiskKind.Delay } => DelayedDisk,
        DiskStep { Kind: DiskKind.Scsi } => ScsiDisk,
        MountStep mount when mount.Options.Contains("checkpoint_merge", StringComparison.Ordinal) => CheckpointThread,
        RemountStep mount when mount.Options.Contains("checkpoint_merge", StringComparison.Ordinal) => CheckpointThread,
        _ => "",
    };
}
