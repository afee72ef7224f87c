using System.Runtime.CompilerServices;
using static HilTests.Uapi.Linux.ioctl_h;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of this project's own vm-images/kernel-modules/vhost_net_async/mp.h and vhost_net_async.h.</summary>
[NotInC(Reason)]
public static class mp_h
{
    internal const string Reason = "a header of this project, which is not among the installed ones";

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
[NotInC(mp_h.Reason)]
public struct mp_mode
{
    public uint ring;
    public uint hold;
    public uint context;
    public uint pad;
}

/// <summary>The argument of MP_RELEASE.</summary>
[NotInC(mp_h.Reason)]
public struct mp_release
{
    public uint ring;
    public uint count;
    public uint context;
    public int error;
    public int most;
    public uint after_us;
    public mp_places place;
}

/// <summary>Places among the outstanding.</summary>
[InlineArray(mp_h.MP_MOST)]
[NotInC(mp_h.Reason)]
public struct mp_places
{
    private uint _first;
}

/// <summary>The argument of MP_REFUSE.</summary>
[NotInC(mp_h.Reason)]
public struct mp_refuse
{
    public uint ring;
    public int error;
}

/// <summary>The argument of MP_COUNT.</summary>
[NotInC(mp_h.Reason)]
public struct mp_count
{
    public uint outstanding_rx;
    public uint outstanding_tx;
    public uint moving;
    public uint waiting;
    public uint dropped;
    public uint sent;
    public ulong submitted_rx;
    public ulong submitted_tx;
    public ulong refused_rx;
    public ulong refused_tx;
}

/// <summary>The argument of VHOST_ASYNC_CENSUS.</summary>
[NotInC(mp_h.Reason)]
public struct vhost_async_census
{
    public uint pool;
    public uint taken;
    public uint in_flight_rx;
    public uint in_flight_tx;
    public uint completed_rx;
    public uint completed_tx;
    public uint async_rx;
    public uint async_tx;
    public ulong most_submitted;
    public ulong most_published;
}
