using System.Runtime.InteropServices;

namespace HilTests.Uapi.Linux;

/// <summary>Requests of /dev/mapper/control, from linux/dm-ioctl.h. Each takes a <see cref="dm_ioctl"/> with what belongs to it behind it.</summary>
[Header("linux/dm-ioctl.h")]
public static class dm_ioctl_h
{
    public const int DM_MAX_TYPE_NAME = 16;
    public const int DM_NAME_LEN = 128;
    public const int DM_UUID_LEN = 129;
    public const uint DM_IOCTL = 0xfd;
    public const int DM_VERSION_MAJOR = 4;
    public const int DM_READONLY_FLAG = 1 << 0;
    public const int DM_SUSPEND_FLAG = 1 << 1;
    public const int DM_SKIP_LOCKFS_FLAG = 1 << 10;
    public const int DM_NOFLUSH_FLAG = 1 << 11;

    public static uint DM_VERSION => ioctl_h._IOWR<dm_ioctl>(DM_IOCTL, 0);
    public static uint DM_DEV_CREATE => ioctl_h._IOWR<dm_ioctl>(DM_IOCTL, 3);
    public static uint DM_DEV_REMOVE => ioctl_h._IOWR<dm_ioctl>(DM_IOCTL, 4);
    public static uint DM_DEV_SUSPEND => ioctl_h._IOWR<dm_ioctl>(DM_IOCTL, 6);
    public static uint DM_DEV_STATUS => ioctl_h._IOWR<dm_ioctl>(DM_IOCTL, 7);
    public static uint DM_TABLE_LOAD => ioctl_h._IOWR<dm_ioctl>(DM_IOCTL, 9);
}

/// <summary>struct dm_ioctl: the head of every request.</summary>
[Header("linux/dm-ioctl.h")]
[StructLayout(LayoutKind.Sequential)]
public struct dm_ioctl
{
    public Array3<uint> version;

    /// <summary>Bytes of everything, this head included.</summary>
    public uint data_size;

    /// <summary>Where what follows the head begins, in bytes.</summary>
    public uint data_start;

    public uint target_count;
    public int open_count;
    public uint flags;
    public uint event_nr;
    public uint padding;

    /// <summary>The device's number as the kernel hands it to user space (huge_encode_dev()).</summary>
    public ulong dev;

    public Array128<byte> name;
    public Array129<byte> uuid;
    public Array7<byte> data;
}

/// <summary>struct dm_target_spec: one line of a table; its parameters follow as text with a zero behind.</summary>
[Header("linux/dm-ioctl.h")]
[StructLayout(LayoutKind.Sequential)]
public struct dm_target_spec
{
    /// <summary>Sectors of 512 bytes.</summary>
    public ulong sector_start;

    /// <summary>Sectors of 512 bytes.</summary>
    public ulong length;

    public int status;

    /// <summary>Bytes from here to the next one.</summary>
    public uint next;

    public Array16<byte> target_type;
}
