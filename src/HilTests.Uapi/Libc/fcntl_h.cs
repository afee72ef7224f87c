namespace HilTests.Uapi.Libc;

/// <summary>Numbers of fcntl.h: open flags, fcntl requests, seals.</summary>
[Header("fcntl.h")]
public static class fcntl_h
{
    public const int O_RDONLY = 0;
    public const int O_WRONLY = 1;
    public const int O_RDWR = 2;
    public const int O_ACCMODE = 3;
    public const int O_CREAT = 64;
    public const int O_EXCL = 128;
    public const int O_NOCTTY = 256;
    public const int O_TRUNC = 512;
    public const int O_APPEND = 1024;
    public const int O_NONBLOCK = 2048;
    public const int O_DSYNC = 0x1000;
    public const int O_SYNC = 0x101000;
    public const int O_DIRECT = 0x4000;
    public const int O_DIRECTORY = 0x10000;
    public const int O_NOFOLLOW = 0x20000;
    public const int O_NOATIME = 0x40000;
    public const int O_CLOEXEC = 0x80000;
    public const int O_PATH = 0x200000;
    public const int O_TMPFILE = 0x410000;
    public const int AT_FDCWD = -100;
    public const int AT_SYMLINK_NOFOLLOW = 256;
    public const int AT_REMOVEDIR = 512;
    public const int AT_EMPTY_PATH = 0x1000;
    public const int F_DUPFD = 0;
    public const int F_GETFD = 1;
    public const int F_SETFD = 2;
    public const int F_GETFL = 3;
    public const int F_SETFL = 4;
    public const int F_DUPFD_CLOEXEC = 1030;
    public const int F_SETPIPE_SZ = 1031;
    public const int F_GETPIPE_SZ = 1032;
    public const int F_ADD_SEALS = 1033;
    public const int F_GET_SEALS = 1034;
    public const int F_SEAL_SEAL = 1;
    public const int F_SEAL_SHRINK = 2;
    public const int F_SEAL_GROW = 4;
    public const int F_SEAL_WRITE = 8;
    public const int FD_CLOEXEC = 1;
    public const int POSIX_FADV_NORMAL = 0;
    public const int POSIX_FADV_DONTNEED = 4;
}
