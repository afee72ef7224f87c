using HilTests.Agent.F2fs;
using HilTests.Core.Values;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.Probing;

/// <summary>Finds out what this kernel's f2fs has: the file system itself, statistics, latencies in their records.</summary>
internal static class F2fsProbe
{
    private const string Tracing = "/sys/kernel/tracing";

    /// <summary>Adds the facts; what may not be asked (no rights) is left out.</summary>
    public static void AddTo(List<(string, Value)> facts)
    {
        facts.Add(("disk-delay", YesNo(DeviceMapper.Has("delay"))));
        facts.Add(("disk-scsi", YesNo(ScsiDisk.IsPossible)));
        var isThere = File.ReadLines("/proc/filesystems").Any(line => line.EndsWith("\tf2fs", StringComparison.Ordinal));
        facts.Add(("f2fs", YesNo(isThere)));
        if (!isThere || !Directory.Exists($"{Tracing}/events/f2fs")) return;
        var latency = $"{Tracing}/events/f2fs/f2fs_iostat_latency";
        facts.Add(("f2fs-latency", YesNo(Directory.Exists(latency))));
        // A kernel that counts discards, too, shows them in the same event; its format says so.
        if (KernelFile.Read($"{latency}/format", out var format) == Errno.None)
            facts.Add(("f2fs-discard-latency", YesNo(format.Contains("discard [", StringComparison.Ordinal))));
        if (HasFunction("pending_discard_show") is { } saysPending) facts.Add(("f2fs-pending-discard", YesNo(saysPending)));
        if (HasFunction("f2fs_start_ckpt_thread") is { } mergesCheckpoints) facts.Add(("f2fs-checkpoint-merge", YesNo(mergesCheckpoints)));
        if (HasFunction("iostat_info_seq_show") is { } hasStatistics) facts.Add(("f2fs-iostat", YesNo(hasStatistics)));
    }

    /// <summary>Whether f2fs has this function: the kernel takes a probe on one that it has. Null where it does not say.</summary>
    private static bool? HasFunction(string function)
    {
        var probe = $"hil{Environment.ProcessId}/asked";
        const int append = fcntl_h.O_WRONLY | fcntl_h.O_APPEND;
        switch (KernelFile.Write($"{Tracing}/dynamic_events", $"p:{probe} f2fs:{function}\n", append))
        {
            case Errno.None:
                KernelFile.Write($"{Tracing}/dynamic_events", $"-:{probe}\n", append);
                return true;
            case Errno.ENOENT or Errno.EINVAL:
                return false;
            default:
                return null;
        }
    }

    private static Value YesNo(bool yes) => Value.Symbol(yes ? "yes" : "no");
}
