using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Judging;
using HilTests.Core.Kernel;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Core.Values;
using HilTests.UnitTests.Predictions;

namespace HilTests.UnitTests.Judging;

public sealed class JudgeTests
{
    private static readonly ToyModel Toy = new();

    [Test]
    public void A_trace_that_fits_conforms()
    {
        var judgement = Judge.Decide(Trace((new Kick(Ring.Rx), ""), (new Settle(), "count=1 even=0")), Toy);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(judgement.Verdict, Is.TypeOf<Verdict.Conforms>());
            Assert.That(judgement.Steps, Has.Length.EqualTo(2));
            Assert.That((judgement.Claims, judgement.ExactClaims), Is.EqualTo((2, 1)));
            Assert.That(judgement.RuleUses, Is.EquivalentTo(new Dictionary<string, int> { ["toy.count"] = 1, ["toy.polite"] = 1 }));
            Assert.That(judgement.Remarks, Is.Empty);
        }
    }

    [Test]
    public void The_first_discrepancy_ends_the_judgement()
    {
        var trace = Trace((new Kick(Ring.Rx), ""), (new Settle(), "count=2 even=0"), (new Settle(), "count=3 even=0"));
        var judgement = Judge.Decide(trace, Toy);
        var wrong = ((Verdict.Diverges)judgement.Verdict).Discrepancy;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(wrong, Is.EqualTo(new Discrepancy(2, "settle", "count", "0 or 1", "2", ToyModel.Count)));
            Assert.That(wrong.ToString(), Is.EqualTo("step 2 (settle): count was 2, allowed 0 or 1; rule toy.count (here)"));
            Assert.That(judgement.Steps, Has.Length.EqualTo(2));
        }
    }

    [Test]
    public void A_failed_SHOULD_is_a_remark_and_never_diverges()
    {
        var judgement = Judge.Decide(Trace((new Settle(), "count=0 even=1")), Toy);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(judgement.Verdict, Is.TypeOf<Verdict.Conforms>());
            Assert.That(judgement.Remarks.Single().Known, Is.Null);
            Assert.That(judgement.Remarks.Single().Discrepancy.Rule, Is.EqualTo(ToyModel.Polite));
        }
    }

    [TestCase("6.1.0", false, "conforms")]
    [TestCase("6.1.0", true, "diverges")]
    [TestCase("6.14.0", false, "diverges")]
    public void A_known_bug_is_a_remark_unless_strict(string release, bool strict, string verdict)
    {
        var trace = Trace((new GetFeatures(), "features=0")) with { Profile = KernelProfile.Of(("release", Value.Text(release))) };
        var judgement = Judge.Decide(trace, Toy, strict: strict);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(judgement.Verdict.Word, Is.EqualTo(verdict));
            Assert.That(judgement.Remarks.Select(r => r.Known?.FirstFixed), Is.EqualTo(verdict == "conforms" ? [new Version(6, 14)] : Array.Empty<Version?>()));
        }
    }

    [Test]
    public void A_step_that_cannot_be_judged_is_inconclusive()
    {
        var judgement = Judge.Decide(Trace((new Kick(Ring.Rx), ""), (new Close(), "")), Toy);
        Assert.That(judgement.Verdict, Is.EqualTo(new Verdict.Inconclusive("step 2: the toy cannot be closed")));
    }

    [TestCase("", "inconclusive")]
    [TestCase("count=5 even=0", "diverges")]
    public void A_cut_trace_is_inconclusive_unless_it_diverges_before(string fields, string word)
    {
        var whole = Trace((new Kick(Ring.Rx), ""), (new Settle(), fields), (new Settle(), ""));
        var entries = fields.Length == 0 ? whole.Entries[..1] : whole.Entries[..2];
        var verdict = Judge.Decide(whole with { End = TraceEnd.Cut, Entries = entries }, Toy).Verdict;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(verdict.Word, Is.EqualTo(word));
            if (verdict is Verdict.Inconclusive cut) Assert.That(cut.Why, Is.EqualTo("the trace ends after step 1 of 3"));
        }
    }

    [Test]
    public void A_hung_step_is_named_with_where_it_hangs()
    {
        var trace = Trace((new Kick(Ring.Rx), ""), (new Settle(), ""));
        var hung = trace with { End = TraceEnd.Hung, EndLines = ["a", "b"], Entries = [trace.Entries[0], trace.Entries[1] with { Observation = null }] };
        Assert.That(Judge.Decide(hung, Toy).Verdict, Is.EqualTo(new Verdict.Hung(2, "a < b")));
    }

    [Test]
    public void A_crash_is_named_with_the_step_that_was_running()
    {
        var trace = Trace((new Kick(Ring.Rx), ""), (new Settle(), ""));
        var cut = trace with { End = TraceEnd.Cut, Entries = [trace.Entries[0], trace.Entries[1] with { Observation = null }] };
        Assert.That(Judge.Decide(cut.CrashedBy("BUG: here", "decoded"), Toy).Verdict, Is.EqualTo(new Verdict.Crashed("BUG: here", 2)));
    }

    [Test]
    public void A_divergence_before_the_crash_is_what_counts()
    {
        var trace = Trace((new Settle(), "count=5 even=0")) with { End = TraceEnd.Cut };
        Assert.That(Judge.Decide(trace.CrashedBy("BUG: here"), Toy).Verdict, Is.TypeOf<Verdict.Diverges>());
    }

    [Test]
    public void An_agent_that_failed_is_no_verdict() =>
        Assert.That(
            () => Judge.Decide(Trace() with { End = TraceEnd.AgentFailed, EndLines = ["no module"] }, Toy),
            Throws.ArgumentException.With.Message.Contains("no module"));

    [Test]
    public void A_trace_of_another_device_is_refused()
    {
        var trace = Trace();
        Assert.That(
            () => Judge.Decide(trace with { Program = trace.Program with { Device = "f2fs" } }, Toy),
            Throws.ArgumentException.With.Message.Contains("f2fs trace cannot be judged by the vhost-net model"));
    }

    private static Trace Trace(params (Step Step, string Fields)[] steps) => new()
    {
        Program = new Program { Name = "toy", Device = "vhost-net", Steps = [.. steps.Select(s => s.Step)] },
        Profile = KernelProfile.Of(("release", Value.Text("6.1.0"))),
        Entries = [.. steps.Select(s => new TraceEntry(s.Step, new Observation { Fields = [.. ValueText.ParseFields(s.Fields)] }))],
        End = TraceEnd.Complete,
    };
}
