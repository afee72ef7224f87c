using System.Runtime.InteropServices;

namespace HilTests.Uapi.Libc;

/// <summary>Event bits of poll(2), from poll.h.</summary>
[Header("poll.h")]
public static class poll_h
{
    public const int POLLIN = 1;
    public const int POLLPRI = 2;
    public const int POLLOUT = 4;
    public const int POLLERR = 8;
    public const int POLLHUP = 16;
    public const int POLLNVAL = 32;
    public const int POLLRDHUP = 0x2000;
}

/// <summary>struct pollfd: a file descriptor and the events asked for and seen.</summary>
[Header("poll.h")]
[StructLayout(LayoutKind.Sequential)]
public struct pollfd
{
    public int fd;

    /// <summary>POLL*.</summary>
    public short events;

    /// <summary>POLL*.</summary>
    public short revents;
}
