using HilTests.Cli.Running;
using HilTests.Core.Judging;
using HilTests.Core.Kernel;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Core.Values;
using HilTests.Lab.Machines;

namespace HilTests.UnitTests.Cli;

/// <summary>What is a verdict about the kernel and what is our own fault.</summary>
[TestFixture]
public sealed class ReplyReaderTests
{
    private const string Head = "hil-trace 1\nname p\ndevice vhost-net\nprofile release=\"6.1.0\"\n";
    private static readonly KernelProfile Profile = KernelProfile.Of(("release", Value.Text("6.1.0")));
    private static readonly PlannedProgram Planned = new(ProgramText.Parse("hil-program 1\nname p\ndevice vhost-net\nopen\nset-owner\n"), new OpenWorks());

    [Test]
    public void A_whole_trace_is_judged()
    {
        var read = Read(Head + "1: open\n= @1+1 errno=0\n2: set-owner\n= @2+1 errno=0\nend complete\n", new AgentOutcome.Completed());
        Assert.That((read.Infrastructure, read.IsMachineSpent, read.Result.Judgement!.Verdict), Is.EqualTo(((string?)null, false, new Verdict.Conforms())));
    }

    [Test]
    public void A_wrong_errno_diverges_at_its_step()
    {
        var read = Read(Head + "1: open\n= @1+1 errno=EPERM\n2: set-owner\n= @2+1 errno=0\nend complete\n", new AgentOutcome.Completed());
        Assert.That((read.Result.Judgement!.Verdict as Verdict.Diverges)?.Discrepancy, Has.Property("Step").EqualTo(1).And.Property("Observed").EqualTo("EPERM"));
    }

    [TestCase(MachineLossKind.Panic, false), TestCase(MachineLossKind.Watchdog, true), TestCase(MachineLossKind.Stalled, true)]
    public void A_kernel_that_died_is_a_crash_at_the_step_that_ran(MachineLossKind kind, bool isSecondTime)
    {
        var read = ReplyReader.Read(Planned, new AgentReply(Head + "1: open\n= @1+1 errno=0\n2: set-owner\n", Lost(kind)), Profile, strict: false, isSecondTime);
        Assert.That((read.Infrastructure, read.IsMachineSpent, read.Result.Judgement!.Verdict), Is.EqualTo(((string?)null, true, new Verdict.Crashed("why", 2))));
    }

    [Test]
    public void A_crash_is_in_the_trace_and_judging_that_again_gives_it_again()
    {
        var read = Read(Head + "1: open\n= @1+1 errno=0\n2: set-owner\n", Lost(MachineLossKind.Panic));
        var archived = TraceText.Parse(TraceText.Print(read.Result.Trace!));
        Assert.That(Judge.Decide(archived, Planned.Model).Verdict, Is.EqualTo(read.Result.Judgement!.Verdict));
        Assert.That(TraceText.Print(archived), Does.EndWith("end crashed\n| why\n"));
    }

    [Test]
    public void A_kernel_that_died_before_the_first_line_is_a_crash_too() =>
        Assert.That(Read("", Lost(MachineLossKind.Panic)).Result.Judgement!.Verdict, Is.EqualTo(new Verdict.Crashed("why", 1)));

    [Test]
    public void A_warning_of_the_kernel_is_a_crash_that_the_kernel_lived_through()
    {
        var read = Read(Head + "1: open\n= @1+1 errno=0\n2: set-owner\n= @2+1 errno=0\nend complete\n", new AgentOutcome.Completed());
        var warned = ReplyReader.WithComplaints(Planned, read.Result, ["[ 1.000000] WARNING: CPU: 0 PID: 1 at net/a.c:1 handle_tx+0x1/0x2 [vhost_net]"], strict: false);
        var silent = ReplyReader.WithComplaints(Planned, read.Result, ["[ 1.000000] tun: a line of noise"], strict: false);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(warned.Judgement!.Verdict, Is.EqualTo(new Verdict.Crashed("WARNING in handle_tx", 3)));
            Assert.That(warned.Trace!.EndLines, Has.Some.Contains("went on"));
            Assert.That(warned.Complaints, Is.EqualTo(["WARNING in handle_tx"]));
            Assert.That(silent, Is.SameAs(read.Result));
        }
    }

    [Test]
    public void A_warning_does_not_hide_a_divergence()
    {
        var read = Read(Head + "1: open\n= @1+1 errno=EPERM\n2: set-owner\n= @2+1 errno=0\nend complete\n", new AgentOutcome.Completed());
        var warned = ReplyReader.WithComplaints(Planned, read.Result, ["WARNING: CPU: 0 PID: 1 at net/a.c:1 handle_tx+0x1/0x2 [vhost_net]"], strict: false);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(warned.Judgement!.Verdict, Is.TypeOf<Verdict.Diverges>());
            Assert.That(warned.Complaints, Is.EqualTo(["WARNING in handle_tx"]));
        }
    }

    [TestCase(MachineLossKind.Watchdog), TestCase(MachineLossKind.Stalled), TestCase(MachineLossKind.OutOfMemory), TestCase(MachineLossKind.QemuStopped)]
    [TestCase(MachineLossKind.QemuDied), TestCase(MachineLossKind.AgentGone), TestCase(MachineLossKind.ChannelSilent), TestCase(MachineLossKind.ChannelBroken)]
    public void A_machine_lost_otherwise_is_no_verdict(MachineLossKind kind)
    {
        var read = Read(Head + "1: open\n= @1+1 errno=EPERM\n2: set-owner\n", Lost(kind));
        Assert.That((read.IsMachineSpent, read.Result.Judgement), Is.EqualTo((true, (Judgement?)null)));
        Assert.That(read.Infrastructure, Does.Contain("why").And.Contain("step 2").And.Contain(kind.ToString()));
    }

    [Test]
    public void An_agent_that_cannot_is_no_verdict()
    {
        var refused = Read("", new AgentOutcome.AgentError("unknown step"));
        var failed = Read(Head + "1: open\nend agent-failed\n| no tap\n", new AgentOutcome.Completed());
        Assert.That(refused.Infrastructure, Does.Contain("unknown step"));
        Assert.That(failed.Infrastructure, Does.Contain("no tap"));
        Assert.That((refused.Result.Judgement, failed.Result.Judgement, refused.IsMachineSpent, failed.IsMachineSpent), Is.EqualTo(((Judgement?)null, (Judgement?)null, false, false)));
    }

    [Test]
    public void A_trace_that_cannot_be_read_is_no_verdict() =>
        Assert.That(Read(Head + "1: open\nnonsense\n", new AgentOutcome.Completed()).Infrastructure, Does.Contain("line 6").And.Contain("nonsense"));

    [Test]
    public void A_hang_is_a_verdict_and_spends_the_machine()
    {
        var read = Read(Head + "1: open\n= @1+1 errno=0\n2: set-owner\nend hung\n| vhost_dev_set_owner\n", new AgentOutcome.Completed());
        Assert.That((read.IsMachineSpent, read.Result.Judgement!.Verdict), Is.EqualTo((true, new Verdict.Hung(2, "vhost_dev_set_owner"))));
    }

    private static ReadReply Read(string trace, AgentOutcome outcome) => ReplyReader.Read(Planned, new AgentReply(trace, outcome), Profile, strict: false);

    private static AgentOutcome.MachineLost Lost(MachineLossKind kind) => new(new MachineLoss(kind, "why"));

    /// <summary>Every call works.</summary>
    private sealed class OpenWorks : StateModel<int>
    {
        public override string Device => "vhost-net";

        public override IReadOnlyList<Rule> Rules { get; } = [new Rule("test.works", "this test", "Every call works.")];

        protected override int Initial(KernelProfile profile, Program program) => 0;

        protected override IEnumerable<Branch<int>> Predict(int state, Step step, DeclaredInputs inputs) =>
            [new Branch<int>([new Claim("errno", Allowed.Exactly(0), Rules[0])], _ => 0)];
    }
}
