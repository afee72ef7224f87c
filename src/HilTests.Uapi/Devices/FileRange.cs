using HilTests.Uapi.Linux;
using static HilTests.Uapi.Linux.fs_h;

namespace HilTests.Uapi.Devices;

/// <summary>Requests about ranges of a file or a file system (linux/fs.h, linux/fiemap.h). All numbers are bytes.</summary>
public static class FileRange
{
    /// <summary>FITRIM: discards free space of the file system the descriptor is on.</summary>
    /// <param name="descriptor">Any file or folder of it.</param>
    /// <param name="start">Where to start.</param>
    /// <param name="length">How far, <see cref="ulong.MaxValue"/> for all.</param>
    /// <param name="minimum">Shorter free extents stay.</param>
    /// <param name="discarded">What the kernel says it discarded; 0 with an error.</param>
    public static SyscallResult Trim(
        FileDescriptor descriptor, ulong start, ulong length, ulong minimum, out ulong discarded)
    {
        var range = new fstrim_range { start = start, len = length, minlen = minimum };
        var result = descriptor.Ioctl(FITRIM, ref range);
        discarded = result.Ok ? range.len : 0;
        return result;
    }

    /// <summary>FS_IOC_FIEMAP: the extents of a range of a file.</summary>
    /// <param name="descriptor">The file.</param>
    /// <param name="start">Where to start.</param>
    /// <param name="length">How far.</param>
    /// <param name="flags">FIEMAP_FLAG_*.</param>
    /// <param name="room">How many extents to take at most.</param>
    /// <param name="extents">The extents, the last one marked FIEMAP_EXTENT_LAST if there was room for all.</param>
    public static unsafe SyscallResult Map(
        FileDescriptor descriptor, ulong start, ulong length, uint flags, int room, out fiemap_extent[] extents)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(room);
        var block = new byte[sizeof(fiemap) + (room * sizeof(fiemap_extent))];
        fixed (byte* p = block)
        {
            var head = (fiemap*)p;
            *head = new fiemap { fm_start = start, fm_length = length, fm_flags = flags, fm_extent_count = (uint)room };
            var result = descriptor.Ioctl(FS_IOC_FIEMAP, (nint)p);
            var count = result.Ok ? (int)head->fm_mapped_extents : 0;
            extents = new Span<fiemap_extent>(p + sizeof(fiemap), count).ToArray();
            return result;
        }
    }

    /// <summary>FS_IOC_GETFLAGS: FS_*_FL of a file.</summary>
    public static SyscallResult GetFlags(FileDescriptor descriptor, out uint flags) =>
        descriptor.IoctlGet(FS_IOC_GETFLAGS, out flags);

    /// <summary>FS_IOC_SETFLAGS.</summary>
    public static SyscallResult SetFlags(FileDescriptor descriptor, uint flags) =>
        descriptor.IoctlSet(FS_IOC_SETFLAGS, flags);

    /// <summary>FIFREEZE: holds back every write to the file system until <see cref="Thaw"/>.</summary>
    public static SyscallResult Freeze(FileDescriptor descriptor) => descriptor.Ioctl(FIFREEZE);

    /// <summary>FITHAW.</summary>
    public static SyscallResult Thaw(FileDescriptor descriptor) => descriptor.Ioctl(FITHAW);
}
