using System.Runtime.InteropServices;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/filter.h.</summary>
[Header("linux/filter.h")]
public static class filter_h
{
    public const int BPF_MAXINSNS = 0x1000;
}

/// <summary>struct sock_filter: one instruction of a classic BPF program.</summary>
[Header("linux/filter.h")]
[StructLayout(LayoutKind.Sequential)]
public struct sock_filter
{
    public ushort code;
    public byte jt;
    public byte jf;
    public uint k;
}

/// <summary>struct sock_fprog: a classic BPF program.</summary>
[Header("linux/filter.h")]
[StructLayout(LayoutKind.Sequential)]
public struct sock_fprog
{
    /// <summary>Instructions.</summary>
    public ushort len;

    /// <summary>Address of the first sock_filter.</summary>
    public nint filter;
}
