using System.Runtime.InteropServices;

namespace HilTests.Uapi.Libc;

/// <summary>Clock ids of time.h.</summary>
[Header("time.h")]
public static class time_h
{
    public const int CLOCK_REALTIME = 0;
    public const int CLOCK_MONOTONIC = 1;
    public const int CLOCK_PROCESS_CPUTIME_ID = 2;
    public const int CLOCK_THREAD_CPUTIME_ID = 3;
    public const int CLOCK_MONOTONIC_RAW = 4;
    public const int CLOCK_MONOTONIC_COARSE = 6;
    public const int CLOCK_BOOTTIME = 7;
    public const int TIMER_ABSTIME = 1;
}

/// <summary>struct timespec: seconds and nanoseconds.</summary>
[Header("time.h")]
[StructLayout(LayoutKind.Sequential)]
public struct timespec
{
    public long tv_sec;
    public long tv_nsec;
}
