using static HilTests.Uapi.Linux.ioctl_h;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of this project's own vm-images/kernel-modules/vhost_net_async/mp.h and vhost_net_async.h.</summary>
[Header("mp.h", "vhost_net_async.h")]
public static class mp_h
{
    public const int MP_MOST = 64;
    public static readonly uint MP_SET_HEADER = _IOW<uint>('m', 0xe0);
    public static readonly uint MP_SET_MODE = _IOW<mp_mode>('m', 0xe1);
    public static readonly uint MP_RELEASE = _IOW<mp_release>('m', 0xe2);
    public static readonly uint MP_REFUSE = _IOW<mp_refuse>('m', 0xe3);
    public static readonly uint MP_COUNT = _IOR<mp_count>('m', 0xe4);
    public static readonly uint MP_SET_CAPTURE = _IOW<uint>('m', 0xe5);
    public static readonly uint VHOST_ASYNC_CENSUS = _IOR<vhost_async_census>(vhost_h.VHOST_VIRTIO, 0xe0);
}

/// <summary>The argument of MP_SET_MODE.</summary>
[Header("mp.h")]
public struct mp_mode
{
    public uint ring;
    public uint hold;
    public uint context;
    public uint pad;
}

/// <summary>The argument of MP_RELEASE.</summary>
[Header("mp.h")]
public struct mp_release
{
    public uint ring;
    public uint count;
    public uint context;
    public int error;
    public int most;
    public uint after_us;
    public Array64<uint> place;
}

/// <summary>The argument of MP_REFUSE.</summary>
[Header("mp.h")]
public struct mp_refuse
{
    public uint ring;
    public int error;
}

/// <summary>The argument of MP_COUNT.</summary>
[Header("mp.h")]
public struct mp_count
{
    [CName("outstanding[0]")]
    public uint outstanding_rx;

    [CName("outstanding[1]")]
    public uint outstanding_tx;

    public uint moving;
    public uint waiting;
    public uint dropped;
    public uint sent;

    [CName("submitted[0]")]
    public ulong submitted_rx;

    [CName("submitted[1]")]
    public ulong submitted_tx;

    [CName("refused[0]")]
    public ulong refused_rx;

    [CName("refused[1]")]
    public ulong refused_tx;
}

/// <summary>The argument of VHOST_ASYNC_CENSUS.</summary>
[Header("vhost_net_async.h")]
public struct vhost_async_census
{
    public uint pool;
    public uint taken;

    [CName("in_flight[0]")]
    public uint in_flight_rx;

    [CName("in_flight[1]")]
    public uint in_flight_tx;

    [CName("completed[0]")]
    public uint completed_rx;

    [CName("completed[1]")]
    public uint completed_tx;

    [CName("async[0]")]
    public uint async_rx;

    [CName("async[1]")]
    public uint async_tx;

    public ulong most_submitted;
    public ulong most_published;
}
