using HilTests.Agent.Boot;
using HilTests.Agent.Execution;

namespace HilTests.Agent.VhostNet;

/// <summary>The module vhost_net, loaded with another parameter for as long as a program runs.</summary>
internal sealed class ReloadedModule
{
    private const string Name = "vhost_net";
    private const string ZeroCopy = "experimental_zcopytx=1";

    private readonly ModuleSource _before = Environment.ProcessId == 1 && LoadedModules.Of(Name) is { } source
        ? source
        : throw new AgentFailureException($"the module {Name} cannot be loaded anew: it is this machine's own");

    /// <summary>Loads it with zero-copy sending, or without.</summary>
    public void Load(bool zeroCopy) => Exchange(_before with { Parameters = zeroCopy ? ZeroCopy : "" });

    /// <summary>Loads it as it was.</summary>
    public void Restore() => Exchange(_before);

    private static void Exchange(ModuleSource wanted)
    {
        LoadedModules.Remove(Name).OrThrow("unload vhost_net");
        LoadedModules.Insert(wanted).OrThrow($"load vhost_net with '{wanted.Parameters}'");
    }
}
