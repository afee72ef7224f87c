using System.Runtime.InteropServices;
using static HilTests.Uapi.Linux.ioctl_h;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/fs.h: block device requests, FITRIM, FIEMAP, inode flags, rename flags.</summary>
[Header("linux/fs.h", "linux/fiemap.h")]
public static class fs_h
{
    public const uint RENAME_NOREPLACE = 1u << 0;
    public const uint RENAME_EXCHANGE = 1u << 1;
    public const uint RENAME_WHITEOUT = 1u << 2;
    public const uint FILE_DEDUPE_RANGE_SAME = 0;
    public const uint FILE_DEDUPE_RANGE_DIFFERS = 1;
    public const uint FS_XFLAG_REALTIME = 0x00000001;
    public const uint FS_XFLAG_PREALLOC = 0x00000002;
    public const uint FS_XFLAG_IMMUTABLE = 0x00000008;
    public const uint FS_XFLAG_APPEND = 0x00000010;
    public const uint FS_XFLAG_SYNC = 0x00000020;
    public const uint FS_XFLAG_NOATIME = 0x00000040;
    public const uint FS_XFLAG_NODUMP = 0x00000080;
    public const uint FS_XFLAG_RTINHERIT = 0x00000100;
    public const uint FS_XFLAG_PROJINHERIT = 0x00000200;
    public const uint FS_XFLAG_NOSYMLINKS = 0x00000400;
    public const uint FS_XFLAG_EXTSIZE = 0x00000800;
    public const uint FS_XFLAG_EXTSZINHERIT = 0x00001000;
    public const uint FS_XFLAG_NODEFRAG = 0x00002000;
    public const uint FS_XFLAG_FILESTREAM = 0x00004000;
    public const uint FS_XFLAG_DAX = 0x00008000;
    public const uint FS_XFLAG_COWEXTSIZE = 0x00010000;
    public const uint FS_XFLAG_HASATTR = 0x80000000;
    public static readonly uint BLKROSET = _IO(0x12, 93);
    public static readonly uint BLKROGET = _IO(0x12, 94);
    public static readonly uint BLKRRPART = _IO(0x12, 95);
    public static readonly uint BLKGETSIZE = _IO(0x12, 96);
    public static readonly uint BLKFLSBUF = _IO(0x12, 97);
    public static readonly uint BLKRASET = _IO(0x12, 98);
    public static readonly uint BLKRAGET = _IO(0x12, 99);
    public static readonly uint BLKFRASET = _IO(0x12, 100);
    public static readonly uint BLKFRAGET = _IO(0x12, 101);
    public static readonly uint BLKSECTSET = _IO(0x12, 102);
    public static readonly uint BLKSECTGET = _IO(0x12, 103);
    public static readonly uint BLKSSZGET = _IO(0x12, 104);
    public static readonly uint BLKBSZGET = _IOR<nuint>(0x12, 112);
    public static readonly uint BLKBSZSET = _IOW<nuint>(0x12, 113);
    public static readonly uint BLKGETSIZE64 = _IOR<nuint>(0x12, 114);
    public static readonly uint BLKTRACESTART = _IO(0x12, 116);
    public static readonly uint BLKTRACESTOP = _IO(0x12, 117);
    public static readonly uint BLKTRACETEARDOWN = _IO(0x12, 118);
    public static readonly uint BLKDISCARD = _IO(0x12, 119);
    public static readonly uint BLKIOMIN = _IO(0x12, 120);
    public static readonly uint BLKIOOPT = _IO(0x12, 121);
    public static readonly uint BLKALIGNOFF = _IO(0x12, 122);
    public static readonly uint BLKPBSZGET = _IO(0x12, 123);
    public static readonly uint BLKDISCARDZEROES = _IO(0x12, 124);
    public static readonly uint BLKSECDISCARD = _IO(0x12, 125);
    public static readonly uint BLKROTATIONAL = _IO(0x12, 126);
    public static readonly uint BLKZEROOUT = _IO(0x12, 127);
    public static readonly uint BLKGETDISKSEQ = _IOR<ulong>(0x12, 128);
    public static readonly uint FIBMAP = _IO(0x00, 1);
    public static readonly uint FIGETBSZ = _IO(0x00, 2);
    public static readonly uint FIFREEZE = _IOWR<int>('X', 119);
    public static readonly uint FITHAW = _IOWR<int>('X', 120);
    public static readonly uint FITRIM = _IOWR<fstrim_range>('X', 121);
    public static readonly uint FICLONE = _IOW<int>(0x94, 9);
    public static readonly uint FICLONERANGE = _IOW<file_clone_range>(0x94, 13);
    public static readonly uint FIDEDUPERANGE = _IOWR<file_dedupe_range>(0x94, 54);
    public const int FSLABEL_MAX = 256;
    public static readonly uint FS_IOC_GETFLAGS = _IOR<nint>('f', 1);
    public static readonly uint FS_IOC_SETFLAGS = _IOW<nint>('f', 2);
    public static readonly uint FS_IOC_GETVERSION = _IOR<nint>('v', 1);
    public static readonly uint FS_IOC_SETVERSION = _IOW<nint>('v', 2);
    public static readonly uint FS_IOC_FIEMAP = _IOWR<fiemap>('f', 11);
    public static readonly uint FS_IOC32_GETFLAGS = _IOR<int>('f', 1);
    public static readonly uint FS_IOC32_SETFLAGS = _IOW<int>('f', 2);
    public static readonly uint FS_IOC32_GETVERSION = _IOR<int>('v', 1);
    public static readonly uint FS_IOC32_SETVERSION = _IOW<int>('v', 2);
    public static readonly uint FS_IOC_FSGETXATTR = _IOR<fsxattr>('X', 31);
    public static readonly uint FS_IOC_FSSETXATTR = _IOW<fsxattr>('X', 32);
    public static readonly uint FS_IOC_GETFSLABEL = _IOR<Array256<byte>>(0x94, 49);
    public static readonly uint FS_IOC_SETFSLABEL = _IOW<Array256<byte>>(0x94, 50);
    public const uint FS_SECRM_FL = 0x00000001;
    public const uint FS_UNRM_FL = 0x00000002;
    public const uint FS_COMPR_FL = 0x00000004;
    public const uint FS_SYNC_FL = 0x00000008;
    public const uint FS_IMMUTABLE_FL = 0x00000010;
    public const uint FS_APPEND_FL = 0x00000020;
    public const uint FS_NODUMP_FL = 0x00000040;
    public const uint FS_NOATIME_FL = 0x00000080;
    public const uint FS_DIRTY_FL = 0x00000100;
    public const uint FS_COMPRBLK_FL = 0x00000200;
    public const uint FS_NOCOMP_FL = 0x00000400;
    public const uint FS_ENCRYPT_FL = 0x00000800;
    public const uint FS_BTREE_FL = 0x00001000;
    public const uint FS_INDEX_FL = 0x00001000;
    public const uint FS_IMAGIC_FL = 0x00002000;
    public const uint FS_JOURNAL_DATA_FL = 0x00004000;
    public const uint FS_NOTAIL_FL = 0x00008000;
    public const uint FS_DIRSYNC_FL = 0x00010000;
    public const uint FS_TOPDIR_FL = 0x00020000;
    public const uint FS_HUGE_FILE_FL = 0x00040000;
    public const uint FS_EXTENT_FL = 0x00080000;
    public const uint FS_VERITY_FL = 0x00100000;
    public const uint FS_EA_INODE_FL = 0x00200000;
    public const uint FS_EOFBLOCKS_FL = 0x00400000;
    public const uint FS_NOCOW_FL = 0x00800000;
    public const uint FS_DAX_FL = 0x02000000;
    public const uint FS_INLINE_DATA_FL = 0x10000000;
    public const uint FS_PROJINHERIT_FL = 0x20000000;
    public const uint FS_CASEFOLD_FL = 0x40000000;
    public const uint FS_RESERVED_FL = 0x80000000;
    public const uint FS_FL_USER_VISIBLE = 0x0003DFFF;
    public const uint FS_FL_USER_MODIFIABLE = 0x000380FF;
    public const uint SYNC_FILE_RANGE_WAIT_BEFORE = 1;
    public const uint SYNC_FILE_RANGE_WRITE = 2;
    public const uint SYNC_FILE_RANGE_WAIT_AFTER = 4;
    public const uint SYNC_FILE_RANGE_WRITE_AND_WAIT = SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WAIT_AFTER;
    public const int RWF_HIPRI = 1;
    public const int RWF_DSYNC = 2;
    public const int RWF_SYNC = 4;
    public const int RWF_NOWAIT = 8;
    public const int RWF_APPEND = 16;
}

/// <summary>struct file_clone_range: argument of FICLONERANGE.</summary>
[Header("linux/fs.h", "linux/fiemap.h")]
[StructLayout(LayoutKind.Sequential)]
public struct file_clone_range
{
    public long src_fd;
    public ulong src_offset;
    public ulong src_length;
    public ulong dest_offset;
}

/// <summary>struct fstrim_range: argument of FITRIM; the kernel puts the bytes it discarded into len.</summary>
[Header("linux/fs.h", "linux/fiemap.h")]
[StructLayout(LayoutKind.Sequential)]
public struct fstrim_range
{
    /// <summary>Bytes.</summary>
    public ulong start;

    /// <summary>Bytes.</summary>
    public ulong len;

    /// <summary>Bytes: shorter free extents stay.</summary>
    public ulong minlen;
}

/// <summary>struct file_dedupe_range_info: one destination of FIDEDUPERANGE.</summary>
[Header("linux/fs.h", "linux/fiemap.h")]
[StructLayout(LayoutKind.Sequential)]
public struct file_dedupe_range_info
{
    public long dest_fd;
    public ulong dest_offset;
    public ulong bytes_deduped;
    public int status;
    public uint reserved;
}

/// <summary>struct file_dedupe_range: head of FIDEDUPERANGE; dest_count entries follow.</summary>
[Header("linux/fs.h", "linux/fiemap.h")]
[StructLayout(LayoutKind.Sequential)]
public struct file_dedupe_range
{
    public ulong src_offset;
    public ulong src_length;
    public ushort dest_count;
    public ushort reserved1;
    public uint reserved2;
}

/// <summary>struct fsxattr: argument of FS_IOC_FSGETXATTR.</summary>
[Header("linux/fs.h", "linux/fiemap.h")]
[StructLayout(LayoutKind.Sequential)]
public struct fsxattr
{
    public uint fsx_xflags;
    public uint fsx_extsize;
    public uint fsx_nextents;
    public uint fsx_projid;
    public uint fsx_cowextsize;
    public Array8<byte> fsx_pad;
}
