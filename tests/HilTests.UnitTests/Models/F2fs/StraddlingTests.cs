using HilTests.Core.Judging;
using HilTests.Core.Traces;
using HilTests.Models.F2fs;

namespace HilTests.UnitTests.Models.F2fs;

/// <summary>A bio that is accounted while a record is made, and probes that the kernel missed.</summary>
public sealed class StraddlingTests
{
    private const string PutLine = "| <idle>-0 [001] d.h1. 23: bio_put: (place) bio=0xa1 jiffies=1015\n";
    private const string EndLine = "| <idle>-0 [001] d.h1. 22: bio_end: (place) bio=0xa1 jiffies=1015\n";
    private const string RequestLine = "| <idle>-0 [001] d.h1. 21: block_rq_complete: 7,0 WS 4096 () 800 + 8 [0]\n";

    [TestCase("wr_sync_data [20/20/1]", true)]
    [TestCase("wr_sync_data [80/80/1]", true)]
    [TestCase("wr_sync_data [0/0/0]", true)]
    [TestCase("wr_sync_data [20/20/2]", false)]
    public void Beside_a_record_it_may_be_in_it_or_not(string record, bool conforms)
    {
        var moved = Without(GoodTraces.Records, PutLine)
            .Replace("| agent-1 [000] ..... 34:", PutLine.Replace("jiffies=1015", "jiffies=1030") + "| agent-1 [000] ..... 34:")
            .Replace("wr_sync_data [20/20/1]", record);

        Assert.That(moved, Does.Contain("bio=0xa1 jiffies=1030"));
        Assert.That(VerdictOf(moved), conforms ? Is.EqualTo("conforms") : Is.EqualTo("diverges"));
    }

    [Test]
    public void Counted_in_both_records_it_breaks_the_total()
    {
        var beside = Without(GoodTraces.Records, PutLine).Replace("| agent-1 [000] ..... 34:", PutLine.Replace("jiffies=1015", "jiffies=1030") + "| agent-1 [000] ..... 34:");
        var third = Third(beside, "wr_sync_data [80/80/1]");

        var wrong = (Judge.Decide(TraceText.Parse(third), new F2fsModel()).Verdict as Verdict.Diverges)?.Discrepancy;

        Assert.That(wrong?.Rule.Id, Is.EqualTo("f2fs.latency.total"), wrong?.ToString());
        Assert.That(VerdictOf(Third(beside, "wr_sync_data [0/0/0]")), Is.EqualTo("conforms"));
    }

    [TestCase(PutLine)]
    [TestCase(EndLine)]
    [TestCase(EndLine + PutLine)]
    public void A_missed_probe_does_not_make_a_false_alarm(string missed)
    {
        // The processor that served the interrupt is seen again outside of it.
        var text = Without(GoodTraces.Records, missed).Replace("| agent-1 [000] ..... 24: tick", "| other-7 [001] ..... 24: tick");

        Assert.That(VerdictOf(text), Is.EqualTo("conforms"));
    }

    [Test]
    public void A_missed_probe_does_not_hide_a_wrong_count()
    {
        var text = Without(GoodTraces.Records, EndLine + PutLine).Replace("| agent-1 [000] ..... 24: tick", "| other-7 [001] ..... 24: tick");

        Assert.That(VerdictOf(text.Replace("wr_sync_data [20/20/1]", "wr_sync_data [20/20/2]")), Is.EqualTo("diverges"));
        Assert.That(text, Does.Contain(RequestLine));
    }

    [TestCase("wr_sync_data [20/20/1]", true)]
    [TestCase("wr_sync_data [44/44/1]", true)]
    [TestCase("wr_sync_data [48/48/1]", false)]
    [TestCase("wr_sync_data [20/20/2]", false)]
    [TestCase("wr_sync_data [0/0/0]", false)]
    public void What_a_thread_finishes_is_accounted_by_the_thread(string record, bool conforms)
    {
        var tick = Line(GoodTraces.Records, "..... 24: tick");
        var text = Without(GoodTraces.Records, PutLine)
            .Replace(tick, tick.Replace("agent-1 [000]", "other-7 [001]") + "| kworker-9 [000] ..... 24: bio_put: (place) bio=0xa1 jiffies=1019\n")
            .Replace("wr_sync_data [20/20/1]", record);

        Assert.That(VerdictOf(text), conforms ? Is.EqualTo("conforms") : Is.EqualTo("diverges"));
    }

    [TestCase("wr_sync_data [20/20/1]", true)]
    [TestCase("wr_sync_data [44/44/1]", true)]
    [TestCase("wr_sync_data [48/48/1]", false)]
    [TestCase("wr_sync_data [0/0/0]", false)]
    public void So_is_what_another_thread_completed(string record, bool conforms)
    {
        const string Interrupt = "| <idle>-0 [001] d.h1. ", Thread = "| agent-1 [001] ..... ";
        var tick = Line(GoodTraces.Records, "..... 24: tick");
        var text = Without(GoodTraces.Records, PutLine).Replace(EndLine, EndLine.Replace(Interrupt, Thread)).Replace(RequestLine, RequestLine.Replace(Interrupt, Thread))
            .Replace(tick, tick + "| kworker-9 [000] ..... 24: bio_put: (place) bio=0xa1 jiffies=1019\n")
            .Replace("wr_sync_data [20/20/1]", record);

        Assert.That(text, Does.Contain(EndLine.Replace(Interrupt, Thread)));
        Assert.That(VerdictOf(text), conforms ? Is.EqualTo("conforms") : Is.EqualTo("diverges"));
    }

    /// <summary>With a third record, made by the write's own update; the second one is then an earlier update's.</summary>
    private static string Third(string text, string record)
    {
        var second = Line(text, "..... 31:");
        return text.Replace(second, second.Replace("buffered=5000", "buffered=0")).Replace(
            "| agent-1 [000] ..... 34:",
            "| agent-1 [000] ..... 34: update: (place) jiffies=1060\n"
            + second.Replace("data=4096", "data=0")
            + "| agent-1 [000] ..... 34: at_record: (place) jiffies=1060\n"
            + Line(text, "..... 33:").Replace("wr_sync_data [20/20/1]", record)
            + "| agent-1 [000] ..... 34:");
    }

    private static string Line(string text, string mark) => text.Split('\n').Single(l => l.Contains(mark)) + "\n";

    private static string Without(string text, string lines)
    {
        Assert.That(text, Does.Contain(lines));
        return text.Replace(lines, "");
    }

    private static string VerdictOf(string text) => Judge.Decide(TraceText.Parse(text), new F2fsModel()).Verdict.Word;
}
