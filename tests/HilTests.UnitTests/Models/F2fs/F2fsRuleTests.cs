using HilTests.Core.Judging;
using HilTests.Core.Traces;
using HilTests.Models.F2fs;

namespace HilTests.UnitTests.Models.F2fs;

/// <summary>Each rule is seen to fire: a good trace conforms, and broken in one place it diverges there, by that rule.</summary>
public sealed class F2fsRuleTests
{
    private static readonly F2fsModel Model = new();

    /// <summary>Rule, step, which trace, what to replace and by what.</summary>
    private static readonly (string Rule, int Step, string Trace, string Old, string New)[] Breaks =
    [
        ("f2fs.setup", 2, "steps", "2: mkfs\n= @1+1 errno=0", "2: mkfs\n= @1+1 errno=EIO"),
        ("f2fs.mount.options", 4, "steps", "= @3+1 errno=EINVAL\n5:", "= @3+1 errno=EIO\n5:"),
        ("f2fs.umount", 5, "steps", "5: umount\n= @3+1 errno=EINVAL", "5: umount\n= @3+1 errno=0"),
        ("f2fs.file.result", 22, "steps", "errno=ENOENT", "errno=0"),
        ("f2fs.file.written", 20, "steps", "written=3", "written=2"),
        ("f2fs.data.length", 21, "steps", "21: read file=c\n= @6+1 errno=0 length=4", "21: read file=c\n= @6+1 errno=0 length=5"),
        ("f2fs.data.content", 21, "steps", "21: read file=c\n= @6+1 errno=0 length=4 blocks=[", "21: read file=c\n= @6+1 errno=0 length=4 blocks=[0x0 "),
        ("f2fs.sysfs", 23, "steps", "23: iostat-period ms=99\n= @6+1 errno=EINVAL", "23: iostat-period ms=99\n= @6+1 errno=0"),
        ("f2fs.sysfs.content", 24, "steps", "content=\"3000\"", "content=\"99\""),
        ("f2fs.fitrim.result", 19, "steps", "errno=EPERM", "errno=0"),
        ("f2fs.fitrim.len", 11, "steps", "len=8192 ", "len=12288 "),
        ("f2fs.fitrim.repeat", 18, "steps", "len=0 discard-ios=0 discard-sectors=0", "len=4096 discard-ios=1 discard-sectors=8"),
        ("f2fs.fitrim.freed", 17, "steps", "len=1048576 discard-ios=1 discard-sectors=2048", "len=524288 discard-ios=1 discard-sectors=1024"),
        ("f2fs.discard.issued", 12, "steps", "blklen = 0x2", "blklen = 0x3"),
        ("f2fs.fitrim.minlen", 12, "steps", "blklen = 0x2\n", "blklen = 0x1\n| x-1 [000] ..... 2: f2fs_issue_discard: dev = (7,0), blkstart = 0x2001, blklen = 0x1\n"),
        ("f2fs.fitrim.range", 12, "steps", "blkstart = 0x2000", "blkstart = 0x9000"),
        ("f2fs.discard.holes", 12, "steps", "holes=[{start=8192 length=2}]", "holes=[{start=8192 length=1}]"),
        ("f2fs.iostat.off", 25, "steps", "25: read-iostat-info\n= @6+1 errno=0", "25: read-iostat-info\n= @6+1 errno=0\n| [WRITE]\n| app buffered data: 0"),
        ("f2fs.iostat.app", 28, "steps", "app buffered data: 4\n", "app buffered data: 8\n"),
        ("f2fs.discard.holes", 10, "records", "holes=[{start=101 length=16283}]", "holes=[{start=100 length=16284}]"),
        ("f2fs.record.period", 10, "records", "at_record: (place) jiffies=1030", "at_record: (place) jiffies=1020"),
        ("f2fs.record.period", 10, "records", "100\n= @4", "400\n= @4"),
        ("f2fs.record.off", 10, "records", "6: iostat enable=yes", "6: iostat enable=no"),
        ("f2fs.record.bytes", 10, "records", "buffered=5000", "buffered=5001"),
        ("f2fs.latency.count", 10, "records", "wr_sync_data [20/20/1]", "wr_sync_data [20/20/2]"),
        ("f2fs.latency.count", 10, "records", "wr_async_data [0/0/0], wr_async_node [0/0/0], wr_async_meta [0/0/0]\n| agent-1 [000] ..... 34", "wr_async_data [0/0/1], wr_async_node [0/0/0], wr_async_meta [0/0/0]\n| agent-1 [000] ..... 34"),
        ("f2fs.latency.peak", 10, "records", "wr_sync_data [20/20/1]", "wr_sync_data [32/20/1]"),
        ("f2fs.latency.average", 10, "records", "wr_sync_data [20/20/1]", "wr_sync_data [20/16/1]"),
        ("f2fs.iostat.fs-write", 10, "records", "fs data: 4096", "fs data: 8192"),
        ("f2fs.iostat.fs-read", 10, "records", "[READ]\\n", "[READ]\\nfs node: 4096\\n"),
        ("f2fs.iostat.discard", 10, "records", "fs discard: 0", "fs discard: 4096"),
    ];

    private static string TextOf(string trace) => trace == "steps" ? GoodTraces.Steps : GoodTraces.Records;

    [TestCase("steps")]
    [TestCase("records")]
    public void A_good_trace_conforms(string trace)
    {
        var judgement = Judge.Decide(TraceText.Parse(TextOf(trace)), Model);

        Assert.That(judgement.Verdict, Is.InstanceOf<Verdict.Conforms>(), judgement.Verdict.ToString());
    }

    [TestCaseSource(nameof(Cases))]
    public void A_broken_trace_diverges_by_the_rule_it_breaks(string rule, int step, string trace, string old, string broken)
    {
        Assume.That(TextOf(trace), Does.Contain(old));
        var judgement = Judge.Decide(TraceText.Parse(ReplaceLast(TextOf(trace), old, broken)), Model);

        var wrong = (judgement.Verdict as Verdict.Diverges)?.Discrepancy;
        Assert.That((wrong?.Rule.Id, wrong?.Step), Is.EqualTo((rule, step)), judgement.Verdict.ToString());
    }

    [Test]
    public void Every_rule_is_seen_to_fire()
    {
        // See StraddlingTests, SpaceTests, GranularityTests, ChangeTests, OriginTests and PausedTests.
        string[] elsewhere = ["f2fs.latency.total", "f2fs.fitrim.blocks", "f2fs.discard.unused", "f2fs.discard.done", "f2fs.discard.background", "f2fs.discard.granularity", "f2fs.data.recovered", "f2fs.iostat.origin", "f2fs.checkpoint.paused"];

        Assert.That(Breaks.Select(b => b.Rule).Distinct().Concat(elsewhere), Is.EquivalentTo(F2fsRules.All.Select(r => r.Id)));
    }

    [TestCase("overrun=0", "overrun=7")]
    [TestCase("| agent-1 [000] ..... 2:", "| CPU:1 [LOST 3 EVENTS]\n| agent-1 [000] ..... 2:")]
    public void Lost_events_make_no_verdict(string old, string lost)
    {
        var judgement = Judge.Decide(TraceText.Parse(ReplaceLast(GoodTraces.Records, old, lost)), Model);

        Assert.That(judgement.Verdict, Is.InstanceOf<Verdict.Inconclusive>());
    }

    /// <summary>Records, latencies, updates and discards of disk 7,5 stand between all lines of disk 7,0.</summary>
    [Test]
    public void Another_disks_lines_change_nothing()
    {
        const string Other = "| other-9 [001] ..... 1: ";
        var own = GoodTraces.Records.Replace("overrun=0", "major=7 minor=0 overrun=0");
        string[] foreign =
        [
            "update: (place) dev=7340037 jiffies=NOW", $"f2fs_iostat: dev = (7,5), app [write=1 (direct=0, buffered=1), mapped=0, compr(buffered=0, mapped=0)]",
            "at_record: (place) dev=7340037 jiffies=NOW", "f2fs_iostat_latency: dev = (7,5), iotype [peak lat.(ms)/avg lat.(ms)/count], rd_data [9/9/9]",
            "f2fs_submit_write_bio: dev = (7,5)/(7,5), rw = WRITE(S), DATA, sector = 800, size = 4096", "at_write: (place) dev=7340037 jiffies=NOW",
            "bio_submit: (place) bio=0xf9 jiffies=NOW", "f2fs_issue_discard: dev = (7,5), blkstart = 0x64, blklen = 0x2", "block_rq_complete: 7,5 WS 4096 () 800 + 8 [0]",
        ];
        // Time goes on in their lines as in the disk's own.
        var now = "990";
        var mixed = string.Join('\n', own.Split('\n').SelectMany((line, i) =>
        {
            if (line.LastIndexOf("jiffies=", StringComparison.Ordinal) is >= 0 and var at) now = line[(at + 8)..];
            return line.StartsWith("| ", StringComparison.Ordinal) ? [line, Other + foreign[i % foreign.Length].Replace("NOW", now)] : (string[])[line];
        }));

        var judgement = Judge.Decide(TraceText.Parse(mixed), Model);

        Assert.That(judgement.Verdict, Is.InstanceOf<Verdict.Conforms>(), judgement.Verdict.ToString());
    }

    [Test]
    public void A_probe_that_reads_a_wrong_device_makes_no_verdict()
    {
        var judgement = Judge.Decide(TraceText.Parse(GoodTraces.Records.Replace("update: (place) jiffies=1008", "update: (place) dev=3 jiffies=1008")), Model);

        Assert.That((judgement.Verdict as Verdict.Inconclusive)?.Why, Does.Contain("another device"));
    }

    private static IEnumerable<TestCaseData> Cases() =>
        Breaks.Select((b, i) => new TestCaseData(b.Rule, b.Step, b.Trace, b.Old, b.New).SetName($"{b.Rule} ({i})"));

    private static string ReplaceLast(string text, string old, string with)
    {
        var at = text.LastIndexOf(old, StringComparison.Ordinal);
        return text[..at] + with + text[(at + old.Length)..];
    }
}
