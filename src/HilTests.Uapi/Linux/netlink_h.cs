using System.Runtime.InteropServices;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/netlink.h: message flags and the types every family shares.</summary>
[Header("linux/netlink.h")]
public static class netlink_h
{
    public const int NETLINK_ROUTE = 0;
    public const int NETLINK_GENERIC = 16;
    public const int NLM_F_REQUEST = 0x01;
    public const int NLM_F_MULTI = 0x02;
    public const int NLM_F_ACK = 0x04;
    public const int NLM_F_ECHO = 0x08;
    public const int NLM_F_DUMP_INTR = 0x10;
    public const int NLM_F_DUMP_FILTERED = 0x20;
    public const int NLM_F_ROOT = 0x100;
    public const int NLM_F_MATCH = 0x200;
    public const int NLM_F_ATOMIC = 0x400;
    public const int NLM_F_DUMP = NLM_F_ROOT | NLM_F_MATCH;
    public const int NLM_F_REPLACE = 0x100;
    public const int NLM_F_EXCL = 0x200;
    public const int NLM_F_CREATE = 0x400;
    public const int NLM_F_APPEND = 0x800;
    public const int NLM_F_NONREC = 0x100;
    public const int NLM_F_BULK = 0x200;
    public const int NLM_F_CAPPED = 0x100;
    public const int NLM_F_ACK_TLVS = 0x200;
    public const int NLMSG_ALIGNTO = 4;
    public const int NLMSG_NOOP = 0x1;
    public const int NLMSG_ERROR = 0x2;
    public const int NLMSG_DONE = 0x3;
    public const int NLMSG_OVERRUN = 0x4;
    public const int NLMSG_MIN_TYPE = 0x10;
    public const int NLMSGERR_ATTR_UNUSED = 0;
    public const int NLMSGERR_ATTR_MSG = 1;
    public const int NLMSGERR_ATTR_OFFS = 2;
    public const int NETLINK_ADD_MEMBERSHIP = 1;
    public const int NETLINK_DROP_MEMBERSHIP = 2;
    public const int NETLINK_CAP_ACK = 10;
    public const int NETLINK_EXT_ACK = 11;
    public const int NETLINK_GET_STRICT_CHK = 12;
    public const int NLA_F_NESTED = 1 << 15;
    public const int NLA_F_NET_BYTEORDER = 1 << 14;
    public const int NLA_TYPE_MASK = -49153;
    public const int NLA_ALIGNTO = 4;
}

/// <summary>struct sockaddr_nl: address of a netlink socket.</summary>
[Header("linux/netlink.h")]
[StructLayout(LayoutKind.Sequential)]
public struct sockaddr_nl
{
    /// <summary>AF_NETLINK.</summary>
    public ushort nl_family;

    public ushort nl_pad;
    public uint nl_pid;
    public uint nl_groups;
}

/// <summary>struct nlmsghdr: head of each message.</summary>
[Header("linux/netlink.h")]
[StructLayout(LayoutKind.Sequential)]
public struct nlmsghdr
{
    /// <summary>Bytes, this head included.</summary>
    public uint nlmsg_len;

    public ushort nlmsg_type;

    /// <summary>NLM_F_*.</summary>
    public ushort nlmsg_flags;

    public uint nlmsg_seq;
    public uint nlmsg_pid;
}

/// <summary>struct nlmsgerr: body of an NLMSG_ERROR message.</summary>
[Header("linux/netlink.h")]
[StructLayout(LayoutKind.Sequential)]
public struct nlmsgerr
{
    /// <summary>0 or a negative errno.</summary>
    public int error;

    public nlmsghdr msg;
}

/// <summary>struct nlattr: head of an attribute.</summary>
[Header("linux/netlink.h")]
[StructLayout(LayoutKind.Sequential)]
public struct nlattr
{
    /// <summary>Bytes, this head included, padding not.</summary>
    public ushort nla_len;

    public ushort nla_type;
}
