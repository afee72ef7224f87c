using HilTests.Core.Judging;
using HilTests.Core.Traces;
using HilTests.Models.F2fs;

namespace HilTests.UnitTests.Models.F2fs;

/// <summary>Kernels that account direct I/O (7.2), and kernels that keep no latencies (5.10).</summary>
public sealed class OtherKernelsTests
{
    private const string QueueLine = "| agent-1 [000] ..... 20: block_bio_queue: 7,0 WS 800 + 8 [agent]\n";

    [TestCase("wr_sync_data [20/20/1]", true)]
    [TestCase("wr_sync_data [0/0/0]", false)]
    [TestCase("wr_sync_data [20/20/2]", false)]
    [TestCase("wr_sync_data [80/80/1]", false)]
    public void Direct_IO_counts_where_the_kernel_has_the_function_that_accounts_it(string record, bool conforms) =>
        Assert.That(VerdictOf(Direct().Replace("wr_sync_data [20/20/1]", record)), Is.EqualTo(conforms ? "conforms" : "diverges"));

    [Test]
    public void Direct_IO_that_counts_without_it_is_wrong()
    {
        var plain = string.Concat(Direct().Split('\n').Where(l => !l.Contains("dio_write")).Select(l => l + "\n")).TrimEnd('\n') + "\n";

        Assert.That(VerdictOf(plain), Is.EqualTo("diverges"));
        Assert.That(VerdictOf(plain.Replace("wr_sync_data [20/20/1]", "wr_sync_data [0/0/0]")), Is.EqualTo("conforms"));
    }

    [Test]
    public void A_missed_probe_on_a_direct_bio_makes_no_false_alarm()
    {
        var missed = string.Concat(Direct().Split('\n').Where(l => !l.Contains("bio_end: (place) bio=0xa1") && !l.Contains("bio_put: (place) bio=0xa1")).Select(l => l + "\n")).TrimEnd('\n') + "\n";

        Assert.That(VerdictOf(missed.Replace("| agent-1 [000] ..... 24: tick", "| other-7 [001] ..... 24: tick")), Is.EqualTo("conforms"));
    }

    [Test]
    public void Records_without_latencies_are_judged_by_time_and_bytes()
    {
        var old = WithoutLatency();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(VerdictOf(old), Is.EqualTo("conforms"));
            Assert.That(RuleBroken(old.Replace("buffered=5000", "buffered=4999")), Is.EqualTo("f2fs.record.bytes"));
            Assert.That(RuleBroken(old.Replace("at_record: (place) jiffies=1030", "at_record: (place) jiffies=1020")), Is.EqualTo("f2fs.record.period"));
        }
    }

    [Test]
    public void A_kernel_that_takes_no_probe_on_records_is_not_judged_by_them() =>
        Assert.That(VerdictOf(WithoutLatency().Replace("\"f2fs/f2fs_iostat_latency\"", "\"at_record\"")), Is.EqualTo("inconclusive"));

    private static string Direct()
    {
        var lines = GoodTraces.Records.Split('\n').ToList();
        var submit = lines.FindIndex(l => l.Contains("rw = WRITE(S), DATA, sector = 800"));
        lines[submit] = lines[submit][..lines[submit].IndexOf("f2fs_submit", StringComparison.Ordinal)] + "dio_write: (place) jiffies=1008";
        lines.RemoveAt(submit + 1);
        lines.Insert(submit + 2, QueueLine.TrimEnd('\n'));
        var text = string.Join('\n', lines);
        Assert.That(text, Does.Contain("bio=0xa1 jiffies=1010\n" + QueueLine));
        return text;
    }

    private static string WithoutLatency()
    {
        var text = string.Join('\n', GoodTraces.Records.Split('\n').Where(l => !l.Contains("f2fs_iostat_latency: ")))
            .Replace("= @2+1 errno=0", "= @2+1 errno=0 refused=[\"f2fs/f2fs_iostat_latency\"]");
        Assert.That(text, Does.Contain("refused=").And.Not.Contain("latency: dev"));
        return text;
    }

    private static string VerdictOf(string text) => Judge.Decide(TraceText.Parse(text), new F2fsModel()).Verdict.Word;

    private static string? RuleBroken(string text) => (Judge.Decide(TraceText.Parse(text), new F2fsModel()).Verdict as Verdict.Diverges)?.Discrepancy.Rule.Id;
}
