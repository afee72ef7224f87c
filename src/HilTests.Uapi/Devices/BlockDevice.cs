using HilTests.Uapi.Libc;
using static HilTests.Uapi.Linux.fs_h;

namespace HilTests.Uapi.Devices;

/// <summary>Any block device's node, one method a request (linux/fs.h, block/ioctl.c). All offsets and lengths are bytes.</summary>
public sealed class BlockDevice : IDisposable
{
    private BlockDevice(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The open node.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Opens a node; <paramref name="flags"/> are open flags.</summary>
    public static SyscallResult<BlockDevice> Open(string path, int flags = fcntl_h.O_RDWR) =>
        FileDescriptor.Open(path, flags | fcntl_h.O_CLOEXEC).Then(fd => new BlockDevice(fd));

    /// <summary>BLKGETSIZE64: bytes.</summary>
    public SyscallResult GetSize64(out ulong bytes) => Descriptor.IoctlGet(BLKGETSIZE64, out bytes);

    /// <summary>BLKSSZGET: bytes a logical block.</summary>
    public SyscallResult GetLogicalBlockSize(out int bytes) => Descriptor.IoctlGet(BLKSSZGET, out bytes);

    /// <summary>BLKPBSZGET: bytes a physical block.</summary>
    public SyscallResult GetPhysicalBlockSize(out uint bytes) => Descriptor.IoctlGet(BLKPBSZGET, out bytes);

    /// <summary>BLKBSZGET: bytes a block of the page cache.</summary>
    public SyscallResult GetBlockSize(out int bytes) => Descriptor.IoctlGet(BLKBSZGET, out bytes);

    /// <summary>BLKROGET: 1 when it is read-only.</summary>
    public SyscallResult GetReadOnly(out int readOnly) => Descriptor.IoctlGet(BLKROGET, out readOnly);

    /// <summary>BLKROSET.</summary>
    public SyscallResult SetReadOnly(bool on) => Descriptor.IoctlSet(BLKROSET, on ? 1 : 0);

    /// <summary>BLKROTATIONAL: 1 when it says it turns.</summary>
    public SyscallResult GetRotational(out ushort rotational) => Descriptor.IoctlGet(BLKROTATIONAL, out rotational);

    /// <summary>BLKDISCARDZEROES: always 0 in today's kernels.</summary>
    public SyscallResult GetDiscardZeroes(out uint zeroes) => Descriptor.IoctlGet(BLKDISCARDZEROES, out zeroes);

    /// <summary>BLKGETDISKSEQ: a number no other disk of this boot has.</summary>
    public SyscallResult GetDiskSequence(out ulong sequence) => Descriptor.IoctlGet(BLKGETDISKSEQ, out sequence);

    /// <summary>BLKFLSBUF: writes back and drops the cache.</summary>
    public SyscallResult FlushBuffers() => Descriptor.Ioctl(BLKFLSBUF);

    /// <summary>BLKRRPART: reads the partition table again.</summary>
    public SyscallResult RereadPartitions() => Descriptor.Ioctl(BLKRRPART);

    /// <summary>BLKDISCARD.</summary>
    public SyscallResult Discard(ulong start, ulong length) => OnRange(BLKDISCARD, start, length, nameof(BLKDISCARD));

    /// <summary>BLKSECDISCARD.</summary>
    public SyscallResult SecureDiscard(ulong start, ulong length) =>
        OnRange(BLKSECDISCARD, start, length, nameof(BLKSECDISCARD));

    /// <summary>BLKZEROOUT.</summary>
    public SyscallResult ZeroOut(ulong start, ulong length) => OnRange(BLKZEROOUT, start, length, nameof(BLKZEROOUT));

    /// <summary>Closes the node.</summary>
    public void Dispose() => Descriptor.Dispose();

    private SyscallResult OnRange(uint request, ulong start, ulong length, string call)
    {
        var range = default(Array2<ulong>);
        range[0] = start;
        range[1] = length;
        return Descriptor.IoctlSet(request, range, call);
    }
}
