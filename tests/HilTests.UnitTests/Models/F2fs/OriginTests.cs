using HilTests.Core.Judging;
using HilTests.Core.Traces;
using HilTests.Models.F2fs;

namespace HilTests.UnitTests.Models.F2fs;

/// <summary>For whom a block is written: by what its thread is doing.</summary>
public sealed class OriginTests
{
    private const string PageLine = "f2fs_submit_page_write: dev = (7,0), ino = 4, page_index = 0x0, oldaddr = 0xffffffff, newaddr = 0x64, rw = WRITE(S), type = WARM_DATA\n";
    private const string Checkpoint = "f2fs_write_checkpoint: dev = (7,0), checkpoint for Sync, state = start block_ops";
    private const string CheckpointEnd = "f2fs_write_checkpoint: dev = (7,0), checkpoint for Sync, state = finish checkpoint";
    private const string Collect = "f2fs_gc_begin: dev = (7,0), gc_type = Foreground GC";
    private const string CollectEnd = "f2fs_gc_end: dev = (7,0), ret = 0";

    [TestCase("fs data", "fs ", "data")]
    [TestCase("fs cp data", "cp ", "data", Checkpoint)]
    [TestCase("fs gc data", "gc ", "data", Collect)]
    [TestCase("fs cp data", "cp ", "data", Collect, Checkpoint)]
    [TestCase("fs gc data", "gc ", "data", Collect, Checkpoint, CheckpointEnd)]
    [TestCase("fs data", "fs ", "data", Checkpoint, CheckpointEnd)]
    [TestCase("fs data", "fs ", "data", Checkpoint, "checkpoint_end: (place) jiffies=1007")]
    [TestCase("fs data", "fs ", "data", Collect, CollectEnd)]
    public void A_block_counts_for_what_its_thread_does(string row, string section, string word, params string[] before)
    {
        var trace = With(before);
        string[] rows = ["fs data", "fs cp data", "fs gc data"];
        using (Assert.EnterMultipleScope())
        {
            foreach (var shown in rows)
            {
                var info = trace.Replace("fs data: 4096", $"{shown}: 4096");
                Assert.That(RuleBroken(Moved(info, section, word)), Is.EqualTo(shown == row ? null : "f2fs.iostat.origin"), shown);
            }
            Assert.That(RuleBroken(Moved(trace.Replace("fs data: 4096", $"{row}: 4096"), section == "fs " ? "cp " : "fs ", word)), Is.EqualTo("f2fs.record.bytes"));
        }
    }

    [Test]
    public void A_thread_that_submits_what_another_queued_leaves_open_whose_it_was()
    {
        // Two blocks before the first is counted: one is this thread's, the other that of a thread which counts it without having been seen to write it.
        var text = With(Checkpoint, PageLine.TrimEnd().Replace("0x64", "0x65")).Replace("{start=101 length=16283}", "{start=102 length=16282}");
        text = Moved(text, "cp ", "data");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(RuleBroken(text.Replace("fs data: 4096", "fs cp data: 4096")), Is.Null);
            Assert.That(RuleBroken(text.Replace("fs data: 4096", "fs cp data: 4096\\nfs data: 4096")), Is.Null);
            Assert.That(RuleBroken(text.Replace("fs data: 4096", "fs cp data: 8192")), Is.Null);
            Assert.That(RuleBroken(text.Replace("fs data: 4096", "fs data: 8192")), Is.EqualTo("f2fs.iostat.origin"));
            Assert.That(RuleBroken(text.Replace("fs data: 4096", "fs cp data: 12288")), Is.EqualTo("f2fs.iostat.fs-write"));
        }
    }

    [Test]
    public void Where_nothing_tells_of_checkpoints_only_the_sum_is_claimed() =>
        Assert.That(RuleBroken(GoodTraces.Records.Replace("fs data: 4096", "fs cp data: 4096")), Is.Null);

    /// <summary>A trace that shows checkpoints, with these lines before the block is written.</summary>
    private static string With(params string[] before)
    {
        var text = GoodTraces.Records.Replace("3: trace-start\n= @2+1 errno=0", "3: trace-start\n= @2+1 errno=0 origins=yes");
        var at = text.IndexOf(PageLine, StringComparison.Ordinal);
        Assert.That(at, Is.Positive);
        at = text.LastIndexOf('\n', at) + 1;
        return text[..at] + string.Concat(before.Select(b => $"| agent-1 [000] ..... 10: {b}\n")) + text[at..];
    }

    /// <summary>The second record with the block in another place.</summary>
    private static string Moved(string text, string section, string word)
    {
        const string from = "fs [data=4096,";
        Assert.That(text, Does.Contain(from));
        return section == "fs " ? text : text.Replace(from, "fs [data=0,").Replace($"{section}[{word}=0", $"{section}[{word}=4096", StringComparison.Ordinal)
            is var both && both.IndexOf("buffered=5000", StringComparison.Ordinal) is var first
            ? FirstRecordUnchanged(both, section, word, first)
            : text;
    }

    private static string FirstRecordUnchanged(string text, string section, string word, int first)
    {
        var end = text.IndexOf('\n', first);
        return text[..first] + text[first..end].Replace($"{section}[{word}=4096", $"{section}[{word}=0") + text[end..];
    }

    private static string? RuleBroken(string text)
    {
        var verdict = Judge.Decide(TraceText.Parse(text), new F2fsModel()).Verdict;
        Assert.That(verdict, Is.InstanceOf<Verdict.Conforms>().Or.InstanceOf<Verdict.Diverges>(), verdict.ToString());
        return (verdict as Verdict.Diverges)?.Discrepancy.Rule.Id;
    }
}
