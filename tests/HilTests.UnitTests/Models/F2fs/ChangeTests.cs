using HilTests.Core;
using HilTests.Core.Devices.F2fs;
using HilTests.Core.Judging;
using HilTests.Core.Traces;
using HilTests.Models.F2fs;

namespace HilTests.UnitTests.Models.F2fs;

/// <summary>What a power cut may leave of files, and what the background must have discarded.</summary>
public sealed class ChangeTests
{
    private static readonly F2fsModel Model = new();

    private static readonly string Old = Digest(1);
    private static readonly string New = Digest(2);
    private static readonly string Zero = $"0x{ContentDigest.Of(new byte[4096]):x}";

    /// <summary>Synced with seed 1, then written with seed 2 and not synced.</summary>
    [TestCase("old", true)]
    [TestCase("new", true)]
    [TestCase("zero", false)]
    public void What_was_not_synced_is_old_or_new(string found, bool conforms) =>
        Assert.That(AfterCrash("", $"errno=0 length=4096 blocks=[{Block(found)}]"), conforms ? Is.Null : Is.EqualTo("f2fs.data.recovered"));

    [TestCase("old", "f2fs.data.content")]
    [TestCase("new", null)]
    public void What_was_synced_is_there(string found, string? rule) =>
        Assert.That(AfterCrash("fsync file=a", $"errno=0 length=4096 blocks=[{Block(found)}]"), Is.EqualTo(rule));

    [Test]
    public void A_file_that_was_not_deleted_does_not_go() => Assert.That(AfterCrash("", "errno=ENOENT"), Is.EqualTo("f2fs.data.recovered"));

    [TestCase("delete file=a", "errno=ENOENT", null)]
    [TestCase("delete file=a", "errno=EIO", "f2fs.data.recovered")]
    public void A_file_that_was_deleted_may_go(string step, string outcome, string? rule) => Assert.That(AfterCrash(step, outcome), Is.EqualTo(rule));

    /// <summary>Segment 1 has 100 blocks in use, and 10 less after a delete and a sync; they are discarded in the umount, or not.</summary>
    [TestCase("36864 + 80", null)]
    [TestCase("36864 + 72", "f2fs.discard.background")]
    public void What_was_freed_is_discarded_before_the_unmount_ends(string request, string? rule)
    {
        var verdict = Judge.Decide(TraceText.Parse(Background.Replace("REQUEST", request)), Model).Verdict;

        Assert.That((verdict as Verdict.Diverges)?.Discrepancy.Rule.Id, Is.EqualTo(rule), verdict.ToString());
    }

    private const string Background = FormattedTrace.Head + """
        4: mount options="discard"
        = @3+1 errno=0 valid=[{start=4608 length=100}]
        5: sync
        = @4+1 errno=0 valid=[{start=4618 length=90}]
        6: umount
        = @5+1 errno=0
        7: trace-read
        = @6+1 errno=0 overrun=0 dropped=0
        | agent-1 [000] ..... 1: tracing_mark_write: hil begin 4
        | agent-1 [000] ..s.. 2: block_rq_complete: 7,0 WS () 36864 + 800 [0]
        | agent-1 [000] ..... 3: tracing_mark_write: hil space 4
        | agent-1 [000] ..... 4: tracing_mark_write: hil end 4
        | agent-1 [000] ..... 5: tracing_mark_write: hil begin 5
        | agent-1 [000] ..s.. 6: block_rq_complete: 7,0 WS () 4096 + 8 [0]
        | agent-1 [000] ..... 7: tracing_mark_write: hil space 5
        | agent-1 [000] ..... 8: tracing_mark_write: hil end 5
        | agent-1 [000] ..... 9: tracing_mark_write: hil begin 6
        | agent-1 [000] ..s.. 10: block_rq_complete: 7,0 DS () REQUEST [0]
        | agent-1 [000] ..... 11: tracing_mark_write: hil end 6
        end complete

        """;

    private static string? AfterCrash(string step, string outcome)
    {
        var last = step.Length == 0 ? "checkpoint" : step;
        var text = $"""
            hil-trace 1
            name made
            device f2fs
            profile hz=250 release="6.1.0"
            1: disk kind=null-blk-cached mib=64
            = @0+1 errno=0 major=7 minor=0 discard-granularity=4096
            2: mkfs
            = @1+1 errno=0
            3: mount options="nodiscard"
            = @2+1 errno=0
            4: write file=a offset=0 length=4096 seed=0x1
            = @3+1 errno=0 written=4096
            5: sync
            = @4+1 errno=0
            6: write file=a offset=0 length=4096 seed=0x2
            = @5+1 errno=0 written=4096
            7: {last}
            = @6+1 errno=0
            8: crash
            = @7+1 errno=0
            9: mount options="nodiscard"
            = @8+1 errno=0
            10: read file=a
            = @9+1 {outcome}
            end complete

            """;
        var verdict = Judge.Decide(TraceText.Parse(text), Model).Verdict;
        return verdict switch
        {
            Verdict.Conforms => null,
            Verdict.Diverges wrong => wrong.Discrepancy.Rule.Id,
            _ => verdict.ToString(),
        };
    }

    private static string Block(string found) => found == "old" ? Old : found == "new" ? New : Zero;

    private static string Digest(ulong seed)
    {
        var block = new byte[4096];
        FileContent.Fill(block, seed, 0);
        return $"0x{ContentDigest.Of(block):x}";
    }
}
