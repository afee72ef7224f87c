using System.Text;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;
using static HilTests.Uapi.Linux.loop_h;

namespace HilTests.Uapi.Devices;

/// <summary>/dev/loopN: a file as a block device, one method a request (linux/loop.h, drivers/block/loop.c).</summary>
public sealed class LoopDevice : IDisposable
{
    private LoopDevice(FileDescriptor descriptor, string path)
    {
        Descriptor = descriptor;
        Path = path;
    }

    /// <summary>The open node.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>The node's path.</summary>
    public string Path { get; }

    /// <summary>Opens /dev/loop<paramref name="number"/> for reading and writing.</summary>
    public static SyscallResult<LoopDevice> Open(int number) => Open($"/dev/loop{number}");

    /// <summary>Opens a loop device's node for reading and writing.</summary>
    public static SyscallResult<LoopDevice> Open(string path) =>
        FileDescriptor.Open(path, fcntl_h.O_RDWR | fcntl_h.O_CLOEXEC).Then(fd => new LoopDevice(fd, path));

    /// <summary>LOOP_CONFIGURE: takes a file and its settings in one step, so that nothing is left if it fails.</summary>
    /// <param name="file">The file behind the device; it may be closed afterwards.</param>
    /// <param name="flags">LO_FLAGS_*; with LO_FLAGS_AUTOCLEAR the device lets go of the file on its last close.</param>
    /// <param name="blockSize">Bytes a logical block, 0 for 512.</param>
    /// <param name="name">What the status shows as the file's name, cut to 63 bytes; the kernel puts in none itself.</param>
    public SyscallResult Configure(FileDescriptor file, uint flags, uint blockSize = 0, string name = "")
    {
        var config = new loop_config { fd = (uint)file.Number, block_size = blockSize };
        config.info.lo_flags = flags;
        Span<byte> room = config.info.lo_file_name;
        Encoding.UTF8.GetEncoder().Convert(name, room[..^1], flush: true, out _, out _, out _);
        var result = Configure(in config);
        GC.KeepAlive(file);
        return result;
    }

    /// <summary>LOOP_CONFIGURE with everything in the caller's hands.</summary>
    public SyscallResult Configure(in loop_config config) => Descriptor.IoctlSet(LOOP_CONFIGURE, config);

    /// <summary>LOOP_SET_FD.</summary>
    public SyscallResult SetFd(int fd) => Descriptor.Ioctl(LOOP_SET_FD, fd);

    /// <summary>LOOP_CHANGE_FD: another file of the same size behind a read-only device.</summary>
    public SyscallResult ChangeFd(int fd) => Descriptor.Ioctl(LOOP_CHANGE_FD, fd);

    /// <summary>LOOP_CLR_FD: lets go of the file, at the last close if others have the device open.</summary>
    public SyscallResult ClrFd() => Descriptor.Ioctl(LOOP_CLR_FD);

    /// <summary>LOOP_GET_STATUS64; ENXIO when no file is behind the device.</summary>
    public SyscallResult GetStatus64(out loop_info64 info) => Descriptor.IoctlGet(LOOP_GET_STATUS64, out info);

    /// <summary>LOOP_SET_STATUS64.</summary>
    public SyscallResult SetStatus64(in loop_info64 info) => Descriptor.IoctlSet(LOOP_SET_STATUS64, info);

    /// <summary>LOOP_SET_CAPACITY: takes over the file's present size.</summary>
    public SyscallResult SetCapacity() => Descriptor.Ioctl(LOOP_SET_CAPACITY);

    /// <summary>LOOP_SET_DIRECT_IO.</summary>
    public SyscallResult SetDirectIo(bool on) => Descriptor.Ioctl(LOOP_SET_DIRECT_IO, on ? 1 : 0);

    /// <summary>LOOP_SET_BLOCK_SIZE: bytes a logical block.</summary>
    public SyscallResult SetBlockSize(uint bytes) => Descriptor.Ioctl(LOOP_SET_BLOCK_SIZE, (nint)bytes);

    /// <summary>The name in a status, as it was given.</summary>
    public static string FileName(loop_info64 info)
    {
        ReadOnlySpan<byte> bytes = info.lo_file_name;
        var end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    /// <summary>Closes the node.</summary>
    public void Dispose() => Descriptor.Dispose();
}
