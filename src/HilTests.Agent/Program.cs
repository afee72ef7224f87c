using System.Reflection;
using HilTests.Agent.Boot;
using HilTests.Agent.Transport;
using HilTests.Core.Channel;

if (Environment.ProcessId == 1)
    return Init.Run();
if (args is ["--stdio"])
    return StandardStreams.Serve();
Console.Error.WriteLine("hil-agent: runs as the first process of a machine, or with --stdio as the child of a test host");
return 2;

namespace HilTests.Agent
{
    /// <summary>What both modes of the agent share: who it is and what it serves.</summary>
    internal static class Serving
    {
        /// <summary>The first line of the Hello frame.</summary>
        public static string HelloLine { get; } =
            $"hil-agent protocol={Frame.ProtocolVersion} build={Build()} pid={Environment.ProcessId}";

        /// <summary>Registers every handler there is. A new kind of request is one line here.</summary>
        public static void RegisterHandlers(AgentServer server)
        {
            server.Register(FrameKind.Setup, MachineSetup.Apply);
        }

        private static string Build() =>
            typeof(Serving).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
    }
}
