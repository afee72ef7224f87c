using HilTests.Core.Judging;
using HilTests.Core.Kernel;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Results;
using HilTests.Reporting;

namespace HilTests.UnitTests.Results;

/// <summary>What the sides of a triage have to do with each other, and what the verdict makes of it.</summary>
public sealed class ComparisonTests
{
    private static readonly Rule One = new("rule.one", "here", "The first.");
    private static readonly Rule Two = new("rule.two", "here", "The second.");
    private static readonly Program Program = ProgramText.Parse("hil-program 1\nname p\ndevice vhost-net\nopen\n");

    private static Verdict.Diverges Diverges(Rule rule) => new(Wrong(rule));

    private static Discrepancy Wrong(Rule rule) => new(1, "open", "errno", "0", "EPERM", rule);

    private static ProgramResult Side(Verdict verdict, params Remark[] remarks) =>
        new() { Program = Program, Judgement = new Judgement { Verdict = verdict, Steps = [], Remarks = [.. remarks] } };

    private static RunResult Triage(ProgramResult patched, ProgramResult stock) => Triage(patched with { Stock = stock });

    private static RunResult Triage(ProgramResult result) => new()
    {
        Started = DateTimeOffset.UnixEpoch,
        Command = "hil triage x",
        Kernel = new KernelFacts("bookworm", "6.1", null, System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty),
        Machine = new MachineFacts("qemu", "tcg", 2, 512, null),
        Timings = new RunTimings(1, 1, 1, 3),
        Programs = [result],
        Patch = new PatchRecord { Subject = "x", Patches = [("x", null)], Hash = "0" },
    };

    private static string Class(RunResult run) => Finding.Of(run).Single().ClassWord;

    [Test]
    public void What_only_the_patched_side_does_wrong_is_broken()
    {
        var run = Triage(Side(Diverges(One)), Side(new Verdict.Conforms()));
        Assert.That((Class(run), run.Verdict, run.ExitCode), Is.EqualTo(("broken", "diverges", 1)));
        Assert.That(VerdictText.Of(run, RunTotals.Of(run)), Is.EqualTo("the patch breaks rule.one"));
    }

    [Test]
    public void What_both_do_wrong_changes_nothing()
    {
        var run = Triage(Side(Diverges(One)), Side(Diverges(One)));
        Assert.That((Class(run), run.Verdict, run.ExitCode), Is.EqualTo(("both-disagree", "conforms", 0)));
    }

    [Test]
    public void Another_rule_than_stock_s_is_broken() =>
        Assert.That(Finding.Of(Triage(Side(Diverges(Two)), Side(Diverges(One)))).Select(f => (f.ClassWord, f.Rule.Id)), Does.Contain(("broken", "rule.two")));

    [Test]
    public void What_stock_shows_when_it_is_run_again_is_no_fault_of_the_patch()
    {
        var run = Triage(Side(Diverges(One)) with { StockRepeats = (1, 3) }, Side(new Verdict.Conforms()));
        Assert.That((Class(run), run.Verdict), Is.EqualTo(("both-disagree", "conforms")));
    }

    [Test]
    public void What_only_stock_does_wrong_is_fixed()
    {
        var known = new Remark(Wrong(One), new KnownBug("rule.one", "0123", "a bug", new Version(6, 14)));
        var run = Triage(Side(new Verdict.Conforms()), Side(new Verdict.Conforms(), known));
        Assert.That((Class(run), run.Verdict, run.ExitCode), Is.EqualTo(("fixed", "conforms", 0)));
        Assert.That(VerdictText.Of(run, RunTotals.Of(run)), Is.EqualTo("the patch fixes rule.one"));
    }

    [Test]
    public void A_crash_counts_unless_stock_crashes_with_the_same_title()
    {
        var crash = new Verdict.Crashed("BUG: x in y", 1);
        Assert.That(Triage(Side(crash), Side(new Verdict.Conforms())).Verdict, Is.EqualTo("crashed"));
        Assert.That(Triage(Side(crash), Side(crash)).Verdict, Is.EqualTo("conforms"));
    }

    [Test]
    public void A_patch_that_cannot_be_used_is_no_verdict_about_the_kernel()
    {
        var run = Triage(Side(new Verdict.Conforms())) with { Patch = new PatchRecord { Subject = "x", Patches = [], Hash = "", Unusable = "it does not apply" }, Programs = [] };
        Assert.That((run.Verdict, run.ExitCode), Is.EqualTo(("patch-unusable", 3)));
        using var check = new StringWriter();
        ReviewCheck.Write(run, check);
        Assert.That(check.ToString(), Does.StartWith("[{\"tool\":\"hil\",\"status\":\"fail\",\"summary\":\"patch-unusable"));
    }

    [Test]
    public void A_program_of_vhost_net_becomes_C_and_another_says_what_is_missing()
    {
        var finding = Finding.Of(Triage(Side(Diverges(One)), Side(new Verdict.Conforms()))).Single();
        using var text = new StringWriter();
        Assert.That(HilTests.Reporting.Reproducers.CProgram.Write(Program, finding, text), Is.Null);
        Assert.That(text.ToString(), Does.Contain("open(\"/dev/vhost-net\"").And.Contain("allowed").And.Contain("errno = EPERM"));
        var odd = Program with { Steps = ProgramText.Parse("hil-program 1\ndevice vhost-net\nread-log\n").Steps };
        Assert.That(HilTests.Reporting.Reproducers.CProgram.Write(odd, finding, TextWriter.Null), Is.EqualTo("read-log"));
    }
}
