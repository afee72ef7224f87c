using System.Runtime.InteropServices;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/tc_act/tc_mirred.h: sending what arrives here out there.</summary>
[Header("linux/tc_act/tc_mirred.h")]
public static class tc_mirred_h
{
    public const int TCA_EGRESS_REDIR = 1;
    public const int TCA_EGRESS_MIRROR = 2;
    public const int TCA_INGRESS_REDIR = 3;
    public const int TCA_INGRESS_MIRROR = 4;
    public const int TCA_MIRRED_UNSPEC = 0;
    public const int TCA_MIRRED_TM = 1;
    public const int TCA_MIRRED_PARMS = 2;
}

/// <summary>struct tc_mirred: the action's parameters; the first five are those of every action (tc_gen).</summary>
[Header("linux/tc_act/tc_mirred.h")]
[StructLayout(LayoutKind.Sequential)]
public struct tc_mirred
{
    public uint index;
    public uint capab;

    /// <summary>TC_ACT_*: what becomes of the packet here.</summary>
    public int action;

    public int refcnt;
    public int bindcnt;

    /// <summary>TCA_EGRESS_REDIR and so on.</summary>
    public int eaction;

    /// <summary>The interface it goes to.</summary>
    public uint ifindex;
}
