using System.Runtime.InteropServices;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/virtio_ring.h: descriptor and ring flags, alignments (bytes), feature bit numbers.</summary>
[Header("linux/virtio_ring.h")]
public static class virtio_ring_h
{
    public const int VRING_DESC_F_NEXT = 1;
    public const int VRING_DESC_F_WRITE = 2;
    public const int VRING_DESC_F_INDIRECT = 4;
    public const int VRING_PACKED_DESC_F_AVAIL = 7;
    public const int VRING_PACKED_DESC_F_USED = 15;
    public const int VRING_USED_F_NO_NOTIFY = 1;
    public const int VRING_AVAIL_F_NO_INTERRUPT = 1;
    public const int VRING_PACKED_EVENT_FLAG_ENABLE = 0x0;
    public const int VRING_PACKED_EVENT_FLAG_DISABLE = 0x1;
    public const int VRING_PACKED_EVENT_FLAG_DESC = 0x2;
    public const int VRING_PACKED_EVENT_F_WRAP_CTR = 15;
    public const int VIRTIO_RING_F_INDIRECT_DESC = 28;
    public const int VIRTIO_RING_F_EVENT_IDX = 29;
    public const int VRING_AVAIL_ALIGN_SIZE = 2;
    public const int VRING_USED_ALIGN_SIZE = 4;
    public const int VRING_DESC_ALIGN_SIZE = 16;
}

/// <summary>struct vring_desc: one descriptor, 16 bytes; little-endian for a modern device.</summary>
[Header("linux/virtio_ring.h")]
[StructLayout(LayoutKind.Sequential)]
public struct vring_desc
{
    public ulong addr;

    /// <summary>Bytes.</summary>
    public uint len;

    /// <summary>VRING_DESC_F_*.</summary>
    public ushort flags;

    public ushort next;
}

/// <summary>struct vring_avail: head of the available ring; the entries (u16 each) and used_event follow.</summary>
[Header("linux/virtio_ring.h")]
[StructLayout(LayoutKind.Sequential)]
public struct vring_avail
{
    public ushort flags;
    public ushort idx;
}

/// <summary>struct vring_used_elem: one entry of the used ring.</summary>
[Header("linux/virtio_ring.h")]
[StructLayout(LayoutKind.Sequential)]
public struct vring_used_elem
{
    /// <summary>Head of the finished chain.</summary>
    public uint id;

    /// <summary>Bytes the device wrote.</summary>
    public uint len;
}

/// <summary>struct vring_used: head of the used ring; the entries (vring_used_elem each) and avail_event follow.</summary>
[Header("linux/virtio_ring.h")]
[StructLayout(LayoutKind.Sequential)]
public struct vring_used
{
    public ushort flags;
    public ushort idx;
}

/// <summary>struct vring: the three parts of a split ring by address.</summary>
[Header("linux/virtio_ring.h")]
[StructLayout(LayoutKind.Sequential)]
public struct vring
{
    /// <summary>Entries.</summary>
    public uint num;

    public nint desc;
    public nint avail;
    public nint used;
}

/// <summary>struct vring_packed_desc_event: event suppression of a packed ring.</summary>
[Header("linux/virtio_ring.h")]
[StructLayout(LayoutKind.Sequential)]
public struct vring_packed_desc_event
{
    public ushort off_wrap;
    public ushort flags;
}

/// <summary>struct vring_packed_desc: one descriptor of a packed ring.</summary>
[Header("linux/virtio_ring.h")]
[StructLayout(LayoutKind.Sequential)]
public struct vring_packed_desc
{
    public ulong addr;
    public uint len;
    public ushort id;
    public ushort flags;
}
