using static HilTests.Uapi.Linux.ioctl_h;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/vhost.h: the requests of every vhost device. The argument of each is named in its sizeof.</summary>
[Header("linux/vhost.h")]
public static class vhost_h
{
    public const int VHOST_FILE_UNBIND = -1;
    public const int VHOST_VIRTIO = 0xAF;
    public static readonly uint VHOST_GET_FEATURES = _IOR<ulong>(VHOST_VIRTIO, 0x00);
    public static readonly uint VHOST_SET_FEATURES = _IOW<ulong>(VHOST_VIRTIO, 0x00);
    public static readonly uint VHOST_SET_OWNER = _IO(VHOST_VIRTIO, 0x01);
    public static readonly uint VHOST_RESET_OWNER = _IO(VHOST_VIRTIO, 0x02);
    public static readonly uint VHOST_SET_MEM_TABLE = _IOW<vhost_memory>(VHOST_VIRTIO, 0x03);
    public static readonly uint VHOST_SET_LOG_BASE = _IOW<ulong>(VHOST_VIRTIO, 0x04);
    public static readonly uint VHOST_SET_LOG_FD = _IOW<int>(VHOST_VIRTIO, 0x07);
    public static readonly uint VHOST_SET_VRING_NUM = _IOW<vhost_vring_state>(VHOST_VIRTIO, 0x10);
    public static readonly uint VHOST_SET_VRING_ADDR = _IOW<vhost_vring_addr>(VHOST_VIRTIO, 0x11);
    public static readonly uint VHOST_SET_VRING_BASE = _IOW<vhost_vring_state>(VHOST_VIRTIO, 0x12);
    public static readonly uint VHOST_GET_VRING_BASE = _IOWR<vhost_vring_state>(VHOST_VIRTIO, 0x12);
    public const int VHOST_VRING_LITTLE_ENDIAN = 0;
    public const int VHOST_VRING_BIG_ENDIAN = 1;
    public static readonly uint VHOST_SET_VRING_ENDIAN = _IOW<vhost_vring_state>(VHOST_VIRTIO, 0x13);
    public static readonly uint VHOST_GET_VRING_ENDIAN = _IOW<vhost_vring_state>(VHOST_VIRTIO, 0x14);
    public static readonly uint VHOST_SET_VRING_KICK = _IOW<vhost_vring_file>(VHOST_VIRTIO, 0x20);
    public static readonly uint VHOST_SET_VRING_CALL = _IOW<vhost_vring_file>(VHOST_VIRTIO, 0x21);
    public static readonly uint VHOST_SET_VRING_ERR = _IOW<vhost_vring_file>(VHOST_VIRTIO, 0x22);
    public static readonly uint VHOST_SET_VRING_BUSYLOOP_TIMEOUT = _IOW<vhost_vring_state>(VHOST_VIRTIO, 0x23);
    public static readonly uint VHOST_GET_VRING_BUSYLOOP_TIMEOUT = _IOW<vhost_vring_state>(VHOST_VIRTIO, 0x24);
    public static readonly uint VHOST_SET_BACKEND_FEATURES = _IOW<ulong>(VHOST_VIRTIO, 0x25);
    public static readonly uint VHOST_GET_BACKEND_FEATURES = _IOR<ulong>(VHOST_VIRTIO, 0x26);
    public static readonly uint VHOST_NET_SET_BACKEND = _IOW<vhost_vring_file>(VHOST_VIRTIO, 0x30);
    public static readonly uint VHOST_SCSI_SET_ENDPOINT = _IOW<vhost_scsi_target>(VHOST_VIRTIO, 0x40);
    public static readonly uint VHOST_SCSI_CLEAR_ENDPOINT = _IOW<vhost_scsi_target>(VHOST_VIRTIO, 0x41);
    public static readonly uint VHOST_SCSI_GET_ABI_VERSION = _IOW<int>(VHOST_VIRTIO, 0x42);
    public static readonly uint VHOST_SCSI_SET_EVENTS_MISSED = _IOW<uint>(VHOST_VIRTIO, 0x43);
    public static readonly uint VHOST_SCSI_GET_EVENTS_MISSED = _IOW<uint>(VHOST_VIRTIO, 0x44);
    public static readonly uint VHOST_VSOCK_SET_GUEST_CID = _IOW<ulong>(VHOST_VIRTIO, 0x60);
    public static readonly uint VHOST_VSOCK_SET_RUNNING = _IOW<int>(VHOST_VIRTIO, 0x61);
    public static readonly uint VHOST_VDPA_GET_DEVICE_ID = _IOR<uint>(VHOST_VIRTIO, 0x70);
    public static readonly uint VHOST_VDPA_GET_STATUS = _IOR<byte>(VHOST_VIRTIO, 0x71);
    public static readonly uint VHOST_VDPA_SET_STATUS = _IOW<byte>(VHOST_VIRTIO, 0x72);
    public static readonly uint VHOST_VDPA_GET_CONFIG = _IOR<vhost_vdpa_config>(VHOST_VIRTIO, 0x73);
    public static readonly uint VHOST_VDPA_SET_CONFIG = _IOW<vhost_vdpa_config>(VHOST_VIRTIO, 0x74);
    public static readonly uint VHOST_VDPA_SET_VRING_ENABLE = _IOW<vhost_vring_state>(VHOST_VIRTIO, 0x75);
    public static readonly uint VHOST_VDPA_GET_VRING_NUM = _IOR<ushort>(VHOST_VIRTIO, 0x76);
    public static readonly uint VHOST_VDPA_SET_CONFIG_CALL = _IOW<int>(VHOST_VIRTIO, 0x77);
    public static readonly uint VHOST_VDPA_GET_IOVA_RANGE = _IOR<vhost_vdpa_iova_range>(VHOST_VIRTIO, 0x78);
    public static readonly uint VHOST_VDPA_GET_CONFIG_SIZE = _IOR<uint>(VHOST_VIRTIO, 0x79);
    public static readonly uint VHOST_VDPA_GET_VQS_COUNT = _IOR<uint>(VHOST_VIRTIO, 0x80);
    public static readonly uint VHOST_VDPA_GET_GROUP_NUM = _IOR<uint>(VHOST_VIRTIO, 0x81);
    public static readonly uint VHOST_VDPA_GET_AS_NUM = _IOR<uint>(VHOST_VIRTIO, 0x7A);
    public static readonly uint VHOST_VDPA_GET_VRING_GROUP = _IOWR<vhost_vring_state>(VHOST_VIRTIO, 0x7B);
    public static readonly uint VHOST_VDPA_SET_GROUP_ASID = _IOW<vhost_vring_state>(VHOST_VIRTIO, 0x7C);
    public static readonly uint VHOST_VDPA_SUSPEND = _IO(VHOST_VIRTIO, 0x7D);

    [Since("6.5", "vhost: workers that user space makes")]
    public static readonly uint VHOST_NEW_WORKER = _IOR<vhost_worker_state>(VHOST_VIRTIO, 0x8);

    [Since("6.5", "vhost: workers that user space makes")]
    public static readonly uint VHOST_FREE_WORKER = _IOW<vhost_worker_state>(VHOST_VIRTIO, 0x9);

    [Since("6.5", "vhost: workers that user space makes")]
    public static readonly uint VHOST_ATTACH_VRING_WORKER = _IOW<vhost_vring_worker>(VHOST_VIRTIO, 0x15);

    [Since("6.5", "vhost: workers that user space makes")]
    public static readonly uint VHOST_GET_VRING_WORKER = _IOWR<vhost_vring_worker>(VHOST_VIRTIO, 0x16);

    [Since("6.6", "vdpa: resume")]
    public static readonly uint VHOST_VDPA_RESUME = _IO(VHOST_VIRTIO, 0x7E);

    [Since("6.7", "vdpa: group of the descriptor table")]
    public static readonly uint VHOST_VDPA_GET_VRING_DESC_GROUP = _IOWR<vhost_vring_state>(VHOST_VIRTIO, 0x7F);

    [Since("6.9", "vdpa: size of one ring")]
    public static readonly uint VHOST_VDPA_GET_VRING_SIZE = _IOWR<vhost_vring_state>(VHOST_VIRTIO, 0x82);

    [Since("6.17", "vhost-net: more than 64 feature bits")]
    public static readonly uint VHOST_GET_FEATURES_ARRAY = _IOR<vhost_features_array>(VHOST_VIRTIO, 0x83);

    [Since("6.17", "vhost-net: more than 64 feature bits")]
    public static readonly uint VHOST_SET_FEATURES_ARRAY = _IOW<vhost_features_array>(VHOST_VIRTIO, 0x83);

    [Since("6.17", "vhost: worker as a kernel thread or as a child of the owner")]
    public const int VHOST_FORK_OWNER_KTHREAD = 0;

    [Since("6.17", "vhost: worker as a kernel thread or as a child of the owner")]
    public const int VHOST_FORK_OWNER_TASK = 1;

    [Since("6.17", "vhost: worker as a kernel thread or as a child of the owner")]
    public static readonly uint VHOST_SET_FORK_FROM_OWNER = _IOW<byte>(VHOST_VIRTIO, 0x84);

    [Since("6.17", "vhost: worker as a kernel thread or as a child of the owner")]
    public static readonly uint VHOST_GET_FORK_FROM_OWNER = _IOR<byte>(VHOST_VIRTIO, 0x85);
}
