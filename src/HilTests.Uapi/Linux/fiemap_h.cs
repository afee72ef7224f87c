using System.Runtime.InteropServices;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/fiemap.h.</summary>
[Header("linux/fiemap.h")]
public static class fiemap_h
{
    public const int FIEMAP_FLAG_SYNC = 0x00000001;
    public const int FIEMAP_FLAG_XATTR = 0x00000002;
    public const int FIEMAP_FLAG_CACHE = 0x00000004;
    public const int FIEMAP_FLAGS_COMPAT = FIEMAP_FLAG_SYNC | FIEMAP_FLAG_XATTR;
    public const int FIEMAP_EXTENT_LAST = 0x00000001;
    public const int FIEMAP_EXTENT_UNKNOWN = 0x00000002;
    public const int FIEMAP_EXTENT_DELALLOC = 0x00000004;
    public const int FIEMAP_EXTENT_ENCODED = 0x00000008;
    public const int FIEMAP_EXTENT_DATA_ENCRYPTED = 0x00000080;
    public const int FIEMAP_EXTENT_NOT_ALIGNED = 0x00000100;
    public const int FIEMAP_EXTENT_DATA_INLINE = 0x00000200;
    public const int FIEMAP_EXTENT_DATA_TAIL = 0x00000400;
    public const int FIEMAP_EXTENT_UNWRITTEN = 0x00000800;
    public const int FIEMAP_EXTENT_MERGED = 0x00001000;
    public const int FIEMAP_EXTENT_SHARED = 0x00002000;

    public const ulong FIEMAP_MAX_OFFSET = ulong.MaxValue;
}

/// <summary>struct fiemap_extent: one extent of a file.</summary>
[Header("linux/fiemap.h")]
[StructLayout(LayoutKind.Sequential)]
public struct fiemap_extent
{
    /// <summary>Bytes from the start of the file.</summary>
    public ulong fe_logical;

    /// <summary>Bytes from the start of the device.</summary>
    public ulong fe_physical;

    /// <summary>Bytes.</summary>
    public ulong fe_length;

    public Array2<ulong> fe_reserved64;

    /// <summary>FIEMAP_EXTENT_*.</summary>
    public uint fe_flags;

    public Array3<uint> fe_reserved;
}

/// <summary>struct fiemap: head of a request for extents; fm_extent_count entries of fiemap_extent follow.</summary>
[Header("linux/fiemap.h")]
[StructLayout(LayoutKind.Sequential)]
public struct fiemap
{
    /// <summary>Bytes.</summary>
    public ulong fm_start;

    /// <summary>Bytes.</summary>
    public ulong fm_length;

    /// <summary>FIEMAP_FLAG_*; on EBADR those the file system does not know.</summary>
    public uint fm_flags;

    /// <summary>Out: how many extents there are or were written.</summary>
    public uint fm_mapped_extents;

    /// <summary>Room after the head; 0 asks for the number only.</summary>
    public uint fm_extent_count;

    public uint fm_reserved;
}
