using HilTests.Agent.Boot;
using HilTests.Agent.Transport;

namespace HilTests.Agent;

internal static class EntryPoint
{
    private static int Main(string[] args)
    {
        // As the first process its arguments are whatever the kernel's command line did not explain.
        if (Environment.ProcessId == 1)
            return Init.Run();
        if (args is ["--stdio"])
            return StandardStreams.Serve();
        Console.Error.WriteLine("hil-agent: runs as the first process of a machine, or with --stdio as the child of a test host");
        return 2;
    }
}
