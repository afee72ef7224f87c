using System.Runtime.InteropServices;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/vhost_types.h: feature bits (bit numbers, not masks), log flag, IOTLB messages.</summary>
[Header("linux/vhost_types.h")]
public static class vhost_types_h
{
    public const int VHOST_VRING_F_LOG = 0;
    public const int VHOST_ACCESS_RO = 0x1;
    public const int VHOST_ACCESS_WO = 0x2;
    public const int VHOST_ACCESS_RW = 0x3;
    public const int VHOST_IOTLB_MISS = 1;
    public const int VHOST_IOTLB_UPDATE = 2;
    public const int VHOST_IOTLB_INVALIDATE = 3;
    public const int VHOST_IOTLB_ACCESS_FAIL = 4;
    public const int VHOST_IOTLB_BATCH_BEGIN = 5;
    public const int VHOST_IOTLB_BATCH_END = 6;
    public const int VHOST_IOTLB_MSG = 0x1;
    public const int VHOST_IOTLB_MSG_V2 = 0x2;
    public const int VHOST_PAGE_SIZE = 0x1000;
    public const int VHOST_SCSI_ABI_VERSION = 1;
    public const int VHOST_F_LOG_ALL = 26;
    public const int VHOST_NET_F_VIRTIO_NET_HDR = 27;
    public const int VHOST_BACKEND_F_IOTLB_MSG_V2 = 0x1;
    public const int VHOST_BACKEND_F_IOTLB_BATCH = 0x2;
    public const int VHOST_BACKEND_F_IOTLB_ASID = 0x3;
    public const int VHOST_BACKEND_F_SUSPEND = 0x4;

    [Since("6.6", "vdpa: resume")]
    public const int VHOST_BACKEND_F_RESUME = 0x5;

    [Since("6.6", "vdpa: rings enabled after DRIVER_OK")]
    public const int VHOST_BACKEND_F_ENABLE_AFTER_DRIVER_OK = 0x6;

    [Since("6.7", "vdpa: address space of the descriptors")]
    public const int VHOST_BACKEND_F_DESC_ASID = 0x7;

    [Since("6.7", "vdpa: mappings kept over a reset")]
    public const int VHOST_BACKEND_F_IOTLB_PERSIST = 0x8;
}

/// <summary>struct vhost_vring_state: a ring and one number about it (size, base, endianness, microseconds).</summary>
[Header("linux/vhost_types.h")]
[StructLayout(LayoutKind.Sequential)]
public struct vhost_vring_state
{
    public uint index;
    public uint num;
}

/// <summary>struct vhost_vring_file: a ring and a file descriptor, -1 to take it away.</summary>
[Header("linux/vhost_types.h")]
[StructLayout(LayoutKind.Sequential)]
public struct vhost_vring_file
{
    public uint index;
    public int fd;
}

/// <summary>struct vhost_vring_addr: where one ring is, in addresses of the process that owns the device.</summary>
[Header("linux/vhost_types.h")]
[StructLayout(LayoutKind.Sequential)]
public struct vhost_vring_addr
{
    public uint index;

    /// <summary>Bit VHOST_VRING_F_LOG: log_guest_addr counts.</summary>
    public uint flags;

    /// <summary>Descriptor table, 16 bytes an entry.</summary>
    public ulong desc_user_addr;

    /// <summary>Used ring, aligned to 4 bytes.</summary>
    public ulong used_user_addr;

    /// <summary>Available ring, aligned to 2 bytes.</summary>
    public ulong avail_user_addr;

    /// <summary>Where writes to the used ring are logged, aligned to 4 bytes.</summary>
    public ulong log_guest_addr;
}

/// <summary>struct vhost_iotlb_msg: one message of the device IOTLB.</summary>
[Header("linux/vhost_types.h")]
[StructLayout(LayoutKind.Sequential)]
public struct vhost_iotlb_msg
{
    public ulong iova;

    /// <summary>Bytes.</summary>
    public ulong size;

    public ulong uaddr;

    /// <summary>VHOST_ACCESS_*.</summary>
    public byte perm;

    /// <summary>VHOST_IOTLB_*.</summary>
    public byte type;
}

/// <summary>struct vhost_msg: IOTLB message, first form: type is VHOST_IOTLB_MSG.</summary>
[Header("linux/vhost_types.h")]
[StructLayout(LayoutKind.Explicit, Size = 72)]
public struct vhost_msg
{
    [FieldOffset(0)]
    public int type;

    [FieldOffset(8)]
    public vhost_iotlb_msg iotlb;

    [FieldOffset(8)]
    public Array64<byte> padding;
}

/// <summary>struct vhost_msg_v2: IOTLB message, second form: type is VHOST_IOTLB_MSG_V2.</summary>
[Header("linux/vhost_types.h")]
[StructLayout(LayoutKind.Explicit, Size = 72)]
public struct vhost_msg_v2
{
    [FieldOffset(0)]
    public uint type;

    [FieldOffset(4)]
    public uint asid;

    [FieldOffset(8)]
    public vhost_iotlb_msg iotlb;

    [FieldOffset(8)]
    public Array64<byte> padding;
}

/// <summary>struct vhost_features_array: head of a list of feature words; count words of 64 bits follow.</summary>
[Header("linux/vhost_types.h")]
[Since("6.17", "a struct of newer kernels")]
[StructLayout(LayoutKind.Sequential)]
public struct vhost_features_array
{
    public ulong count;
}

/// <summary>struct vhost_memory_region: one piece of guest memory.</summary>
[Header("linux/vhost_types.h")]
[StructLayout(LayoutKind.Sequential)]
public struct vhost_memory_region
{
    public ulong guest_phys_addr;

    /// <summary>Bytes.</summary>
    public ulong memory_size;

    public ulong userspace_addr;

    /// <summary>0: no flag exists.</summary>
    public ulong flags_padding;
}

/// <summary>struct vhost_memory: head of a memory table; nregions entries of vhost_memory_region follow it at once.</summary>
[Header("linux/vhost_types.h")]
[StructLayout(LayoutKind.Sequential)]
public struct vhost_memory
{
    public uint nregions;

    /// <summary>0, or the kernel says EOPNOTSUPP.</summary>
    public uint padding;
}

/// <summary>struct vhost_worker_state: a worker by its id.</summary>
[Header("linux/vhost_types.h")]
[Since("6.5", "a struct of newer kernels")]
[StructLayout(LayoutKind.Sequential)]
public struct vhost_worker_state
{
    public uint worker_id;
}

/// <summary>struct vhost_vring_worker: a ring and the worker that serves it.</summary>
[Header("linux/vhost_types.h")]
[Since("6.5", "a struct of newer kernels")]
[StructLayout(LayoutKind.Sequential)]
public struct vhost_vring_worker
{
    public uint index;
    public uint worker_id;
}

/// <summary>struct vhost_scsi_target: the target of a vhost-scsi device.</summary>
[Header("linux/vhost_types.h")]
[StructLayout(LayoutKind.Sequential)]
public struct vhost_scsi_target
{
    public int abi_version;
    public Array224<byte> vhost_wwpn;
    public ushort vhost_tpgt;
    public ushort reserved;
}

/// <summary>struct vhost_vdpa_config: head of a piece of device configuration; len bytes follow.</summary>
[Header("linux/vhost_types.h")]
[StructLayout(LayoutKind.Sequential)]
public struct vhost_vdpa_config
{
    public uint off;
    public uint len;
}

/// <summary>struct vhost_vdpa_iova_range: first and last address that can be mapped.</summary>
[Header("linux/vhost_types.h")]
[StructLayout(LayoutKind.Sequential)]
public struct vhost_vdpa_iova_range
{
    public ulong first;
    public ulong last;
}
