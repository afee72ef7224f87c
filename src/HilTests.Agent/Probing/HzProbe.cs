using HilTests.Agent.Execution;
using HilTests.Uapi;
using HilTests.Uapi.Libc;

namespace HilTests.Agent.Probing;

/// <summary>Finds HZ: the resolution of the coarse clocks is one tick (kernel/time/posix-timers.c).</summary>
internal static class HzProbe
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Ticks a second.</summary>
    /// <exception cref="AgentFailureException">when the answer is no plausible tick length</exception>
    public static unsafe int Read()
    {
        timespec tick;
        Sys.Check(libc.clock_getres(time_h.CLOCK_MONOTONIC_COARSE, &tick), "clock_getres").OrThrow("find the kernel's HZ");
        if (tick.tv_sec != 0 || tick.tv_nsec < 100_000) throw new AgentFailureException($"the kernel says that a tick takes {tick.tv_sec} s {tick.tv_nsec} ns");
        return (int)((NanosecondsPerSecond + (tick.tv_nsec / 2)) / tick.tv_nsec);
    }
}
