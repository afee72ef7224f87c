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
        if (args is ["run", var file])
            return ProgramFile.Run(file);
        Console.Error.WriteLine("hil-agent: runs as the first process of a machine, with --stdio as the child of a test host, or by hand: hil-agent run FILE");
        return 2;
    }
}
