namespace HilTests.Uapi.Libc;

/// <summary>Flags of umount2(2), from sys/mount.h.</summary>
[Header("sys/mount.h")]
public static class sys_mount_h
{
    public const int MNT_FORCE = 1;
    public const int MNT_DETACH = 2;
    public const int MNT_EXPIRE = 4;
    public const int UMOUNT_NOFOLLOW = 8;
}
