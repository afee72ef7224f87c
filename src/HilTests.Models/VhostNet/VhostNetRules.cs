using HilTests.Core.Predictions;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet;

/// <summary>What vhost-net must do beside the rules of virtqueues; docs/rules/vhost-net.md says each in words.</summary>
public static class VhostNetRules
{
    private const string Vhost = "drivers/vhost/vhost.c";
    private const string Net = "drivers/vhost/net.c";

    public static Rule Call { get; } = new("vhost.ioctl.errno", $"include/uapi/linux/vhost.h; {Vhost} vhost_dev_ioctl(), vhost_vring_ioctl()",
        "A call with valid arguments in a state that allows it succeeds.");

    public static Rule Owner { get; } = new("vhost.owner.first", $"{Vhost} vhost_dev_check_owner()",
        "Before SET_OWNER every call but GET_FEATURES, SET_FEATURES and their back-end kin fails with EPERM.");

    public static Rule OwnerOnce { get; } = new("vhost.owner.once", $"{Net} vhost_net_set_owner()",
        "SET_OWNER on an owned device fails with EBUSY.");

    public static Rule RingIndex { get; } = new("vhost.ring.index", $"{Vhost} vhost_vring_ioctl(); {Net} vhost_net_set_backend()",
        "A ring index of 2 or more fails with ENOBUFS.");

    public static Rule RingNum { get; } = new("vhost.ring.num", $"{Vhost} vhost_vring_set_num()",
        "A ring size is a power of two from 1 to 32768, else EINVAL.");

    public static Rule RingBusy { get; } = new("vhost.ring.busy", $"{Vhost} vhost_vring_set_num(), vhost_vring_ioctl()",
        "Size and base cannot be set while a back end is attached: EBUSY.");

    public static Rule RingBase { get; } = new("vhost.ring.base", $"{Vhost} vhost_vring_ioctl()",
        "A base over 65535 fails with EINVAL; GET_VRING_BASE gives the next avail index to fetch.");

    public static Rule RingAddress { get; } = new("vhost.ring.address", $"{Vhost} vhost_vring_set_addr()",
        "Unknown flags fail with EOPNOTSUPP, a misaligned avail, used or log address with EINVAL.");

    public static Rule EventFile { get; } = new("vhost.ring.eventfd", $"{Vhost} vhost_vring_ioctl()",
        "A descriptor that is not open fails with EBADF, one that is no eventfd with EINVAL.");

    public static Rule Features { get; } = new("vhost.features.offered", $"{Net} VHOST_NET_FEATURES",
        "The device offers MRG_RXBUF, NOTIFY_ON_EMPTY, LOG_ALL, bit 27, INDIRECT_DESC, EVENT_IDX, VERSION_1 and ACCESS_PLATFORM.");

    public static Rule FeaturesUnknown { get; } = new("vhost.features.unknown", $"{Net} vhost_net_ioctl()",
        "A feature that is not offered fails with EOPNOTSUPP.");

    public static Rule FeaturesArray { get; } = new("vhost.features.array", $"{Net} vhost_net_ioctl() VHOST_GET_FEATURES_ARRAY",
        "The array holds the words of features that are offered, as many as there is room for, and zeros behind them.");

    public static Rule ForkOwner { get; } = new("vhost.fork-owner", $"{Vhost} vhost_dev_ioctl() VHOST_SET_FORK_FROM_OWNER",
        "The kind of worker is 0 or 1 (else EINVAL), can be chosen until the device is owned (then EBUSY), and is read back.");

    public static Rule MemoryTable { get; } = new("vhost.memory.table", $"{Vhost} vhost_set_memory()",
        "Padding fails with EOPNOTSUPP, too many regions with E2BIG, a region that wraps with EFAULT.");

    public static Rule Backend { get; } = new("vhost.backend.socket", $"{Net} get_socket()",
        "What is neither a raw packet socket nor a tap fails with ENOTSOCK, and the old back end stays.");

    public static Rule BackendReady { get; } = new("vhost.backend.ready", $"{Net} vhost_net_set_backend(); {Vhost} vhost_vq_access_ok(), vhost_vq_init_access()",
        "SET_BACKEND without a memory table, or with a used ring that cannot be written, fails with EFAULT, and the old back end stays.");

    public static Rule UnknownCall { get; } = new("vhost.ioctl.unknown", $"{Net} vhost_net_ioctl()",
        "An ioctl that is not defined fails with ENOTTY.");

    public static Rule Busyloop { get; } = new("vhost.ring.busyloop", $"{Vhost} vhost_vring_ioctl()",
        "GET_VRING_BUSYLOOP_TIMEOUT gives what was set; 0 at first.");

    public static Rule TxWire { get; } = new("vhost.tx.wire", "virtio 1.2, 5.1.6.2; conservation",
        "Every frame taken from the TX ring goes out once, in order, byte for byte, without the header; nothing else does.");

    public static Rule TxUsed { get; } = new("vhost.tx.used", $"virtio 1.2, 2.7.8; {Net} handle_tx()",
        "A frame that was sent is used with length 0, in fetch order.");

    public static Rule TxWritable { get; } = new("vhost.tx.writable", $"virtio 1.2, 5.1.6.2; {Net} get_tx_bufs()",
        "A TX chain with a writable part is an error; the head is consumed and never used.");

    public static Rule TxEmpty { get; } = new("vhost.tx.empty", $"{Net} get_tx_bufs()",
        "A TX chain without a byte after the header is an error; the head is consumed and never used.");

    public static Rule TxRefused { get; } = new("vhost.tx.refused", $"{Net} handle_tx_copy(): errors of sendmsg() but EAGAIN, ENOMEM and ENOBUFS",
        "A frame that the socket refuses for good is used all the same, and the frames behind it are sent.");

    public static Rule TxWaits { get; } = new("vhost.tx.waits", $"{Net} handle_tx_copy(), handle_tx_zerocopy(): EAGAIN, ENOMEM and ENOBUFS of sendmsg()",
        "A back end without room leaves the frame where it is; it goes when there is room, once and in its turn.");

    public static Rule TxShort { get; } = new("vhost.tx.short", $"{Net} vhost_net_build_xdp()",
        "A TX chain shorter than the header, to a tap with an unlimited send buffer, is left where it is until the driver mends it.");

    public static Rule TxBatchLost { get; } = new("vhost.tx.batch-lost", $"{Net} vhost_tx_batch()",
        "A batch that the tap refuses as a whole is complained of; its heads are consumed, and either all used or never.");

    public static Rule TxZeroCopy { get; } = new("vhost.tx.zero-copy", $"{Net} handle_tx_zerocopy(), vhost_zerocopy_signal_used()",
        "A buffer that is lent to its frame is used when the frame is through, in fetch order among those; a copied one at once.");

    public static Rule DetachWaits { get; } = new("vhost.detach.waits", $"{Net} vhost_net_set_backend(), vhost_net_flush(), vhost_net_ubuf_put_and_wait()",
        "Detach, a change of back ends, RESET_OWNER and close come back when no frame has a buffer on loan any more.");

    public static Rule RxMisfit { get; } = new("vhost.rx.misfit", $"{Net} handle_rx()",
        "Where the socket's header is not the negotiated one, each frame is dropped, and no buffer is used.");

    public static Rule BackendGone { get; } = new("vhost.backend.gone", $"{Net} vhost_net_set_backend(); {Vhost} vhost_poll_start()",
        "A tap whose interface is removed cannot be polled: EINVAL, and the old back end stays.");

    public static Rule RxRest { get; } = new("vhost.rx.rest", $"{Net} handle_rx(); {Vhost} vhost_enable_notify()",
        "A device whose last buffers are too few for the next frame asks for a kick and leaves them until more are offered.");

    public static Rule RxReadable { get; } = new("vhost.rx.readable", $"virtio 1.2, 5.1.6.3; {Net} get_rx_bufs()",
        "An RX chain with a readable part, or without a writable byte, is an error; the head is consumed and never used.");

    public static Rule RxUsed { get; } = new("vhost.rx.used", $"virtio 1.2, 2.7.8, 5.1.6.4; {Net} handle_rx()",
        "Used lengths are the bytes written, header included; with MRG_RXBUF all buffers but the last are full.");

    public static Rule RxContent { get; } = new("vhost.rx.content", "virtio 1.2, 5.1.6.4",
        "The buffer holds the header and then the frame, byte for byte; what lies behind is not touched.");

    public static Rule RxHeader { get; } = new("vhost.rx.header", "virtio 1.2, 5.1.6.4",
        "Without offloads flags, gso_type and checksum fields of the header are 0.");

    public static Rule RxNumBuffers { get; } = new("vhost.rx.num-buffers", "virtio 1.2, 5.1.6.4.1",
        "With MRG_RXBUF num_buffers is the number of buffers the frame took.");

    public static Rule RxNumBuffersOne { get; } = new("vhost.rx.num-buffers-one", "virtio 1.2, 5.1.6.4.1",
        "Without MRG_RXBUF num_buffers is 1 where the header has the field.");

    public static Rule Complaint { get; } = new("vhost.error.signal", $"{Vhost} vq_err()",
        "A chain that is in error is reported on the ring's error eventfd, at least once a kick; nothing else is.");

    public static Rule IndexJump { get; } = new("vhost.avail.jump", $"virtio 1.2, 2.7.13.3; {Vhost} vhost_get_avail_idx()",
        "An avail index further ahead of the device than the ring is long is an error: nothing is consumed.");

    public static Rule JumpForgotten { get; } = new("vhost.avail.jump-forgotten", $"virtio 1.2, 2.7.13.3; {Vhost} vhost_get_avail_idx()",
        "An avail index that was refused is not taken over: it is refused again until the driver has mended it, and nothing is used but what was offered.");

    public static Rule Quiet { get; } = new("vhost.detach.quiet", $"{Net} vhost_net_set_backend(), vhost_net_flush()",
        "After detach, reset and close nothing more is used, sent or signalled.");

    public static Rule Flush { get; } = new("vhost.flush", $"{Vhost} vhost_dev_ioctl() VHOST_SET_LOG_FD",
        "SET_LOG_FD with what is set already succeeds on an owned device.");

    /// <summary>All rules of the model.</summary>
    public static IReadOnlyList<Rule> All { get; } =
    [
        Call, Owner, OwnerOnce, RingIndex, RingNum, RingBusy, RingBase, RingAddress, EventFile, Features, FeaturesUnknown, FeaturesArray, ForkOwner,
        MemoryTable, Backend, BackendReady, UnknownCall, Busyloop, TxWire, TxUsed, TxWritable, TxEmpty, TxRefused, RxRest, RxReadable, RxUsed,
        RxContent, RxHeader, RxNumBuffers, RxNumBuffersOne, Complaint, TxWaits, TxShort, TxBatchLost, TxZeroCopy, DetachWaits, RxMisfit, BackendGone, IndexJump, JumpForgotten, Quiet, Flush, .. LogRules.All, .. OddCallRules.All, .. IotlbRules.All, .. TrafficRules.All, .. VirtqueueRules.All,
    ];
}
