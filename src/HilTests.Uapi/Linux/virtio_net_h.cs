using System.Runtime.InteropServices;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/virtio_net.h: feature bit numbers, header flags, control commands.</summary>
[Header("linux/virtio_net.h")]
public static class virtio_net_h
{
    public const int VIRTIO_NET_F_CSUM = 0;
    public const int VIRTIO_NET_F_GUEST_CSUM = 1;
    public const int VIRTIO_NET_F_CTRL_GUEST_OFFLOADS = 2;
    public const int VIRTIO_NET_F_MTU = 3;
    public const int VIRTIO_NET_F_MAC = 5;
    public const int VIRTIO_NET_F_GUEST_TSO4 = 7;
    public const int VIRTIO_NET_F_GUEST_TSO6 = 8;
    public const int VIRTIO_NET_F_GUEST_ECN = 9;
    public const int VIRTIO_NET_F_GUEST_UFO = 10;
    public const int VIRTIO_NET_F_HOST_TSO4 = 11;
    public const int VIRTIO_NET_F_HOST_TSO6 = 12;
    public const int VIRTIO_NET_F_HOST_ECN = 13;
    public const int VIRTIO_NET_F_HOST_UFO = 14;
    public const int VIRTIO_NET_F_MRG_RXBUF = 15;
    public const int VIRTIO_NET_F_STATUS = 16;
    public const int VIRTIO_NET_F_CTRL_VQ = 17;
    public const int VIRTIO_NET_F_CTRL_RX = 18;
    public const int VIRTIO_NET_F_CTRL_VLAN = 19;
    public const int VIRTIO_NET_F_CTRL_RX_EXTRA = 20;
    public const int VIRTIO_NET_F_GUEST_ANNOUNCE = 21;
    public const int VIRTIO_NET_F_MQ = 22;
    public const int VIRTIO_NET_F_CTRL_MAC_ADDR = 23;
    public const int VIRTIO_NET_F_NOTF_COAL = 53;
    public const int VIRTIO_NET_F_HASH_REPORT = 57;
    public const int VIRTIO_NET_F_RSS = 60;
    public const int VIRTIO_NET_F_RSC_EXT = 61;
    public const int VIRTIO_NET_F_STANDBY = 62;
    public const int VIRTIO_NET_F_SPEED_DUPLEX = 63;
    public const int VIRTIO_NET_F_GSO = 6;
    public const int VIRTIO_NET_S_LINK_UP = 1;
    public const int VIRTIO_NET_S_ANNOUNCE = 2;
    public const int VIRTIO_NET_RSS_HASH_TYPE_IPv4 = 1 << 0;
    public const int VIRTIO_NET_RSS_HASH_TYPE_TCPv4 = 1 << 1;
    public const int VIRTIO_NET_RSS_HASH_TYPE_UDPv4 = 1 << 2;
    public const int VIRTIO_NET_RSS_HASH_TYPE_IPv6 = 1 << 3;
    public const int VIRTIO_NET_RSS_HASH_TYPE_TCPv6 = 1 << 4;
    public const int VIRTIO_NET_RSS_HASH_TYPE_UDPv6 = 1 << 5;
    public const int VIRTIO_NET_RSS_HASH_TYPE_IP_EX = 1 << 6;
    public const int VIRTIO_NET_RSS_HASH_TYPE_TCP_EX = 1 << 7;
    public const int VIRTIO_NET_RSS_HASH_TYPE_UDP_EX = 1 << 8;
    public const int VIRTIO_NET_HDR_F_NEEDS_CSUM = 1;
    public const int VIRTIO_NET_HDR_F_DATA_VALID = 2;
    public const int VIRTIO_NET_HDR_F_RSC_INFO = 4;
    public const int VIRTIO_NET_HDR_GSO_NONE = 0;
    public const int VIRTIO_NET_HDR_GSO_TCPV4 = 1;
    public const int VIRTIO_NET_HDR_GSO_UDP = 3;
    public const int VIRTIO_NET_HDR_GSO_TCPV6 = 4;
    public const int VIRTIO_NET_HDR_GSO_ECN = 0x80;
    public const int VIRTIO_NET_HASH_REPORT_NONE = 0;
    public const int VIRTIO_NET_HASH_REPORT_IPv4 = 1;
    public const int VIRTIO_NET_HASH_REPORT_TCPv4 = 2;
    public const int VIRTIO_NET_HASH_REPORT_UDPv4 = 3;
    public const int VIRTIO_NET_HASH_REPORT_IPv6 = 4;
    public const int VIRTIO_NET_HASH_REPORT_TCPv6 = 5;
    public const int VIRTIO_NET_HASH_REPORT_UDPv6 = 6;
    public const int VIRTIO_NET_HASH_REPORT_IPv6_EX = 7;
    public const int VIRTIO_NET_HASH_REPORT_TCPv6_EX = 8;
    public const int VIRTIO_NET_HASH_REPORT_UDPv6_EX = 9;
    public const int VIRTIO_NET_OK = 0;
    public const int VIRTIO_NET_ERR = 1;
    public const int VIRTIO_NET_CTRL_RX = 0;
    public const int VIRTIO_NET_CTRL_RX_PROMISC = 0;
    public const int VIRTIO_NET_CTRL_RX_ALLMULTI = 1;
    public const int VIRTIO_NET_CTRL_RX_ALLUNI = 2;
    public const int VIRTIO_NET_CTRL_RX_NOMULTI = 3;
    public const int VIRTIO_NET_CTRL_RX_NOUNI = 4;
    public const int VIRTIO_NET_CTRL_RX_NOBCAST = 5;
    public const int VIRTIO_NET_CTRL_MAC = 1;
    public const int VIRTIO_NET_CTRL_MAC_TABLE_SET = 0;
    public const int VIRTIO_NET_CTRL_MAC_ADDR_SET = 1;
    public const int VIRTIO_NET_CTRL_VLAN = 2;
    public const int VIRTIO_NET_CTRL_VLAN_ADD = 0;
    public const int VIRTIO_NET_CTRL_VLAN_DEL = 1;
    public const int VIRTIO_NET_CTRL_ANNOUNCE = 3;
    public const int VIRTIO_NET_CTRL_ANNOUNCE_ACK = 0;
    public const int VIRTIO_NET_CTRL_MQ = 4;
    public const int VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET = 0;
    public const int VIRTIO_NET_CTRL_MQ_VQ_PAIRS_MIN = 1;
    public const int VIRTIO_NET_CTRL_MQ_VQ_PAIRS_MAX = 0x8000;
    public const int VIRTIO_NET_CTRL_MQ_RSS_CONFIG = 1;
    public const int VIRTIO_NET_CTRL_MQ_HASH_CONFIG = 2;
    public const int VIRTIO_NET_CTRL_GUEST_OFFLOADS = 5;
    public const int VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET = 0;
    public const int VIRTIO_NET_CTRL_NOTF_COAL = 6;
    public const int VIRTIO_NET_CTRL_NOTF_COAL_TX_SET = 0;
    public const int VIRTIO_NET_CTRL_NOTF_COAL_RX_SET = 1;

    [Since("6.2", "virtio-net: UDP segmentation offload")]
    public const int VIRTIO_NET_F_GUEST_USO4 = 54;

    [Since("6.2", "virtio-net: UDP segmentation offload")]
    public const int VIRTIO_NET_F_GUEST_USO6 = 55;

    [Since("6.2", "virtio-net: UDP segmentation offload")]
    public const int VIRTIO_NET_F_HOST_USO = 56;

    [Since("6.2", "virtio-net: UDP segmentation offload")]
    public const int VIRTIO_NET_HDR_GSO_UDP_L4 = 5;

    [Since("6.17", "virtio-net: UDP tunnel segmentation offload")]
    public const int VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO = 65;

    [Since("6.17", "virtio-net: UDP tunnel segmentation offload")]
    public const int VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO_CSUM = 66;

    [Since("6.17", "virtio-net: UDP tunnel segmentation offload")]
    public const int VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO = 67;

    [Since("6.17", "virtio-net: UDP tunnel segmentation offload")]
    public const int VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO_CSUM = 68;

    [Since("6.17", "virtio-net: UDP tunnel segmentation offload")]
    public const int VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV4 = 0x20;

    [Since("6.17", "virtio-net: UDP tunnel segmentation offload")]
    public const int VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV6 = 0x40;
}

/// <summary>struct virtio_net_config: configuration space of a network device.</summary>
[Header("linux/virtio_net.h")]
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct virtio_net_config
{
    public Array6<byte> mac;
    public ushort status;
    public ushort max_virtqueue_pairs;
    public ushort mtu;

    /// <summary>Mbit/s.</summary>
    public uint speed;

    public byte duplex;
    public byte rss_max_key_size;
    public ushort rss_max_indirection_table_length;
    public uint supported_hash_types;
}

/// <summary>struct virtio_net_hdr_v1: header before each packet of a modern device, 12 bytes.</summary>
[Header("linux/virtio_net.h")]
[StructLayout(LayoutKind.Explicit, Size = 12)]
public struct virtio_net_hdr_v1
{
    /// <summary>VIRTIO_NET_HDR_F_*.</summary>
    [FieldOffset(0)]
    public byte flags;

    /// <summary>VIRTIO_NET_HDR_GSO_*.</summary>
    [FieldOffset(1)]
    public byte gso_type;

    /// <summary>Bytes of all headers of the frame.</summary>
    [FieldOffset(2)]
    public ushort hdr_len;

    /// <summary>Payload bytes a segment.</summary>
    [FieldOffset(4)]
    public ushort gso_size;

    /// <summary>Byte at which the checksum starts.</summary>
    [FieldOffset(6)]
    public ushort csum_start;

    /// <summary>Byte after csum_start at which it is put.</summary>
    [FieldOffset(8)]
    public ushort csum_offset;

    /// <summary>Receive coalescing: segments merged.</summary>
    [FieldOffset(6)]
    [CName("rsc.segments")]
    public ushort rsc_segments;

    /// <summary>Receive coalescing: duplicate acks.</summary>
    [FieldOffset(8)]
    [CName("rsc.dup_acks")]
    public ushort rsc_dup_acks;

    /// <summary>Receive: buffers this packet took.</summary>
    [FieldOffset(10)]
    public ushort num_buffers;
}

/// <summary>struct virtio_net_hdr_v1_hash: header with a hash report, 20 bytes.</summary>
[Header("linux/virtio_net.h")]
[StructLayout(LayoutKind.Sequential)]
public struct virtio_net_hdr_v1_hash
{
    public virtio_net_hdr_v1 hdr;
    public uint hash_value;

    /// <summary>VIRTIO_NET_HASH_REPORT_*.</summary>
    public ushort hash_report;

    public ushort padding;
}

/// <summary>struct virtio_net_hdr_v1_hash_tunnel: header with the offsets of a UDP tunnel, 24 bytes.</summary>
[Header("linux/virtio_net.h")]
[Since("6.17", "a struct of newer kernels")]
[StructLayout(LayoutKind.Sequential)]
public struct virtio_net_hdr_v1_hash_tunnel
{
    public virtio_net_hdr_v1_hash hash_hdr;
    public ushort outer_th_offset;
    public ushort inner_nh_offset;
}

/// <summary>struct virtio_net_hdr: legacy header without num_buffers, 10 bytes.</summary>
[Header("linux/virtio_net.h")]
[StructLayout(LayoutKind.Sequential)]
public struct virtio_net_hdr
{
    public byte flags;
    public byte gso_type;
    public ushort hdr_len;
    public ushort gso_size;
    public ushort csum_start;
    public ushort csum_offset;
}

/// <summary>struct virtio_net_hdr_mrg_rxbuf: legacy header with num_buffers, 12 bytes.</summary>
[Header("linux/virtio_net.h")]
[StructLayout(LayoutKind.Sequential)]
public struct virtio_net_hdr_mrg_rxbuf
{
    public virtio_net_hdr hdr;
    public ushort num_buffers;
}

/// <summary>struct virtio_net_ctrl_hdr: class and command on the control queue.</summary>
[Header("linux/virtio_net.h")]
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct virtio_net_ctrl_hdr
{
    public byte @class;
    public byte cmd;
}

/// <summary>struct virtio_net_ctrl_mac: head of an address table; entries times 6 bytes follow.</summary>
[Header("linux/virtio_net.h")]
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct virtio_net_ctrl_mac
{
    public uint entries;
}

/// <summary>struct virtio_net_ctrl_mq: number of queue pairs to use.</summary>
[Header("linux/virtio_net.h")]
[StructLayout(LayoutKind.Sequential)]
public struct virtio_net_ctrl_mq
{
    public ushort virtqueue_pairs;
}

/// <summary>struct virtio_net_ctrl_coal_tx: notification coalescing, transmit.</summary>
[Header("linux/virtio_net.h")]
[StructLayout(LayoutKind.Sequential)]
public struct virtio_net_ctrl_coal_tx
{
    public uint tx_max_packets;
    public uint tx_usecs;
}

/// <summary>struct virtio_net_ctrl_coal_rx: notification coalescing, receive.</summary>
[Header("linux/virtio_net.h")]
[StructLayout(LayoutKind.Sequential)]
public struct virtio_net_ctrl_coal_rx
{
    public uint rx_max_packets;
    public uint rx_usecs;
}
