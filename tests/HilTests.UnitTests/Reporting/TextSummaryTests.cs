using HilTests.Core.Results;
using HilTests.Reporting;

namespace HilTests.UnitTests.Reporting;

public sealed class TextSummaryTests
{
    private static string Text(RunResult run, bool verbose = false, bool colour = false)
    {
        var writer = new StringWriter();
        TextSummary.Write(run, writer, new SummaryOptions { Verbose = verbose, Colour = colour });
        return writer.ToString();
    }

    [Test]
    public void The_verdict_stands_first() => Assert.That(Text(SampleRun.Make()), Does.StartWith("crashed: "));

    [Test]
    public void A_finding_has_step_difference_rule_and_replay_command()
    {
        var text = Text(SampleRun.Of([SampleRun.Diverging("tx-reorder")]));
        Assert.That(text, Does.Contain("vhost.tx.used-order  vhost-net tx-reorder, step 6: settle\n"));
        Assert.That(text, Does.Contain("    used[0].id was 7, allowed 4\n").And.Contain("seen 3 of 3 times"));
        Assert.That(text, Does.Contain("    hil replay results/2026-01-31-123005/programs/tx-reorder.hil\n"));
    }

    [Test]
    public void The_same_difference_in_many_programs_is_told_once()
    {
        var text = Text(SampleRun.Of([.. Enumerable.Range(1, 7).Select(i => SampleRun.Diverging($"tx-{i}"))]));
        Assert.That(text.Split("used[0].id was 7").Length - 1, Is.EqualTo(1));
        Assert.That(text, Does.Contain("also in tx-2, tx-3, tx-4, tx-5 and 2 more"));
    }

    [Test]
    public void Known_bugs_are_labelled_and_should_findings_counted()
    {
        var text = Text(SampleRun.Of([SampleRun.Remarked("ring")]));
        Assert.That(text, Does.StartWith("conforms: kernel and model agree, known bugs of this kernel aside\n"));
        Assert.That(text, Does.Contain("known bug     vhost.vring.num in ring: fixed in 6.5 by 0123456789ab"));
        Assert.That(text, Does.Contain("should        1 finding of 1 SHOULD rule"));
    }

    [Test]
    public void Coverage_is_shown_and_never_used_rules_only_when_asked()
    {
        var run = SampleRun.Of([SampleRun.Conforming("a")]);
        Assert.That(Text(run), Does.Contain("rules         2 of 7 used").And.Contain("4, 75.0% with exactly one admissible value"));
        Assert.That(Text(run), Does.Not.Contain("never used"));
        Assert.That(Text(run, verbose: true), Does.Contain("never used: f2fs.fitrim.bytes"));
    }

    [Test]
    public void Programs_that_were_not_run_are_listed_when_asked() =>
        Assert.That(Text(SampleRun.Make(), verbose: true), Does.Contain("not run       vhost-net after-the-crash: never run: the run ended when rx-peek crashed the kernel"));

    [Test]
    public void The_way_to_the_report_is_shown() =>
        Assert.That(Text(SampleRun.Make()), Does.Contain("report        results/2026-01-31-123005/report.html"));

    [Test]
    public void Without_colour_no_escape_sequence_is_written_and_none_of_a_console_gets_through()
    {
        var run = SampleRun.Make();
        run = run with { Infrastructure = SampleRun.Hostile };
        Assert.That(Text(run, verbose: true), Does.Not.Contain("\u001b").And.Not.Contain("\0"));
        Assert.That(Text(run, colour: true), Does.Contain("\u001b[31mcrashed\u001b[0m"));
    }

    [TestCase(true, false, null, "xterm", ExpectedResult = true)]
    [TestCase(true, false, "", "xterm", ExpectedResult = true)]
    [TestCase(true, false, "1", "xterm", ExpectedResult = false)]
    [TestCase(true, true, null, "xterm", ExpectedResult = false)]
    [TestCase(false, false, null, "xterm", ExpectedResult = false)]
    [TestCase(true, false, null, "dumb", ExpectedResult = false)]
    public bool Colour_is_for_terminals_that_want_it(bool terminal, bool option, string? noColor, string term) =>
        Palette.Wanted(terminal, option, name => name == "NO_COLOR" ? noColor : name == "TERM" ? term : null);
}
