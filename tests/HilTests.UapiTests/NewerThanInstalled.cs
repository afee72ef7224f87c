namespace HilTests.UapiTests;

/// <summary>
/// What the bindings have and the headers of Linux 6.1 have not, by name: request numbers written out (direction,
/// bytes, letter, number), and structures declared again in C. Where the installed headers are newer, they are asked.
/// </summary>
internal static class NewerThanInstalled
{
    /// <summary>Constants with their values.</summary>
    public static IReadOnlyDictionary<string, uint> Constants { get; } = new Dictionary<string, uint>
    {
        ["VHOST_NEW_WORKER"] = 0x8004_AF08,
        ["VHOST_FREE_WORKER"] = 0x4004_AF09,
        ["VHOST_ATTACH_VRING_WORKER"] = 0x4008_AF15,
        ["VHOST_GET_VRING_WORKER"] = 0xC008_AF16,
        ["VHOST_VDPA_RESUME"] = 0x0000_AF7E,
        ["VHOST_VDPA_GET_VRING_DESC_GROUP"] = 0xC008_AF7F,
        ["VHOST_VDPA_GET_VRING_SIZE"] = 0xC008_AF82,
        ["VHOST_GET_FEATURES_ARRAY"] = 0x8008_AF83,
        ["VHOST_SET_FEATURES_ARRAY"] = 0x4008_AF83,
        ["VHOST_FORK_OWNER_KTHREAD"] = 0,
        ["VHOST_FORK_OWNER_TASK"] = 1,
        ["VHOST_SET_FORK_FROM_OWNER"] = 0x4001_AF84,
        ["VHOST_GET_FORK_FROM_OWNER"] = 0x8001_AF85,
        ["VHOST_BACKEND_F_RESUME"] = 5,
        ["VHOST_BACKEND_F_ENABLE_AFTER_DRIVER_OK"] = 6,
        ["VHOST_BACKEND_F_DESC_ASID"] = 7,
        ["VHOST_BACKEND_F_IOTLB_PERSIST"] = 8,
        ["VIRTIO_NET_F_GUEST_USO4"] = 54,
        ["VIRTIO_NET_F_GUEST_USO6"] = 55,
        ["VIRTIO_NET_F_HOST_USO"] = 56,
        ["VIRTIO_NET_HDR_GSO_UDP_L4"] = 5,
        ["VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO"] = 65,
        ["VIRTIO_NET_F_GUEST_UDP_TUNNEL_GSO_CSUM"] = 66,
        ["VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO"] = 67,
        ["VIRTIO_NET_F_HOST_UDP_TUNNEL_GSO_CSUM"] = 68,
        ["VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV4"] = 32,
        ["VIRTIO_NET_HDR_GSO_UDP_TUNNEL_IPV6"] = 64,
        ["TUN_F_USO4"] = 32,
        ["TUN_F_USO6"] = 64,
        ["TUN_F_UDP_TUNNEL_GSO"] = 128,
        ["TUN_F_UDP_TUNNEL_GSO_CSUM"] = 256,
        ["F2FS_IOC_START_ATOMIC_REPLACE"] = 0x0000_F519,
        ["F2FS_IOC_GET_DEV_ALIAS_FILE"] = 0x8004_F51A,
        ["F2FS_IOC_IO_PRIO"] = 0x4004_F51B,
        ["F2FS_IOPRIO_WRITE"] = 1,
        ["F2FS_IOPRIO_MAX"] = 2,
        ["F2FS_IOC_RESERVE_DEV_ALIAS"] = 0x0000_F51C,
        ["F2FS_IOC_RELEASE_DEV_ALIAS"] = 0x0000_F51D,
        ["F2FS_IOC_GET_DEV_ALIAS_STATUS"] = 0x8004_F51E,
        ["F2FS_DEV_ALIAS_STATUS_RELEASED"] = 0,
        ["F2FS_DEV_ALIAS_STATUS_RESERVED"] = 1,
        ["MFD_NOEXEC_SEAL"] = 8,
        ["MFD_EXEC"] = 16,
    };

    /// <summary>Structures with a declaration in C.</summary>
    public static IReadOnlyDictionary<string, string> Structs { get; } = new Dictionary<string, string>
    {
        ["vhost_worker_state"] = "struct vhost_worker_state { unsigned int worker_id; };",
        ["vhost_vring_worker"] = "struct vhost_vring_worker { unsigned int index; unsigned int worker_id; };",
        ["vhost_features_array"] = "struct vhost_features_array { __u64 count; __u64 features[]; };",
        ["virtio_net_hdr_v1_hash_tunnel"] =
            "struct virtio_net_hdr_v1_hash_tunnel { struct virtio_net_hdr_v1_hash hash_hdr; __le16 outer_th_offset; __le16 inner_nh_offset; };",
    };
}
