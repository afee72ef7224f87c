using System.Text;
using HilTests.Cli.Running;
using HilTests.Core.Kernel;
using HilTests.Lab.Machines;
using HilTests.Models;

namespace HilTests.Fuzzing.Targets;

/// <summary>The reply to a program that was sent: a verdict, or a clean failure of our own side; the model never fails.</summary>
internal sealed class ReplyTarget : FuzzTarget
{
    private static readonly PlannedProgram[] Planned =
        [.. SeedCorpus.Traces.Select(SeedCorpus.ProgramOf).Select(p => new PlannedProgram(p, ModelRegistry.Get(p.Device).Model))];

    public override string Name => "reply";

    public override int Share => 40;

    public override IReadOnlyList<byte[]> Corpus { get; } = SeedCorpus.Bytes(SeedCorpus.Traces);

    public override IReadOnlyList<string> Words => SeedCorpus.Words;

    public override void Feed(byte[] message)
    {
        var text = Encoding.UTF8.GetString(message);
        var planned = Planned.FirstOrDefault(p => text.Contains($"\nname {p.Program.Name}\n", StringComparison.Ordinal)) ?? Planned[message.Length % Planned.Length];
        AgentOutcome outcome = (message.Length % 5) switch
        {
            0 => new AgentOutcome.MachineLost(new MachineLoss(MachineLossKind.Panic, "a panic")),
            1 => new AgentOutcome.MachineLost(new MachineLoss(MachineLossKind.ChannelBroken, "no frame")),
            _ => new AgentOutcome.Completed(),
        };
        var read = ReplyReader.Read(planned, new AgentReply(text, outcome), KernelProfile.Of(), strict: message.Length % 2 == 0);
        if (read.Infrastructure is { } failure && failure.StartsWith("the model failed", StringComparison.Ordinal)) throw new FuzzException(failure);
        if (read.Infrastructure is { Length: > 100_000 } endless) throw new FuzzException($"a complaint of {endless.Length} characters");
        if (read.Result.Judgement is null && read.Infrastructure is null) throw new FuzzException("neither judged nor said why not");
    }
}
