using HilTests.Core.Predictions;

namespace HilTests.Models.VhostNet;

/// <summary>What only sustained traffic shows.</summary>
internal static class TrafficRules
{
    public static Rule Progress { get; } = new("vhost.traffic.progress", "virtio 1.2, 2.7.10, 2.7.13.4; drivers/vhost/vhost.c vhost_enable_notify()",
        "A driver that kicks when it is asked to, and sleeps until it is signalled, gets all its frames sent and received: no wake-up is lost on either side.");

    public static Rule Together { get; } = new("vhost.rx.together", "virtio 1.2, 5.1.6.4, 2.7.8; drivers/vhost/vhost.c vhost_add_used_n()",
        "The buffers of one frame appear in the used ring together: the driver finds all that num_buffers says with the first.");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Rule> All { get; } = [Progress, Together];
}
