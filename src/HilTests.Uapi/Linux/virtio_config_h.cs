namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/virtio_config.h: device status bits and transport feature bit numbers.</summary>
[Header("linux/virtio_config.h")]
public static class virtio_config_h
{
    public const int VIRTIO_CONFIG_S_ACKNOWLEDGE = 1;
    public const int VIRTIO_CONFIG_S_DRIVER = 2;
    public const int VIRTIO_CONFIG_S_DRIVER_OK = 4;
    public const int VIRTIO_CONFIG_S_FEATURES_OK = 8;
    public const int VIRTIO_CONFIG_S_NEEDS_RESET = 0x40;
    public const int VIRTIO_CONFIG_S_FAILED = 0x80;
    public const int VIRTIO_TRANSPORT_F_START = 28;
    public const int VIRTIO_TRANSPORT_F_END = 41;
    public const int VIRTIO_F_NOTIFY_ON_EMPTY = 24;
    public const int VIRTIO_F_ANY_LAYOUT = 27;
    public const int VIRTIO_F_VERSION_1 = 32;
    public const int VIRTIO_F_ACCESS_PLATFORM = 33;
    public const int VIRTIO_F_IOMMU_PLATFORM = VIRTIO_F_ACCESS_PLATFORM;
    public const int VIRTIO_F_RING_PACKED = 34;
    public const int VIRTIO_F_IN_ORDER = 35;
    public const int VIRTIO_F_ORDER_PLATFORM = 36;
    public const int VIRTIO_F_SR_IOV = 37;
    public const int VIRTIO_F_RING_RESET = 40;
}
