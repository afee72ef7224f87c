using HilTests.Agent.Boot;
using HilTests.Agent.Execution;
using HilTests.Uapi;

namespace HilTests.Agent.VhostNet;

/// <summary>The project's own modules behind vhost-net-async: loaded when a program needs them, out of the way when other modules are exchanged.</summary>
internal static class AsyncModules
{
    /// <summary>The node of the device.</summary>
    public const string DeviceNode = "/dev/vhost-net-async";

    private const string Device = "vhost_net_async";
    private const string BackEnd = "mp";

    /// <summary>Whether they are loaded, or can be.</summary>
    public static bool AreThere => LoadedModules.IsLoaded(Device) || LoadedModules.Of(Device) is not null;

    /// <summary>Loads them, where they are not loaded.</summary>
    public static void Load()
    {
        if (LoadedModules.IsLoaded(Device)) return;
        try
        {
            ModuleLoader.Load(Device);
        }
        catch (Exception e) when (e is IOException or SyscallException)
        {
            throw new AgentFailureException($"the module {Device} cannot be loaded: {e.Message}", e);
        }
    }

    /// <summary>Unloads them, where they are loaded.</summary>
    /// <returns>the module that could not be unloaded and why; null where none is left</returns>
    public static (string Name, SyscallResult Why)? Unload()
    {
        foreach (var name in (string[])[Device, BackEnd])
        {
            if (!LoadedModules.IsLoaded(name)) continue;
            var removed = LoadedModules.Remove(name);
            if (!removed.Ok) return (name, removed);
        }
        return null;
    }

    /// <summary>Records what they still hold.</summary>
    public static void Count(StepRecorder recorder)
    {
        foreach (var what in (string[])["devices", "pools", "blocks"]) recorder.Field(what, Number($"{Device}/parameters/{what}"));
        recorder.Field("requests", Number($"{BackEnd}/parameters/requests"));
        recorder.Field("users", Number($"{Device}/refcnt"));
    }

    private static long Number(string file) => long.TryParse(File.Exists($"/sys/module/{file}") ? File.ReadAllText($"/sys/module/{file}").Trim() : "", out var number)
        ? number
        : throw new AgentFailureException($"/sys/module/{file} cannot be read: is the module loaded?");
}
