using HilTests.Uapi.Libc;
using static HilTests.Uapi.Linux.loop_h;

namespace HilTests.Uapi.Devices;

/// <summary>/dev/loop-control: makes and removes loop devices (linux/loop.h). Results are device numbers.</summary>
public sealed class LoopControl : IDisposable
{
    /// <summary>Where the node is.</summary>
    public const string DefaultPath = "/dev/loop-control";

    private LoopControl(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The open node.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Opens the node for reading and writing.</summary>
    public static SyscallResult<LoopControl> Open(string path = DefaultPath) =>
        FileDescriptor.Open(path, fcntl_h.O_RDWR | fcntl_h.O_CLOEXEC).Then(fd => new LoopControl(fd));

    /// <summary>LOOP_CTL_GET_FREE: a device without a file, made if need be. Another process may take it first.</summary>
    public SyscallResult GetFree() => Descriptor.Ioctl(LOOP_CTL_GET_FREE);

    /// <summary>LOOP_CTL_ADD: makes device <paramref name="number"/>; a negative number lets the kernel choose.</summary>
    public SyscallResult Add(int number) => Descriptor.Ioctl(LOOP_CTL_ADD, number);

    /// <summary>LOOP_CTL_REMOVE: EBUSY while it is open or has a file.</summary>
    public SyscallResult Remove(int number) => Descriptor.Ioctl(LOOP_CTL_REMOVE, number);

    /// <summary>Closes the node.</summary>
    public void Dispose() => Descriptor.Dispose();
}
