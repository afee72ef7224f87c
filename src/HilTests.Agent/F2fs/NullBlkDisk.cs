using HilTests.Agent.Execution;
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
    private const string ConfigRoot = "/sys/kernel/config";
    private readonly string _folder;

    private NullBlkDisk(string name, string folder)
    {
        Name = name;
        _folder = folder;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>Makes a device.</summary>
    /// <param name="mebibytes">its size</param>
    /// <param name="latencyMicroseconds">0 completes requests in the submitter's context</param>
    public static NullBlkDisk Create(int mebibytes, int latencyMicroseconds)
    {
        if (!Directory.Exists($"{ConfigRoot}/nullb"))
            Sys.Check(libc.mount("none", ConfigRoot, "configfs", 0, null), "mount", ConfigRoot).OrThrow("mount configfs");
        if (!Directory.Exists($"{ConfigRoot}/nullb"))
            throw new AgentFailureException($"there is no {ConfigRoot}/nullb: the kernel module null_blk is not loaded");
        var folder = $"{ConfigRoot}/nullb/hil{Environment.ProcessId}";
        Sys.Check(libc.mkdir(folder, 0x1ed), "mkdir", folder).OrThrow("make a null_blk device");
        try
        {
            Configure(folder, mebibytes, latencyMicroseconds);
            var index = KernelFile.MustRead($"{folder}/index", "find the null_blk device").Trim();
            // Since 6.9 the device carries the folder's name.
            var name = Directory.Exists($"/sys/block/nullb{index}") ? $"nullb{index}" : Path.GetFileName(folder);
            return new NullBlkDisk(name, folder) { Bytes = (long)mebibytes << 20 };
        }
        catch
        {
            libc.rmdir(folder);
            throw;
        }
    }

    private static void Configure(string folder, int mebibytes, int latencyMicroseconds)
    {
        (string Name, string Value)[] settings =
        [
            ("size", mebibytes.ToString()),
            ("memory_backed", "1"),
            ("discard", "1"),
            ("blocksize", "4096"),
            ("submit_queues", "1"),
            ("irqmode", latencyMicroseconds == 0 ? "0" : "2"),
            ("completion_nsec", (latencyMicroseconds * 1000L).ToString()),
            ("power", "1"),
        ];
        foreach (var (name, value) in settings)
            KernelFile.Must($"{folder}/{name}", value, "configure a null_blk device");
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        KernelFile.Write($"{_folder}/power", "0");
        var removed = Sys.Check(libc.rmdir(_folder), "rmdir", _folder);
        if (!removed.Ok && removed.Error != Errno.ENOENT) throw new AgentFailureException($"cannot remove the null_blk device: {removed}");
    }
}
