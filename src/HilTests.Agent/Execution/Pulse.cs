using System.Diagnostics;

namespace HilTests.Agent.Execution;

/// <summary>Long steps say that they still get on: what is slow on a busy machine does not hang.</summary>
internal static class Pulse
{
    private static long s_last = Stopwatch.GetTimestamp();

    /// <summary>Time since a step last got on.</summary>
    public static TimeSpan Age => Stopwatch.GetElapsedTime(Volatile.Read(ref s_last));

    /// <summary>The step has got on.</summary>
    public static void Beat() => Volatile.Write(ref s_last, Stopwatch.GetTimestamp());
}
