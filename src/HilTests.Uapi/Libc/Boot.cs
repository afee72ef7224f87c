#pragma warning disable CA1401, CS8981 // C names, called by the agent alone
using System.Runtime.InteropServices;

namespace HilTests.Uapi.Libc;

/// <summary>The few calls the first process of a machine makes. Names and numbers as in the C library.</summary>
public static unsafe partial class Boot
{
    public const int RB_POWER_OFF = 0x4321fedc;
    public const int WNOHANG = 1;
    public const int CLOCK_REALTIME = 0;
    public const uint RNDRESEEDCRNG = 0x5207;
    public const long SYS_finit_module = 313;

    [StructLayout(LayoutKind.Sequential)]
    public struct timespec
    {
        public long tv_sec;
        public long tv_nsec;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mount(string source, string target, string filesystemtype, nuint mountflags, string? data);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial long finit_module(long number, int fd, string param_values, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int reboot(int cmd);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitpid(int pid, int* wstatus, int options);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int clock_settime(int clockid, timespec* tp);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(int fd, nuint request, nint arg);

    [LibraryImport("libc")]
    public static partial void sync();
}
