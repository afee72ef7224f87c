using HilTests.Agent.Execution;
using HilTests.Agent.Local;
using HilTests.Core.Devices.F2fs;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.F2fs;

/// <summary>
/// A null_blk device with memory behind it, made through configfs. With a latency each request completes by a timer,
/// that long after it was submitted.
/// </summary>
internal sealed class NullBlkDisk : Disk
{
    /// <summary>Where null_blk devices are made.</summary>
    public const string Folder = $"{ConfigRoot}/nullb";

    /// <summary>Where configfs is mounted.</summary>
    public const string ConfigRoot = "/sys/kernel/config";

    private const int SectorsPerBlock = FileContent.BlockSize / 512;
    private const int SectorsPerMebibyte = (1 << 20) / 512;
    private readonly string _folder;

    private NullBlkDisk(string name, string folder)
    {
        Name = name;
        _folder = folder;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>Makes a device; without a latency it completes requests in the submitter's context.</summary>
    /// <param name="step">what it is to be</param>
    /// <param name="cacheMebibytes">the size of its write cache; 0 is none</param>
    public static NullBlkDisk Create(DiskStep step, int cacheMebibytes)
    {
        if (!Directory.Exists(Folder))
            Sys.Check(libc.mount("none", ConfigRoot, "configfs", 0, null), "mount", ConfigRoot).OrThrow("mount configfs");
        if (!Directory.Exists(Folder))
            throw new AgentFailureException($"there is no {Folder}: the kernel module null_blk is not loaded");
        var folder = $"{Folder}/{Owner.Current.Name}";
        Sys.Check(libc.mkdir(folder, 0x1ed), "mkdir", folder).OrThrow("make a null_blk device");
        try
        {
            Configure(folder, step, cacheMebibytes);
            return new NullBlkDisk(NameOf(folder), folder) { Bytes = (long)step.Mebibytes << 20 };
        }
        catch
        {
            libc.rmdir(folder);
            throw;
        }
    }

    private static string NameOf(string folder)
    {
        var index = KernelFile.MustRead($"{folder}/index", "find the null_blk device").Trim();
        // Since 6.9 the device carries the folder's name.
        return Directory.Exists($"/sys/block/nullb{index}") ? $"nullb{index}" : Path.GetFileName(folder);
    }

    /// <inheritdoc/>
    public override void FlushNoMore()
    {
        if (KernelFile.MustRead($"{_folder}/cache_size", "look for the disk's cache").Trim() == "0") base.FlushNoMore();
        KernelFile.Must($"/sys/block/{Name}/queue/write_cache", "write through", "keep the disk from flushing its cache");
    }

    /// <inheritdoc/>
    public override void CutPower()
    {
        var number = Number;
        KernelFile.Must($"{_folder}/power", "0", "switch the disk off");
        KernelFile.Must($"{_folder}/power", "1", "switch the disk on");
        if (NameOf(_folder) != Name || Number != number) throw new AgentFailureException($"the disk {Name} came back as {NameOf(_folder)}: another program made one meanwhile");
    }

    private static void Configure(string folder, DiskStep step, int cacheMebibytes)
    {
        if (step.BadBlocks > 0)
        {
            // Sectors, the last one included.
            var end = (long)step.Mebibytes * SectorsPerMebibyte;
            KernelFile.Must($"{folder}/badblocks", $"+{end - ((long)step.BadBlocks * SectorsPerBlock)}-{end - 1}", "make blocks of a null_blk device bad");
        }
        (string Name, string Value)[] settings =
        [
            ("size", step.Mebibytes.ToString()),
            ("memory_backed", "1"),
            ("discard", step.CanDiscard ? "1" : "0"),
            ("blocksize", "4096"),
            ("submit_queues", "1"),
            ("irqmode", step.LatencyMicroseconds == 0 ? "0" : "2"),
            ("completion_nsec", (step.LatencyMicroseconds * 1000L).ToString()),
            ("cache_size", cacheMebibytes.ToString()),
            ("power", "1"),
        ];
        foreach (var (name, value) in settings)
            KernelFile.Must($"{folder}/{name}", value, "configure a null_blk device");
    }

    /// <summary>Takes a device away; EBUSY while f2fs is mounted from it.</summary>
    /// <param name="folder">its folder in configfs</param>
    public static Errno Remove(string folder)
    {
        if (KernelFile.Read($"{folder}/index", out var index) == Errno.None
            && (Directory.Exists($"/sys/fs/f2fs/nullb{index.Trim()}") || Directory.Exists($"/sys/fs/f2fs/{Path.GetFileName(folder)}"))) return Errno.EBUSY;
        KernelFile.Write($"{folder}/power", "0");
        return Sys.Check(libc.rmdir(folder), "rmdir", folder).Error;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        var error = Remove(_folder);
        if (error is not (Errno.None or Errno.ENOENT)) throw new AgentFailureException($"cannot remove the null_blk device {_folder}: {error}");
    }
}
