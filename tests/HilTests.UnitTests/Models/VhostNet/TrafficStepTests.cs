using HilTests.Core.Devices.VhostNet.Traffic;
using HilTests.Core.Judging;
using HilTests.Core.Programs;
using HilTests.Models.VhostNet;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>What the model says of sustained traffic.</summary>
public sealed class TrafficStepTests
{
    private static readonly VhostNetModel Model = new();

    public static IEnumerable<Program> Programs => VhostNetSuite.Instance.HandWritten.Where(p => p.Steps.Any(s => s is RunTraffic));

    [TestCaseSource(nameof(Programs))]
    public void Every_lie_about_a_judged_number_is_found_out(Program program)
    {
        var trace = FakeVhost.Run(program);
        var step = program.Steps.IndexOf(program.Steps.First(s => s is RunTraffic));
        var lies = TraceCorruption.Of(trace).Where(l => l.Step == step && !l.Path.Contains("-measured") && !l.Path.EndsWith(".signals") && !IsOwnField(l.Path)).ToList();
        Assert.That(lies, Has.Count.GreaterThan(20));
        Assert.That(lies.Where(l => Judge.Decide(l.Trace, Model).Verdict is Verdict.Conforms).Select(l => l.Label), Is.Empty);
    }

    [TestCaseSource(nameof(Programs))]
    public void What_is_measured_is_never_judged(Program program)
    {
        var judgement = Judge.Decide(FakeVhost.Run(program), Model);
        Assert.That(judgement.Steps.SelectMany(s => s.Claims).Where(c => c.Field.Contains("measured")).Select(c => c.Field), Is.Empty);
    }

    [TestCase("tx={frames=5 from=60 to=70 window=4 buffers=1100 bytes=128 at=0x80000}", "1100 buffers need more")]
    [TestCase("tx={frames=5 from=60 to=70 window=4 buffers=4 bytes=64 at=0x80000}", "does not fit")]
    [TestCase("tx={frames=5 from=70 to=60 window=4 buffers=4 bytes=128 at=0x80000}", "longer than the longest")]
    [TestCase("tx={frames=5 from=60 to=70 window=4 buffers=64 bytes=65536 at=0x80000}", "outside the arena")]
    [TestCase("merge=yes rx={frames=5 from=60 to=70 window=4 buffers=4 bytes=128 at=0x80000}", "other features")]
    public void What_no_driver_could_do_is_not_judged(string lanes, string why)
    {
        var good = Programs.First(p => p.Name == "traffic-both-flags");
        var text = ProgramText.PrintStep("vhost-net", good.Steps.First(s => s is RunTraffic));
        var line = $"{text[..text.IndexOf(" tx=", StringComparison.Ordinal)]} {lanes}";
        var bad = ProgramText.Parse(ProgramText.Print(good).Replace(text, line));
        var trace = FakeVhost.Run(good) with { Program = bad };
        trace = trace with { Entries = [.. trace.Entries.Select((e, i) => e with { Step = bad.Steps[i] })] };
        var verdict = Judge.Decide(trace, Model).Verdict;
        Assert.That(verdict, Is.TypeOf<Verdict.Inconclusive>());
        Assert.That(((Verdict.Inconclusive)verdict).Why, Does.Contain(why));
    }

    private static bool IsOwnField(string path) => path.EndsWith(".flags") || path.EndsWith(".avail-event");
}
