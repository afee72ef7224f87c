using System.Runtime.InteropServices;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/if_packet.h: packet types, socket options of SOL_PACKET, ring status bits.</summary>
[Header("linux/if_packet.h")]
public static class if_packet_h
{
    public const int PACKET_HOST = 0;
    public const int PACKET_BROADCAST = 1;
    public const int PACKET_MULTICAST = 2;
    public const int PACKET_OTHERHOST = 3;
    public const int PACKET_OUTGOING = 4;
    public const int PACKET_LOOPBACK = 5;
    public const int PACKET_USER = 6;
    public const int PACKET_KERNEL = 7;
    public const int PACKET_FASTROUTE = 6;
    public const int PACKET_ADD_MEMBERSHIP = 1;
    public const int PACKET_DROP_MEMBERSHIP = 2;
    public const int PACKET_RECV_OUTPUT = 3;
    public const int PACKET_RX_RING = 5;
    public const int PACKET_STATISTICS = 6;
    public const int PACKET_COPY_THRESH = 7;
    public const int PACKET_AUXDATA = 8;
    public const int PACKET_ORIGDEV = 9;
    public const int PACKET_VERSION = 10;
    public const int PACKET_HDRLEN = 11;
    public const int PACKET_RESERVE = 12;
    public const int PACKET_TX_RING = 13;
    public const int PACKET_LOSS = 14;
    public const int PACKET_VNET_HDR = 15;
    public const int PACKET_TX_TIMESTAMP = 16;
    public const int PACKET_TIMESTAMP = 17;
    public const int PACKET_FANOUT = 18;
    public const int PACKET_TX_HAS_OFF = 19;
    public const int PACKET_QDISC_BYPASS = 20;
    public const int PACKET_ROLLOVER_STATS = 21;
    public const int PACKET_FANOUT_DATA = 22;
    public const int PACKET_IGNORE_OUTGOING = 23;
    public const int PACKET_FANOUT_HASH = 0;
    public const int PACKET_FANOUT_LB = 1;
    public const int PACKET_FANOUT_CPU = 2;
    public const int PACKET_FANOUT_ROLLOVER = 3;
    public const int PACKET_FANOUT_RND = 4;
    public const int PACKET_FANOUT_QM = 5;
    public const int PACKET_FANOUT_CBPF = 6;
    public const int PACKET_FANOUT_EBPF = 7;
    public const int PACKET_FANOUT_FLAG_ROLLOVER = 0x1000;
    public const int PACKET_FANOUT_FLAG_UNIQUEID = 0x2000;
    public const int PACKET_FANOUT_FLAG_DEFRAG = 0x8000;
    public const int TP_STATUS_KERNEL = 0;
    public const int TP_STATUS_USER = 1 << 0;
    public const int TP_STATUS_COPY = 1 << 1;
    public const int TP_STATUS_LOSING = 1 << 2;
    public const int TP_STATUS_CSUMNOTREADY = 1 << 3;
    public const int TP_STATUS_VLAN_VALID = 1 << 4;
    public const int TP_STATUS_BLK_TMO = 1 << 5;
    public const int TP_STATUS_VLAN_TPID_VALID = 1 << 6;
    public const int TP_STATUS_CSUM_VALID = 1 << 7;
    public const int TP_STATUS_AVAILABLE = 0;
    public const int TP_STATUS_SEND_REQUEST = 1 << 0;
    public const int TP_STATUS_SENDING = 1 << 1;
    public const int TP_STATUS_WRONG_FORMAT = 1 << 2;
    public const int TP_STATUS_TS_SOFTWARE = 1 << 29;
    public const int TP_STATUS_TS_SYS_HARDWARE = 1 << 30;
    public const uint TP_STATUS_TS_RAW_HARDWARE = 1u << 31;
    public const int TP_FT_REQ_FILL_RXHASH = 0x1;
    public const int TPACKET_ALIGNMENT = 16;
    public const int TPACKET_HDRLEN = 52;
    public const int TPACKET2_HDRLEN = 52;
    public const int TPACKET3_HDRLEN = 68;
    public const int TPACKET_V1 = 0;
    public const int TPACKET_V2 = 1;
    public const int TPACKET_V3 = 2;
    public const int PACKET_MR_MULTICAST = 0;
    public const int PACKET_MR_PROMISC = 1;
    public const int PACKET_MR_ALLMULTI = 2;
    public const int PACKET_MR_UNICAST = 3;
}

/// <summary>struct sockaddr_pkt: address of an old SOCK_PACKET socket.</summary>
[Header("linux/if_packet.h")]
[StructLayout(LayoutKind.Sequential)]
public struct sockaddr_pkt
{
    public ushort spkt_family;
    public Array14<byte> spkt_device;

    /// <summary>Big-endian.</summary>
    public ushort spkt_protocol;
}

/// <summary>struct sockaddr_ll: address of a packet socket.</summary>
[Header("linux/if_packet.h")]
[StructLayout(LayoutKind.Sequential)]
public struct sockaddr_ll
{
    /// <summary>AF_PACKET.</summary>
    public ushort sll_family;

    /// <summary>Big-endian ETH_P_*.</summary>
    public ushort sll_protocol;

    public int sll_ifindex;
    public ushort sll_hatype;

    /// <summary>PACKET_HOST and the like.</summary>
    public byte sll_pkttype;

    /// <summary>Bytes of sll_addr in use.</summary>
    public byte sll_halen;

    public Array8<byte> sll_addr;
}

/// <summary>struct tpacket_stats: answer to PACKET_STATISTICS.</summary>
[Header("linux/if_packet.h")]
[StructLayout(LayoutKind.Sequential)]
public struct tpacket_stats
{
    public uint tp_packets;
    public uint tp_drops;
}

/// <summary>struct tpacket_stats_v3: answer to PACKET_STATISTICS of a version 3 ring.</summary>
[Header("linux/if_packet.h")]
[StructLayout(LayoutKind.Sequential)]
public struct tpacket_stats_v3
{
    public uint tp_packets;
    public uint tp_drops;
    public uint tp_freeze_q_cnt;
}

/// <summary>struct tpacket_rollover_stats: answer to PACKET_ROLLOVER_STATS.</summary>
[Header("linux/if_packet.h")]
[StructLayout(LayoutKind.Sequential)]
public struct tpacket_rollover_stats
{
    public ulong tp_all;
    public ulong tp_huge;
    public ulong tp_failed;
}

/// <summary>struct tpacket_auxdata: control message of PACKET_AUXDATA.</summary>
[Header("linux/if_packet.h")]
[StructLayout(LayoutKind.Sequential)]
public struct tpacket_auxdata
{
    public uint tp_status;
    public uint tp_len;
    public uint tp_snaplen;
    public ushort tp_mac;
    public ushort tp_net;
    public ushort tp_vlan_tci;
    public ushort tp_vlan_tpid;
}

/// <summary>struct tpacket_hdr: frame header of a version 1 ring.</summary>
[Header("linux/if_packet.h")]
[StructLayout(LayoutKind.Sequential)]
public struct tpacket_hdr
{
    public ulong tp_status;
    public uint tp_len;
    public uint tp_snaplen;
    public ushort tp_mac;
    public ushort tp_net;
    public uint tp_sec;
    public uint tp_usec;
}

/// <summary>struct tpacket2_hdr: frame header of a version 2 ring.</summary>
[Header("linux/if_packet.h")]
[StructLayout(LayoutKind.Sequential)]
public struct tpacket2_hdr
{
    public uint tp_status;
    public uint tp_len;
    public uint tp_snaplen;
    public ushort tp_mac;
    public ushort tp_net;
    public uint tp_sec;
    public uint tp_nsec;
    public ushort tp_vlan_tci;
    public ushort tp_vlan_tpid;
    public Array4<byte> tp_padding;
}

/// <summary>struct tpacket_req: size of a ring, versions 1 and 2.</summary>
[Header("linux/if_packet.h")]
[StructLayout(LayoutKind.Sequential)]
public struct tpacket_req
{
    public uint tp_block_size;
    public uint tp_block_nr;
    public uint tp_frame_size;
    public uint tp_frame_nr;
}

/// <summary>struct packet_mreq: membership asked for with PACKET_ADD_MEMBERSHIP.</summary>
[Header("linux/if_packet.h")]
[StructLayout(LayoutKind.Sequential)]
public struct packet_mreq
{
    public int mr_ifindex;

    /// <summary>PACKET_MR_*.</summary>
    public ushort mr_type;

    public ushort mr_alen;
    public Array8<byte> mr_address;
}

/// <summary>struct fanout_args: argument of PACKET_FANOUT (little-endian order).</summary>
[Header("linux/if_packet.h")]
[StructLayout(LayoutKind.Sequential)]
public struct fanout_args
{
    public ushort id;
    public ushort type_flags;
    public uint max_num_members;
}
