using HilTests.Core.Predictions;

namespace HilTests.Models.VhostNet;

/// <summary>What vhost-net must do about the dirty log; docs/rules/vhost-net.md says each in words.</summary>
public static class LogRules
{
    private const string Vhost = "drivers/vhost/vhost.c";

    public static Rule Access { get; } = new("vhost.log.access", $"{Vhost} vq_log_access_ok(), vhost_log_access_ok(), log_access_ok()",
        "A log that lies outside the process's addresses is refused with EFAULT (EINVAL by SET_VRING_ADDR) as soon as an attached ring would use it.");

    public static Rule File { get; } = new("vhost.log.eventfd", $"{Vhost} vhost_dev_ioctl() VHOST_SET_LOG_FD",
        "A log file that is not open fails with EBADF, one that is no eventfd with EINVAL, and the old one stays.");

    public static Rule Payload { get; } = new("vhost.log.payload", $"{Vhost} vhost_log_write(); drivers/vhost/net.c handle_rx()",
        "With LOG_ALL every page of a receive buffer that was written, header included, is in the log.");

    public static Rule Entries { get; } = new("vhost.log.used", $"{Vhost} __vhost_add_used_n(), vhost_add_used_n(), log_used()",
        "With the ring's log flag the pages of used entries and of the used index are in the log, by the ring's log address.");

    public static Rule Own { get; } = new("vhost.log.own", $"{Vhost} vhost_update_used_flags(), vhost_update_avail_event()",
        "With the ring's log flag the pages of used.flags and avail_event are in the log when the device has written them.");

    public static Rule Spurious { get; } = new("vhost.log.spurious", "docs/rules/vhost-net.md: the log costs a migration a page for each bit",
        "A page that the device cannot have written should not be in the log.", Severity.Should);

    public static Rule Signal { get; } = new("vhost.log.signal", "include/uapi/linux/vhost.h VHOST_SET_LOG_FD",
        "The log's eventfd is signalled when something was logged, and not while nothing is.");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Rule> All { get; } = [Access, File, Payload, Entries, Own, Spurious, Signal];
}
