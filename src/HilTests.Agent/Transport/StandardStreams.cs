using HilTests.Core.Channel;

namespace HilTests.Agent.Transport;

/// <summary>Frames on file descriptors 0 and 1, for an agent that is a child of the test host.</summary>
internal static class StandardStreams
{
    /// <returns>0 after a clean end, 1 when the stream held something that is no frame.</returns>
    public static int Serve()
    {
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
}
