using HilTests.Agent.Execution;
using HilTests.Core.Devices.F2fs;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.F2fs;

/// <summary>
/// A loop device over a file in memory that has no name. The device clears itself when its last user is gone, so
/// nothing stays behind when this process is killed.
/// </summary>
internal sealed unsafe class LoopDisk : Disk
{
    private const int AttachAttempts = 16;
    private readonly FileDescriptor _file;
    private readonly FileDescriptor _device;

    private LoopDisk(string name, FileDescriptor file, FileDescriptor device)
    {
        Name = name;
        _file = file;
        _device = device;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <summary>Makes a file of that size and attaches it to a free loop device.</summary>
    public static LoopDisk Attach(int mebibytes, bool fill)
    {
        var bytes = (long)mebibytes << 20;
        var file = Sys.Descriptor(libc.memfd_create("hil-f2fs", memfd_h.MFD_CLOEXEC), "memfd_create").OrThrow("make the disk's file");
        Sys.Check(libc.ftruncate(file.Number, bytes), "ftruncate").OrThrow("size the disk's file");
        if (fill) FillFile(file, bytes);
        var control = FileDescriptor.Open("/dev/loop-control", fcntl_h.O_RDWR | fcntl_h.O_CLOEXEC).OrThrow("get a loop device");
        using (control)
        {
            for (var attempt = 1; ; attempt++)
            {
                var number = Sys.Check(libc.ioctl(control, loop_h.LOOP_CTL_GET_FREE, 0), "LOOP_CTL_GET_FREE").OrThrow("find a free loop device");
                var device = FileDescriptor.Open($"/dev/loop{number}", fcntl_h.O_RDWR | fcntl_h.O_CLOEXEC).OrThrow("open the loop device");
                var configuration = new loop_config { fd = (uint)file.Number, block_size = FileContent.BlockSize };
                configuration.info.lo_flags = loop_h.LO_FLAGS_AUTOCLEAR;
                var configured = Sys.Check(libc.ioctl(device, loop_h.LOOP_CONFIGURE, &configuration), "LOOP_CONFIGURE", $"/dev/loop{number}");
                if (configured.Ok) return new LoopDisk($"loop{number}", file, device) { Bytes = bytes };
                device.Dispose();
                // Somebody else may have taken the free device between the two requests.
                if (configured.Error != Errno.EBUSY || attempt == AttachAttempts) configured.OrThrow("attach the disk's file");
            }
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(long Start, long Length)> Holes()
    {
        var holes = new List<(long, long)>();
        long position = 0;
        while (position < Bytes)
        {
            var hole = Sys.Check(libc.lseek(_file.Number, position, unistd_h.SEEK_HOLE), "SEEK_HOLE").OrThrow("find holes");
            if (hole >= Bytes) break;
            var data = Sys.Check(libc.lseek(_file.Number, hole, unistd_h.SEEK_DATA), "SEEK_DATA");
            position = data.Error == Errno.ENXIO ? Bytes : data.OrThrow("find data");
            holes.Add((hole / FileContent.BlockSize, (position - hole) / FileContent.BlockSize));
        }
        return holes;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _device.Dispose();
        _file.Dispose();
    }

    private static void FillFile(FileDescriptor file, long bytes)
    {
        var block = new byte[1 << 20];
        Array.Fill(block, (byte)0xa5);
        fixed (byte* start = block)
        {
            for (long done = 0; done < bytes;)
            {
                var wrote = Sys.Check(libc.pwrite(file.Number, start, (nuint)Math.Min(block.Length, bytes - done), done), "pwrite").OrThrow("fill the disk's file");
                if (wrote == 0) throw new AgentFailureException("filling the disk's file stopped half-way: is there enough memory?");
                done += wrote;
            }
        }
    }
}
