using System.Runtime.InteropServices;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/gen_stats.h: what a queue counts.</summary>
[Header("linux/gen_stats.h")]
public static class gen_stats_h
{
    public const int TCA_STATS_UNSPEC = 0;
    public const int TCA_STATS_BASIC = 1;
    public const int TCA_STATS_RATE_EST = 2;
    public const int TCA_STATS_QUEUE = 3;
}

/// <summary>struct gnet_stats_queue.</summary>
[Header("linux/gen_stats.h")]
[StructLayout(LayoutKind.Sequential)]
public struct gnet_stats_queue
{
    /// <summary>Packets that wait.</summary>
    public uint qlen;

    /// <summary>Bytes that wait.</summary>
    public uint backlog;

    public uint drops;
    public uint requeues;
    public uint overlimits;
}
