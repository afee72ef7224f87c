using HilTests.Core.Predictions;

namespace HilTests.Models.VhostNet;

/// <summary>Rules about calls with wrong arguments; docs/rules/vhost-net.md says each in words.</summary>
public static class OddCallRules
{
    public static Rule Pointer { get; } = new("vhost.ioctl.pointer", "drivers/vhost/net.c vhost_net_ioctl(); drivers/vhost/vhost.c vhost_vring_ioctl(), vhost_set_memory()",
        "A call whose argument cannot be read or written fails with EFAULT and changes nothing.");

    public static Rule Endian { get; } = new("vhost.ring.endian", "drivers/vhost/vhost.c vhost_set_vring_endian() without CONFIG_VHOST_CROSS_ENDIAN_LEGACY",
        "A kernel built without legacy cross-endian support does not know the byte order calls: ENOTTY.");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Rule> All { get; } = [Pointer, Endian];
}
