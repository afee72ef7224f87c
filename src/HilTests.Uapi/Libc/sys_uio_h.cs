using System.Runtime.InteropServices;

namespace HilTests.Uapi.Libc;

/// <summary>Numbers of sys/uio.h.</summary>
[Header("sys/uio.h")]
public static class sys_uio_h
{
    public const int UIO_MAXIOV = 1024;
}

/// <summary>struct iovec: one piece of memory.</summary>
[Header("sys/uio.h")]
[StructLayout(LayoutKind.Sequential)]
public struct iovec
{
    public nint iov_base;

    /// <summary>Bytes.</summary>
    public ulong iov_len;
}
