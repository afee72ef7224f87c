namespace HilTests.Models.VhostNet.Async;

/// <summary>The vhost-net model with the third kind of link, and the programs about that.</summary>
public static class AsyncSuite
{
    public static DeviceSuite Instance { get; } = new(new VhostNetModel(isAsync: true), AsyncPrograms.All, AsyncGenerator.Generate, ["vhost", "vhost_net_async", "mp"]) { IsOnRequest = true };
}
