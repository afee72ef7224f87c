using System.Buffers.Binary;
using HilTests.Uapi.Libc;
using static HilTests.Uapi.Linux.random_h;

namespace HilTests.Uapi.Devices;

/// <summary>The kernel's source of random numbers, /dev/urandom (linux/random.h). Changing it needs CAP_SYS_ADMIN.</summary>
public sealed class RandomPool : IDisposable
{
    /// <summary>Where the node is.</summary>
    public const string DefaultPath = "/dev/urandom";

    private const int HeadBytes = 8;

    private RandomPool(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The open node.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Opens the node for reading and writing.</summary>
    public static SyscallResult<RandomPool> Open(string path = DefaultPath) =>
        FileDescriptor.Open(path, fcntl_h.O_RDWR | fcntl_h.O_CLOEXEC).Then(fd => new RandomPool(fd));

    /// <summary>RNDADDENTROPY: mixes bytes in and counts each of their bits as chance. EPERM without the right to it.</summary>
    public unsafe SyscallResult Add(ReadOnlySpan<byte> bytes)
    {
        // struct rand_pool_info and its bytes: entropy_count, buf_size, buf.
        var argument = new byte[HeadBytes + bytes.Length];
        BinaryPrimitives.WriteInt32LittleEndian(argument, bytes.Length * 8);
        BinaryPrimitives.WriteInt32LittleEndian(argument.AsSpan(4), bytes.Length);
        bytes.CopyTo(argument.AsSpan(HeadBytes));
        fixed (byte* p = argument)
        {
            return Descriptor.Ioctl(RNDADDENTROPY, (nint)p);
        }
    }

    /// <summary>RNDRESEEDCRNG: what is drawn from now on, on every processor, comes of the pool as it is now. ENODATA before the first seed.</summary>
    public SyscallResult Reseed() => Descriptor.Ioctl(RNDRESEEDCRNG);

    /// <summary>Closes the node.</summary>
    public void Dispose() => Descriptor.Dispose();
}
