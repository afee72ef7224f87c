using System.Runtime.InteropServices;

namespace HilTests.Uapi.Libc;

/// <summary>Numbers of sys/statfs.h and the mount flags it reports in f_flags.</summary>
[Header("sys/statvfs.h", "sys/statfs.h")]
public static class sys_statfs_h
{
    public const int ST_RDONLY = 1;
    public const int ST_NOSUID = 2;
    public const int ST_NODEV = 4;
    public const int ST_NOEXEC = 8;
    public const int ST_SYNCHRONOUS = 16;
}

/// <summary>struct statfs: what is known of a file system.</summary>
[Header("sys/statvfs.h", "sys/statfs.h")]
[StructLayout(LayoutKind.Sequential)]
public struct statfs
{
    /// <summary>A magic number, see magic_h.</summary>
    public long f_type;

    /// <summary>Bytes a block.</summary>
    public long f_bsize;

    public ulong f_blocks;
    public ulong f_bfree;
    public ulong f_bavail;
    public ulong f_files;
    public ulong f_ffree;
    public ulong f_fsid;
    public long f_namelen;
    public long f_frsize;
    public long f_flags;
    public Array4<long> f_spare;
}
