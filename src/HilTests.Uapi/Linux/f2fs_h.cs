using System.Runtime.InteropServices;
using static HilTests.Uapi.Linux.ioctl_h;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/f2fs.h: requests of f2fs files and their flags.</summary>
[Header("linux/f2fs.h")]
public static class f2fs_h
{
    public const int F2FS_IOCTL_MAGIC = 0xf5;
    public static readonly uint F2FS_IOC_START_ATOMIC_WRITE = _IO(F2FS_IOCTL_MAGIC, 1);
    public static readonly uint F2FS_IOC_COMMIT_ATOMIC_WRITE = _IO(F2FS_IOCTL_MAGIC, 2);
    public static readonly uint F2FS_IOC_START_VOLATILE_WRITE = _IO(F2FS_IOCTL_MAGIC, 3);
    public static readonly uint F2FS_IOC_RELEASE_VOLATILE_WRITE = _IO(F2FS_IOCTL_MAGIC, 4);
    public static readonly uint F2FS_IOC_ABORT_ATOMIC_WRITE = _IO(F2FS_IOCTL_MAGIC, 5);
    public static readonly uint F2FS_IOC_GARBAGE_COLLECT = _IOW<uint>(F2FS_IOCTL_MAGIC, 6);
    public static readonly uint F2FS_IOC_WRITE_CHECKPOINT = _IO(F2FS_IOCTL_MAGIC, 7);
    public static readonly uint F2FS_IOC_DEFRAGMENT = _IOWR<f2fs_defragment>(F2FS_IOCTL_MAGIC, 8);
    public static readonly uint F2FS_IOC_MOVE_RANGE = _IOWR<f2fs_move_range>(F2FS_IOCTL_MAGIC, 9);
    public static readonly uint F2FS_IOC_FLUSH_DEVICE = _IOW<f2fs_flush_device>(F2FS_IOCTL_MAGIC, 10);
    public static readonly uint F2FS_IOC_GARBAGE_COLLECT_RANGE = _IOW<f2fs_gc_range>(F2FS_IOCTL_MAGIC, 11);
    public static readonly uint F2FS_IOC_GET_FEATURES = _IOR<uint>(F2FS_IOCTL_MAGIC, 12);
    public static readonly uint F2FS_IOC_SET_PIN_FILE = _IOW<uint>(F2FS_IOCTL_MAGIC, 13);
    public static readonly uint F2FS_IOC_GET_PIN_FILE = _IOR<uint>(F2FS_IOCTL_MAGIC, 14);
    public static readonly uint F2FS_IOC_PRECACHE_EXTENTS = _IO(F2FS_IOCTL_MAGIC, 15);
    public static readonly uint F2FS_IOC_RESIZE_FS = _IOW<ulong>(F2FS_IOCTL_MAGIC, 16);
    public static readonly uint F2FS_IOC_GET_COMPRESS_BLOCKS = _IOR<ulong>(F2FS_IOCTL_MAGIC, 17);
    public static readonly uint F2FS_IOC_RELEASE_COMPRESS_BLOCKS = _IOR<ulong>(F2FS_IOCTL_MAGIC, 18);
    public static readonly uint F2FS_IOC_RESERVE_COMPRESS_BLOCKS = _IOR<ulong>(F2FS_IOCTL_MAGIC, 19);
    public static readonly uint F2FS_IOC_SEC_TRIM_FILE = _IOW<f2fs_sectrim_range>(F2FS_IOCTL_MAGIC, 20);
    public static readonly uint F2FS_IOC_GET_COMPRESS_OPTION = _IOR<f2fs_comp_option>(F2FS_IOCTL_MAGIC, 21);
    public static readonly uint F2FS_IOC_SET_COMPRESS_OPTION = _IOW<f2fs_comp_option>(F2FS_IOCTL_MAGIC, 22);
    public static readonly uint F2FS_IOC_DECOMPRESS_FILE = _IO(F2FS_IOCTL_MAGIC, 23);
    public static readonly uint F2FS_IOC_COMPRESS_FILE = _IO(F2FS_IOCTL_MAGIC, 24);
    public static readonly uint F2FS_IOC_SHUTDOWN = _IOR<uint>('X', 125);
    public const int F2FS_GOING_DOWN_FULLSYNC = 0x0;
    public const int F2FS_GOING_DOWN_METASYNC = 0x1;
    public const int F2FS_GOING_DOWN_NOSYNC = 0x2;
    public const int F2FS_GOING_DOWN_METAFLUSH = 0x3;
    public const int F2FS_GOING_DOWN_NEED_FSCK = 0x4;
    public const int F2FS_TRIM_FILE_DISCARD = 0x1;
    public const int F2FS_TRIM_FILE_ZEROOUT = 0x2;
    public const int F2FS_TRIM_FILE_MASK = 0x3;

    [Since("6.2", "f2fs: atomic replace")]
    public static readonly uint F2FS_IOC_START_ATOMIC_REPLACE = _IO(F2FS_IOCTL_MAGIC, 25);

    [Since("6.13", "f2fs: device aliasing file")]
    public static readonly uint F2FS_IOC_GET_DEV_ALIAS_FILE = _IOR<uint>(F2FS_IOCTL_MAGIC, 26);

    [Since("6.14", "f2fs: io priority of a file")]
    public static readonly uint F2FS_IOC_IO_PRIO = _IOW<uint>(F2FS_IOCTL_MAGIC, 27);

    [Since("6.14", "f2fs: io priority of a file")]
    public const int F2FS_IOPRIO_WRITE = 1;

    [Since("6.14", "f2fs: io priority of a file")]
    public const int F2FS_IOPRIO_MAX = 2;

    [Since("7.2", "f2fs: reserve and release of device aliases (queued; the release is not certain)")]
    public static readonly uint F2FS_IOC_RESERVE_DEV_ALIAS = _IO(F2FS_IOCTL_MAGIC, 28);

    [Since("7.2", "f2fs: reserve and release of device aliases (queued; the release is not certain)")]
    public static readonly uint F2FS_IOC_RELEASE_DEV_ALIAS = _IO(F2FS_IOCTL_MAGIC, 29);

    [Since("7.2", "f2fs: reserve and release of device aliases (queued; the release is not certain)")]
    public static readonly uint F2FS_IOC_GET_DEV_ALIAS_STATUS = _IOR<uint>(F2FS_IOCTL_MAGIC, 30);

    [Since("7.2", "f2fs: reserve and release of device aliases (queued; the release is not certain)")]
    public const int F2FS_DEV_ALIAS_STATUS_RELEASED = 0;

    [Since("7.2", "f2fs: reserve and release of device aliases (queued; the release is not certain)")]
    public const int F2FS_DEV_ALIAS_STATUS_RESERVED = 1;
}

/// <summary>struct f2fs_gc_range: argument of F2FS_IOC_GARBAGE_COLLECT_RANGE.</summary>
[Header("linux/f2fs.h")]
[StructLayout(LayoutKind.Sequential)]
public struct f2fs_gc_range
{
    public uint sync;

    /// <summary>Blocks.</summary>
    public ulong start;

    /// <summary>Blocks.</summary>
    public ulong len;
}

/// <summary>struct f2fs_defragment: argument of F2FS_IOC_DEFRAGMENT.</summary>
[Header("linux/f2fs.h")]
[StructLayout(LayoutKind.Sequential)]
public struct f2fs_defragment
{
    /// <summary>Bytes.</summary>
    public ulong start;

    /// <summary>Bytes.</summary>
    public ulong len;
}

/// <summary>struct f2fs_move_range: argument of F2FS_IOC_MOVE_RANGE.</summary>
[Header("linux/f2fs.h")]
[StructLayout(LayoutKind.Sequential)]
public struct f2fs_move_range
{
    public uint dst_fd;

    /// <summary>Bytes.</summary>
    public ulong pos_in;

    /// <summary>Bytes.</summary>
    public ulong pos_out;

    /// <summary>Bytes.</summary>
    public ulong len;
}

/// <summary>struct f2fs_flush_device: argument of F2FS_IOC_FLUSH_DEVICE.</summary>
[Header("linux/f2fs.h")]
[StructLayout(LayoutKind.Sequential)]
public struct f2fs_flush_device
{
    public uint dev_num;
    public uint segments;
}

/// <summary>struct f2fs_sectrim_range: argument of F2FS_IOC_SEC_TRIM_FILE.</summary>
[Header("linux/f2fs.h")]
[StructLayout(LayoutKind.Sequential)]
public struct f2fs_sectrim_range
{
    /// <summary>Bytes.</summary>
    public ulong start;

    /// <summary>Bytes.</summary>
    public ulong len;

    /// <summary>F2FS_TRIM_FILE_*.</summary>
    public ulong flags;
}

/// <summary>struct f2fs_comp_option: argument of F2FS_IOC_GET_COMPRESS_OPTION.</summary>
[Header("linux/f2fs.h")]
[StructLayout(LayoutKind.Sequential)]
public struct f2fs_comp_option
{
    public byte algorithm;
    public byte log_cluster_size;
}
