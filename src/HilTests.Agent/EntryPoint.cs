using HilTests.Agent.Boot;
using HilTests.Agent.Local;

namespace HilTests.Agent;

internal static class EntryPoint
{
    private static int Main(string[] args)
    {
        // As the first process its arguments are whatever the kernel's command line did not explain.
        if (Environment.ProcessId == 1)
            return Init.Run();
        if (args is ["--stdio", .. var modules])
            return Keeper.Run(modules);
        if (args is ["--worker", var owner])
            return Worker.Run(owner);
        if (args is ["--sweep"])
            return Keeper.Sweep();
        if (args is ["run", var file])
            return ProgramFile.Run(file);
        Console.Error.WriteLine("hil-agent: runs as the first process of a machine, with --stdio [MODULE…] as the child of a test host, with --sweep to clean up after killed ones, or by hand: hil-agent run FILE");
        return 2;
    }
}
