namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/mount.h: flags of mount(2). The rest of the flags is the kernel's own.</summary>
[Header("linux/mount.h")]
public static class mount_h
{
    public const uint MS_RDONLY = 1;
    public const uint MS_NOSUID = 2;
    public const uint MS_NODEV = 4;
    public const uint MS_NOEXEC = 8;
    public const uint MS_SYNCHRONOUS = 16;
    public const uint MS_REMOUNT = 32;
    public const uint MS_MANDLOCK = 64;
    public const uint MS_DIRSYNC = 128;
    public const uint MS_NOSYMFOLLOW = 256;
    public const uint MS_NOATIME = 1024;
    public const uint MS_NODIRATIME = 2048;
    public const uint MS_BIND = 4096;
    public const uint MS_MOVE = 8192;
    public const uint MS_REC = 16384;
    public const uint MS_VERBOSE = 32768;
    public const uint MS_SILENT = 32768;
    public const uint MS_POSIXACL = 1u << 16;
    public const uint MS_UNBINDABLE = 1u << 17;
    public const uint MS_PRIVATE = 1u << 18;
    public const uint MS_SLAVE = 1u << 19;
    public const uint MS_SHARED = 1u << 20;
    public const uint MS_RELATIME = 1u << 21;
    public const uint MS_KERNMOUNT = 1u << 22;
    public const uint MS_I_VERSION = 1u << 23;
    public const uint MS_STRICTATIME = 1u << 24;
    public const uint MS_LAZYTIME = 1u << 25;
    public const uint MS_SUBMOUNT = 1u << 26;
    public const uint MS_NOREMOTELOCK = 1u << 27;
    public const uint MS_NOSEC = 1u << 28;
    public const uint MS_BORN = 1u << 29;
    public const uint MS_ACTIVE = 1u << 30;
    public const uint MS_NOUSER = 1u << 31;
    public const uint MS_RMT_MASK = MS_RDONLY | MS_SYNCHRONOUS | MS_MANDLOCK | MS_I_VERSION | MS_LAZYTIME;
    public const uint MS_MGC_VAL = 0xC0ED0000;
    public const uint MS_MGC_MSK = 0xffff0000;
}
