namespace HilTests.Models.VhostNet;

/// <summary>The vhost-net model with its programs.</summary>
public static class VhostNetSuite
{
    public static DeviceSuite Instance { get; } = new(new VhostNetModel(), VhostNetPrograms.All, VhostNetGenerator.Generate, ["vhost", "vhost_net", "tun"]);
}
