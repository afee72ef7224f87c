using HilTests.Core.Predictions;

namespace HilTests.Models.VhostNet;

/// <summary>What vhost-net must do with a device IOTLB (ACCESS_PLATFORM); docs/rules/vhost-net.md says each in words.</summary>
public static class IotlbRules
{
    private const string Vhost = "drivers/vhost/vhost.c";

    public static Rule Message { get; } = new("vhost.iotlb.message", $"{Vhost} vhost_chr_write_iter(), vhost_process_iotlb_msg()",
        "A message that is cut short or of an unknown form is refused with EINVAL; one of another type, that wraps, that names no address of the process, or without an IOTLB with EFAULT.");

    public static Rule Empty { get; } = new("vhost.iotlb.empty", $"{Vhost} vhost_chr_write_iter(); drivers/vhost/iotlb.c vhost_iotlb_add_range_ctx()",
        "An update of no bytes is refused and translates nothing, wherever it begins.");

    public static Rule Asked { get; } = new("vhost.iotlb.miss", $"{Vhost} vq_meta_prefetch(), iotlb_access_ok(), translate_desc(), vhost_iotlb_miss()",
        "A device that finds no translation asks for it, by the address and the access that it needs, and asks for nothing else.");

    public static Rule Ready { get; } = new("vhost.iotlb.poll", $"{Vhost} vhost_chr_poll()",
        "Poll says that a message can be read exactly while there is one.");

    public static Rule Attach { get; } = new("vhost.iotlb.attach", $"{Vhost} vhost_vq_init_access()",
        "SET_BACKEND fails with EFAULT where the used ring has no translation, and asks for it.");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Rule> All { get; } = [Message, Empty, Asked, Ready, Attach];
}
