using System.Runtime.InteropServices;

namespace HilTests.Uapi.Libc;

/// <summary>File type bits of sys/stat.h.</summary>
[Header("sys/stat.h")]
public static class sys_stat_h
{
    public const int S_IFMT = 0xf000;
    public const int S_IFSOCK = 0xc000;
    public const int S_IFLNK = 0xa000;
    public const int S_IFREG = 0x8000;
    public const int S_IFBLK = 0x6000;
    public const int S_IFDIR = 0x4000;
    public const int S_IFCHR = 0x2000;
    public const int S_IFIFO = 0x1000;
    public const int S_ISUID = 2048;
    public const int S_ISGID = 1024;
    public const int S_ISVTX = 512;
}

/// <summary>struct stat: what is known of a file.</summary>
[Header("sys/stat.h")]
[StructLayout(LayoutKind.Sequential)]
public struct stat
{
    public ulong st_dev;
    public ulong st_ino;
    public ulong st_nlink;
    public uint st_mode;
    public uint st_uid;
    public uint st_gid;
    public int __pad0;
    public ulong st_rdev;

    /// <summary>Bytes.</summary>
    public long st_size;

    /// <summary>Bytes.</summary>
    public long st_blksize;

    /// <summary>Units of 512 bytes.</summary>
    public long st_blocks;

    public timespec st_atim;
    public timespec st_mtim;
    public timespec st_ctim;
    public Array3<long> __glibc_reserved;
}
