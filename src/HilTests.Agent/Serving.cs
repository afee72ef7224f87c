using System.Reflection;
using HilTests.Core.Channel;

namespace HilTests.Agent;

/// <summary>What both modes of the agent share: who it is and what it serves.</summary>
internal static class Serving
{
    /// <summary>The first line of the Hello frame.</summary>
    public static string HelloLine =>
        $"hil-agent protocol={Frame.ProtocolVersion} build={Build()} pid={Environment.ProcessId} owner={Local.Owner.Current.Name}";

    /// <summary>Registers every handler there is. A new kind of request is one line here.</summary>
    public static void RegisterHandlers(AgentServer server)
    {
        server.Register(FrameKind.Setup, MachineSetup.Apply);
        server.Register(FrameKind.Run, ProgramService.Run);
        server.Register(FrameKind.Probe, ProgramService.Probe);
        // Only where the whole machine is ours.
        if (Environment.ProcessId == 1) server.Register(FrameKind.Swap, Boot.ModuleSwapper.Apply);
    }

    private static string Build() =>
        typeof(Serving).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
