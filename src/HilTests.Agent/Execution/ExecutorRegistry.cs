namespace HilTests.Agent.Execution;

/// <summary>The executors the agent has, one a device. A new device adds its line here.</summary>
internal static class ExecutorRegistry
{
    private static readonly Dictionary<string, Func<DeviceExecutor>> Factories = new()
    {
        ["f2fs"] = () => new F2fs.F2fsExecutor(),
        ["vhost-net"] = () => new VhostNet.VhostNetExecutor(),
        ["vhost-net-async"] = () => new VhostNet.VhostNetExecutor(isAsync: true),
    };

    /// <exception cref="AgentFailureException">when the agent has no executor for the device</exception>
    public static DeviceExecutor Create(string device) => Factories.TryGetValue(device, out var create)
        ? create()
        : throw new AgentFailureException($"this agent has no executor for '{device}'; it has {string.Join(", ", Factories.Keys)}");
}
