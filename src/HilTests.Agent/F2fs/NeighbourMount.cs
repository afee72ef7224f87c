using HilTests.Agent.Execution;
using HilTests.Core.Devices.F2fs;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.F2fs;

/// <summary>A second f2fs, mounted beside the program's own, with statistics of its own running.</summary>
internal sealed unsafe class NeighbourMount : IDisposable
{
    private const int Mebibytes = 52;
    private readonly LoopDisk _disk;
    private readonly string _mountPoint;
    private ulong _seed = 0x6e65;

    private NeighbourMount(LoopDisk disk, string mountPoint) => (_disk, _mountPoint) = (disk, mountPoint);

    /// <summary>Makes the disk, formats and mounts it and switches its statistics on.</summary>
    /// <param name="mountPoint">made here, and taken away again</param>
    /// <exception cref="AgentFailureException">any of it failed</exception>
    public static NeighbourMount Make(string mountPoint)
    {
        var disk = LoopDisk.Attach(Mebibytes, fill: false);
        try
        {
            FormatImage.Of(disk.Bytes).WriteTo(disk.Node);
            Directory.CreateDirectory(mountPoint);
            Sys.Check(libc.mount(disk.Node, mountPoint, "f2fs", 0, "nodiscard,background_gc=off"), "mount", mountPoint).OrThrow("mount the second file system");
        }
        catch
        {
            disk.Dispose();
            throw;
        }
        var neighbour = new NeighbourMount(disk, mountPoint);
        try
        {
            KernelFile.Must($"/sys/fs/f2fs/{disk.Name}/iostat_period_ms", "100", "set the second file system's period");
            KernelFile.Must($"/sys/fs/f2fs/{disk.Name}/iostat_enable", "1", "switch the second file system's statistics on");
            return neighbour;
        }
        catch
        {
            neighbour.Dispose();
            throw;
        }
    }

    /// <summary>Writes a file anew and syncs it.</summary>
    public Errno Write(int length)
    {
        var opened = FileDescriptor.Open(Path.Combine(_mountPoint, "n"), fcntl_h.O_WRONLY | fcntl_h.O_CREAT | fcntl_h.O_CLOEXEC);
        if (!opened.Ok) return opened.Error;
        using var file = opened.Value;
        var content = new byte[length];
        FileContent.Fill(content, _seed++, 0);
        fixed (byte* start = content)
        {
            var wrote = Sys.Check(libc.pwrite(file.Number, start, (nuint)length, 0), "pwrite");
            return wrote.Ok ? Sys.Check(libc.fsync(file.Number), "fsync").Error : wrote.Error;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        var unmounted = Sys.Check(libc.umount2(_mountPoint, 0), "umount2", _mountPoint);
        _disk.Dispose();
        if (Directory.Exists(_mountPoint)) Directory.Delete(_mountPoint);
        if (!unmounted.Ok) throw new AgentFailureException($"cannot unmount the second file system: {unmounted}");
    }
}
