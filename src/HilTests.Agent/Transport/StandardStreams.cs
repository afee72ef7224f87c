using HilTests.Core.Channel;
using HilTests.Uapi;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.Transport;

/// <summary>Frames on file descriptors 0 and 1, for an agent that is a child of the test host.</summary>
internal static class StandardStreams
{
    /// <returns>0 after a clean end, 1 when the stream held something that is no frame.</returns>
    public static int Serve()
    {
        LeaveTheMachinesOwn();
        using var input = Console.OpenStandardInput();
        using var output = Console.OpenStandardOutput();
        // Nothing but frames may reach descriptor 1.
        Console.SetOut(Console.Error);
        using var server = new AgentServer(input, output);
        Serving.RegisterHandlers(server);
        try
        {
            server.Serve(Serving.HelloLine);
            return 0;
        }
        catch (ChannelException e)
        {
            Console.Error.WriteLine($"hil-agent: fatal: {e.Message}");
            return 1;
        }
    }

    /// <summary>
    /// Interfaces and mounts of the programs go into namespaces of their own, so that nothing of them is left when
    /// this process ends, however it ends. Without the right to that, the calls of a program will say what is missing.
    /// </summary>
    private static unsafe void LeaveTheMachinesOwn()
    {
        var result = Sys.Check(libc.unshare(sched_h.CLONE_NEWNET | sched_h.CLONE_NEWNS), "unshare");
        if (!result.Ok)
        {
            Console.Error.WriteLine($"hil-agent: no namespaces of its own ({result.Error}); run as root to drive devices");
            return;
        }
        // Or mounts would still be passed on to the machine's own namespace.
        Sys.Check(libc.mount("none", "/", "", mount_h.MS_REC | mount_h.MS_PRIVATE, null), "mount").OrThrow("keep mounts private");
    }
}
