using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet;

/// <summary>The vhost-net model with its programs.</summary>
public static class VhostNetSuite
{
    public static DeviceSuite Instance { get; } = new(new VhostNetModel(), VhostNetPrograms.All, VhostNetGenerator.Generate, ["vhost", "vhost_net", "tun"]);

    /// <summary>Hand-written programs that are not in the suite: they claim more than the interface promises.</summary>
    public static IReadOnlyList<Program> HeldBack => VhostNetPrograms.HeldBack;
}
