namespace HilTests.Uapi.Linux;

/// <summary>Values of statfs.f_type, from linux/magic.h.</summary>
[Header("linux/magic.h")]
public static class magic_h
{
    public const uint F2FS_SUPER_MAGIC = 0xf2f52010;
    public const int EXT4_SUPER_MAGIC = 0xef53;
    public const int TMPFS_MAGIC = 0x1021994;
    public const int PROC_SUPER_MAGIC = 0x9fa0;
    public const int SYSFS_MAGIC = 0x62656572;
    public const int DEBUGFS_MAGIC = 0x64626720;
    public const int TRACEFS_MAGIC = 0x74726163;
    public const int OVERLAYFS_SUPER_MAGIC = 0x794c7630;
    public const uint BTRFS_SUPER_MAGIC = 0x9123683e;
    public const int XFS_SUPER_MAGIC = 0x58465342;
    public const int NSFS_MAGIC = 0x6e736673;
}
