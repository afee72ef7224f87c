using System.Text;
using HilTests.Lab;
using HilTests.Lab.Machines;

namespace HilTests.Fuzzing.Targets;

/// <summary>The agent's first frame.</summary>
internal sealed class HelloTarget : FuzzTarget
{
    public override string Name => "hello";

    public override int Share => 80;

    public override IReadOnlyList<byte[]> Corpus { get; } = SeedCorpus.Bytes(Conversations.Hellos);

    public override IReadOnlyList<string> Words { get; } = ["hil-agent", "build=", "protocol=", "module-failed "];

    public override void Feed(byte[] message)
    {
        var hello = Encoding.UTF8.GetString(message);
        try
        {
            if (AgentHello.Build(hello).Length > 300) throw new FuzzException("the build's hash is too long");
        }
        catch (InfrastructureException e) when (e.Message.Length < 500)
        {
            // Refused, in few words.
        }
        if (AgentHello.FailedModules(hello).Sum(m => m.Length) > 100_000) throw new FuzzException("too much is said of modules");
    }
}
