using System.Runtime.InteropServices;
using static HilTests.Uapi.Linux.ioctl_h;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/if_tun.h: requests of /dev/net/tun and its flags. Several requests take an ifreq or a plain integer although their number says int: see the methods of Devices/Tun.</summary>
[Header("linux/if_tun.h")]
public static class if_tun_h
{
    public const int TUN_READQ_SIZE = 500;
    public const int TUN_TYPE_MASK = 0x000f;
    public static readonly uint TUNSETNOCSUM = _IOW<int>('T', 200);
    public static readonly uint TUNSETDEBUG = _IOW<int>('T', 201);
    public static readonly uint TUNSETIFF = _IOW<int>('T', 202);
    public static readonly uint TUNSETPERSIST = _IOW<int>('T', 203);
    public static readonly uint TUNSETOWNER = _IOW<int>('T', 204);
    public static readonly uint TUNSETLINK = _IOW<int>('T', 205);
    public static readonly uint TUNSETGROUP = _IOW<int>('T', 206);
    public static readonly uint TUNGETFEATURES = _IOR<uint>('T', 207);
    public static readonly uint TUNSETOFFLOAD = _IOW<uint>('T', 208);
    public static readonly uint TUNSETTXFILTER = _IOW<uint>('T', 209);
    public static readonly uint TUNGETIFF = _IOR<uint>('T', 210);
    public static readonly uint TUNGETSNDBUF = _IOR<int>('T', 211);
    public static readonly uint TUNSETSNDBUF = _IOW<int>('T', 212);
    public static readonly uint TUNATTACHFILTER = _IOW<sock_fprog>('T', 213);
    public static readonly uint TUNDETACHFILTER = _IOW<sock_fprog>('T', 214);
    public static readonly uint TUNGETVNETHDRSZ = _IOR<int>('T', 215);
    public static readonly uint TUNSETVNETHDRSZ = _IOW<int>('T', 216);
    public static readonly uint TUNSETQUEUE = _IOW<int>('T', 217);
    public static readonly uint TUNSETIFINDEX = _IOW<uint>('T', 218);
    public static readonly uint TUNGETFILTER = _IOR<sock_fprog>('T', 219);
    public static readonly uint TUNSETVNETLE = _IOW<int>('T', 220);
    public static readonly uint TUNGETVNETLE = _IOR<int>('T', 221);
    public static readonly uint TUNSETVNETBE = _IOW<int>('T', 222);
    public static readonly uint TUNGETVNETBE = _IOR<int>('T', 223);
    public static readonly uint TUNSETSTEERINGEBPF = _IOR<int>('T', 224);
    public static readonly uint TUNSETFILTEREBPF = _IOR<int>('T', 225);
    public static readonly uint TUNSETCARRIER = _IOW<int>('T', 226);
    public static readonly uint TUNGETDEVNETNS = _IO('T', 227);
    public const int IFF_TUN = 0x0001;
    public const int IFF_TAP = 0x0002;
    public const int IFF_NAPI = 0x0010;
    public const int IFF_NAPI_FRAGS = 0x0020;
    public const int IFF_NO_CARRIER = 0x0040;
    public const int IFF_NO_PI = 0x1000;
    public const int IFF_ONE_QUEUE = 0x2000;
    public const int IFF_VNET_HDR = 0x4000;
    public const int IFF_TUN_EXCL = 0x8000;
    public const int IFF_MULTI_QUEUE = 0x0100;
    public const int IFF_ATTACH_QUEUE = 0x0200;
    public const int IFF_DETACH_QUEUE = 0x0400;
    public const int IFF_PERSIST = 0x0800;
    public const int IFF_NOFILTER = 0x1000;
    public const int TUN_TX_TIMESTAMP = 1;
    public const int TUN_F_CSUM = 0x01;
    public const int TUN_F_TSO4 = 0x02;
    public const int TUN_F_TSO6 = 0x04;
    public const int TUN_F_TSO_ECN = 0x08;
    public const int TUN_F_UFO = 0x10;
    public const int TUN_PKT_STRIP = 0x0001;
    public const int TUN_FLT_ALLMULTI = 0x0001;

    [Since("6.2", "tun: UDP segmentation offload")]
    public const int TUN_F_USO4 = 0x20;

    [Since("6.2", "tun: UDP segmentation offload")]
    public const int TUN_F_USO6 = 0x40;

    [Since("6.17", "tun: UDP tunnel segmentation offload")]
    public const int TUN_F_UDP_TUNNEL_GSO = 0x080;

    [Since("6.17", "tun: UDP tunnel segmentation offload")]
    public const int TUN_F_UDP_TUNNEL_GSO_CSUM = 0x100;
}

/// <summary>struct tun_pi: information before each packet of a tun without IFF_NO_PI.</summary>
[Header("linux/if_tun.h")]
[StructLayout(LayoutKind.Sequential)]
public struct tun_pi
{
    public ushort flags;

    /// <summary>Big-endian.</summary>
    public ushort proto;
}

/// <summary>struct tun_filter: head of an address filter; count times 6 bytes follow.</summary>
[Header("linux/if_tun.h")]
[StructLayout(LayoutKind.Sequential)]
public struct tun_filter
{
    /// <summary>TUN_FLT_*.</summary>
    public ushort flags;

    public ushort count;
}
