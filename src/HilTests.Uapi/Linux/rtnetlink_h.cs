using System.Runtime.InteropServices;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/rtnetlink.h: the requests about links, addresses and queueing disciplines.</summary>
[Header("linux/rtnetlink.h")]
public static class rtnetlink_h
{
    public const int RTM_BASE = 16;
    public const int RTM_NEWLINK = 16;
    public const int RTM_DELLINK = 17;
    public const int RTM_GETLINK = 18;
    public const int RTM_SETLINK = 19;
    public const int RTM_NEWADDR = 20;
    public const int RTM_DELADDR = 21;
    public const int RTM_GETADDR = 22;
    public const int RTM_NEWROUTE = 24;
    public const int RTM_DELROUTE = 25;
    public const int RTM_NEWQDISC = 36;
    public const int RTM_DELQDISC = 37;
    public const int RTM_GETQDISC = 38;
    public const int RTM_NEWTFILTER = 44;
    public const int RTM_DELTFILTER = 45;
    public const int RTM_GETTFILTER = 46;
    public const int RTM_NEWNSID = 88;
    public const int RTM_GETNSID = 90;
    public const int RTA_ALIGNTO = 4;
    public const int TCA_UNSPEC = 0;
    public const int TCA_KIND = 1;
    public const int TCA_OPTIONS = 2;
    public const int TCA_STATS = 3;
    public const int TCA_STATS2 = 7;
    public const int RTMGRP_LINK = 1;
    public const int RTNLGRP_LINK = 1;
}

/// <summary>struct rtattr: head of an attribute.</summary>
[Header("linux/rtnetlink.h")]
[StructLayout(LayoutKind.Sequential)]
public struct rtattr
{
    /// <summary>Bytes, this head included, padding not.</summary>
    public ushort rta_len;

    public ushort rta_type;
}

/// <summary>struct ifinfomsg: body of the link requests, before the attributes.</summary>
[Header("linux/rtnetlink.h")]
[StructLayout(LayoutKind.Sequential)]
public struct ifinfomsg
{
    public byte ifi_family;
    public byte __ifi_pad;

    /// <summary>ARPHRD_*.</summary>
    public ushort ifi_type;

    public int ifi_index;

    /// <summary>IFF_*.</summary>
    public uint ifi_flags;

    /// <summary>Which bits of ifi_flags count.</summary>
    public uint ifi_change;
}

/// <summary>struct tcmsg: body of the queueing discipline requests, before the attributes.</summary>
[Header("linux/rtnetlink.h")]
[StructLayout(LayoutKind.Sequential)]
public struct tcmsg
{
    public byte tcm_family;
    public byte tcm__pad1;
    public ushort tcm__pad2;
    public int tcm_ifindex;
    public uint tcm_handle;
    public uint tcm_parent;
    public uint tcm_info;
}
