using System.Runtime.InteropServices;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/pkt_sched.h: places of queueing disciplines, and the plug.</summary>
[Header("linux/pkt_sched.h")]
public static class pkt_sched_h
{
    public const uint TC_H_ROOT = 0xFFFF_FFFF;
    public const uint TC_H_INGRESS = 0xFFFF_FFF1;
    public const int TCQ_PLUG_BUFFER = 0;
    public const int TCQ_PLUG_RELEASE_ONE = 1;
    public const int TCQ_PLUG_RELEASE_INDEFINITE = 2;
    public const int TCQ_PLUG_LIMIT = 3;
}

/// <summary>struct tc_plug_qopt: what a plug is told; at its making only the limit counts.</summary>
[Header("linux/pkt_sched.h")]
[StructLayout(LayoutKind.Sequential)]
public struct tc_plug_qopt
{
    /// <summary>TCQ_PLUG_*.</summary>
    public int action;

    /// <summary>Bytes.</summary>
    public uint limit;
}
