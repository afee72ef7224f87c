using System.Runtime.InteropServices;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/if.h: name length in bytes and interface flags.</summary>
[Header("linux/if.h")]
public static class if_h
{
    public const int IFNAMSIZ = 16;
    public const int IFALIASZ = 256;
    public const int IFF_UP = 1;
    public const int IFF_BROADCAST = 2;
    public const int IFF_DEBUG = 4;
    public const int IFF_LOOPBACK = 8;
    public const int IFF_POINTOPOINT = 16;
    public const int IFF_NOTRAILERS = 32;
    public const int IFF_RUNNING = 64;
    public const int IFF_NOARP = 128;
    public const int IFF_PROMISC = 256;
    public const int IFF_ALLMULTI = 512;
    public const int IFF_MASTER = 1024;
    public const int IFF_SLAVE = 2048;
    public const int IFF_MULTICAST = 0x1000;
    public const int IFF_PORTSEL = 0x2000;
    public const int IFF_AUTOMEDIA = 0x4000;
    public const int IFF_DYNAMIC = 0x8000;
    public const int IFF_LOWER_UP = 0x10000;
    public const int IFF_DORMANT = 0x20000;
    public const int IFF_ECHO = 0x40000;
    public const int IFF_VOLATILE = IFF_LOOPBACK | IFF_POINTOPOINT | IFF_BROADCAST | IFF_ECHO | IFF_MASTER | IFF_SLAVE | IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT;
}

/// <summary>struct ifmap: hardware resources of an interface.</summary>
[Header("linux/if.h")]
[StructLayout(LayoutKind.Sequential)]
public struct ifmap
{
    public ulong mem_start;
    public ulong mem_end;
    public ushort base_addr;
    public byte irq;
    public byte dma;
    public byte port;
}

/// <summary>struct ifreq: a name and one thing about that interface; the second half is a union.</summary>
[Header("linux/if.h")]
[StructLayout(LayoutKind.Explicit, Size = 40)]
public struct ifreq
{
    /// <summary>At most 15 bytes and a zero.</summary>
    [FieldOffset(0)]
    public Array16<byte> ifr_name;

    /// <summary>A sockaddr: family (2 bytes), then the address.</summary>
    [FieldOffset(16)]
    public Array16<byte> ifr_hwaddr;

    /// <summary>IFF_*.</summary>
    [FieldOffset(16)]
    public short ifr_flags;

    [FieldOffset(16)]
    public int ifr_ifindex;

    [FieldOffset(16)]
    public int ifr_metric;

    /// <summary>Bytes.</summary>
    [FieldOffset(16)]
    public int ifr_mtu;

    [FieldOffset(16)]
    public int ifr_qlen;

    [FieldOffset(16)]
    public ifmap ifr_map;

    [FieldOffset(16)]
    public Array16<byte> ifr_newname;

    [FieldOffset(16)]
    public nint ifr_data;
}
