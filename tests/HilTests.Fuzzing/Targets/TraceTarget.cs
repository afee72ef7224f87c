using System.Text;
using HilTests.Core.Judging;
using HilTests.Core.Kernel;
using HilTests.Core.Traces;
using HilTests.Core.Values;
using HilTests.Models;

namespace HilTests.Fuzzing.Targets;

/// <summary>A trace as an archive has it: read, printed, read again, judged.</summary>
internal sealed class TraceTarget : FuzzTarget
{
    public override string Name => "trace";

    public override int Share => 40;

    public override IReadOnlyList<byte[]> Corpus { get; } = SeedCorpus.Bytes(SeedCorpus.Traces);

    public override IReadOnlyList<string> Words => SeedCorpus.Words;

    public override void Feed(byte[] message)
    {
        Trace trace;
        try
        {
            trace = TraceText.Parse(Encoding.UTF8.GetString(message));
        }
        catch (TextFormatException)
        {
            return;
        }
        if (!TraceText.Parse(TraceText.Print(trace)).Equals(trace)) throw new FuzzException("the trace does not read back equal");
        if (trace.End == TraceEnd.AgentFailed) return;
        try
        {
            _ = Judge.Decide(trace, ModelRegistry.Get(trace.Program.Device).Model).RuleUses;
        }
        catch (ProfileException)
        {
            // A fact is missing or cannot be: said so.
        }
    }
}
