using HilTests.Core.Judging;
using HilTests.Core.Traces;
using HilTests.Models.F2fs;

namespace HilTests.UnitTests.Models.F2fs;

/// <summary>Which blocks are discarded: a trim of a disk with four segments, and the same trim gone wrong in one place each.</summary>
public sealed class SpaceTests
{
    /// <summary>Segment 0 is full, 1 has 100 blocks in use, 2 has 10, 3 has none.</summary>
    private const string Valid = "valid=[{start=4096 length=612} {start=5120 length=10}]";

    private const string Good = FormattedTrace.Head + $$"""
        4: mount options="nodiscard"
        = @3+1 errno=0 {{Valid}}
        5: fitrim minlen=0x1000
        = @4+1 errno=0 {{Valid}} len=5840896 discard-ios=2 discard-sectors=11408
        6: trace-read
        = @5+1 errno=0 overrun=0 dropped=0 iostat-info=""
        | agent-1 [000] ..... 1: tracing_mark_write: hil begin 4
        | agent-1 [000] ..... 2: tracing_mark_write: hil space 4
        | agent-1 [000] ..... 3: tracing_mark_write: hil end 4
        | agent-1 [000] ..... 4: tracing_mark_write: hil begin 5
        | agent-1 [000] ..s.. 5: block_rq_complete: 7,0 WS () 4096 + 8 [0]
        | agent-1 [000] ..... 6: f2fs_issue_discard: dev = (7,0), blkstart = 0x1264, blklen = 0x19c
        | agent-1 [000] ..... 7: f2fs_issue_discard: dev = (7,0), blkstart = 0x140a, blklen = 0x3f6
        | agent-1 [000] ..s.. 8: block_rq_complete: 7,0 DS () 37664 + 3296 [0]
        | agent-1 [000] ..s.. 9: block_rq_complete: 7,0 DS () 41040 + 8112 [0]
        | agent-1 [000] ..... 10: tracing_mark_write: hil space 5
        | agent-1 [000] ..... 11: tracing_mark_write: hil end 5
        end complete

        """;

    /// <summary>
    /// After that trim a block is written and freed again, and the call finds nothing: until a checkpoint is written f2fs takes the block for a
    /// checkpointed one (update_sit_entry()). A block in use at the mount is free by then, too.
    /// </summary>
    private const string FreedAgain = FormattedTrace.Head + $$"""
        4: mount options="nodiscard"
        = @3+1 errno=0 {{Valid}}
        5: fitrim minlen=0x1000
        = @4+1 errno=0 {{Valid}} len=5840896 discard-ios=2 discard-sectors=11408
        6: write file=f0 offset=0 length=4096 seed=0x1
        = @5+1 errno=0 written=4096
        7: writeback file=f0
        = @6+1 errno=0
        8: delete file=f0
        = @7+1 errno=0
        9: fitrim minlen=0x1000
        = @8+1 errno=0 {{LessValid}} len=0 discard-ios=0 discard-sectors=0
        10: fitrim minlen=0x1000
        = @9+1 errno=0 {{LessValid}} len=0 discard-ios=0 discard-sectors=0
        11: trace-read
        = @10+1 errno=0 overrun=0 dropped=0 iostat-info=""
        | agent-1 [000] ..... 1: tracing_mark_write: hil begin 4
        | agent-1 [000] ..... 2: tracing_mark_write: hil space 4
        | agent-1 [000] ..... 3: tracing_mark_write: hil end 4
        | agent-1 [000] ..... 4: tracing_mark_write: hil begin 5
        | agent-1 [000] ..s.. 5: block_rq_complete: 7,0 WS () 4096 + 8 [0]
        | agent-1 [000] ..... 6: f2fs_issue_discard: dev = (7,0), blkstart = 0x1264, blklen = 0x19c
        | agent-1 [000] ..... 7: f2fs_issue_discard: dev = (7,0), blkstart = 0x140a, blklen = 0x3f6
        | agent-1 [000] ..s.. 8: block_rq_complete: 7,0 DS () 37664 + 3296 [0]
        | agent-1 [000] ..s.. 9: block_rq_complete: 7,0 DS () 41040 + 8112 [0]
        | agent-1 [000] ..... 10: tracing_mark_write: hil space 5
        | agent-1 [000] ..... 11: tracing_mark_write: hil end 5
        | agent-1 [000] ..... 12: tracing_mark_write: hil begin 6
        | agent-1 [000] ..... 13: tracing_mark_write: hil end 6
        | agent-1 [000] ..... 14: tracing_mark_write: hil begin 7
        | agent-1 [000] ..s.. 15: block_rq_complete: 7,0 W () 41040 + 8 [0]
        | agent-1 [000] ..... 16: tracing_mark_write: hil end 7
        | agent-1 [000] ..... 17: tracing_mark_write: hil begin 8
        | agent-1 [000] ..... 18: tracing_mark_write: hil end 8
        | agent-1 [000] ..... 19: tracing_mark_write: hil begin 9
        | agent-1 [000] ..... 20: tracing_mark_write: hil space 9
        | agent-1 [000] ..... 21: tracing_mark_write: hil end 9
        | agent-1 [000] ..... 22: tracing_mark_write: hil begin 10
        | agent-1 [000] ..... 23: tracing_mark_write: hil space 10
        | agent-1 [000] ..... 24: tracing_mark_write: hil end 10
        end complete

        """;

    /// <summary>
    /// FITRIM of ten blocks on a mount that discards in the background: nine freed now beside one that was left to the background before are none,
    /// what was never used is long enough.
    /// </summary>
    private const string Background = FormattedTrace.Head + """
        4: mount options="discard"
        = @3+1 errno=0 valid=[{start=4096 length=20}]
        5: sync
        = @4+1 errno=0 valid=[{start=4096 length=9} {start=4106 length=10}]
        6: fitrim minlen=0xa000
        = @5+1 errno=0 valid=[{start=4106 length=10}] len=0 discard-ios=0 discard-sectors=0
        7: umount
        = @6+1 errno=0
        8: trace-read
        = @7+1 errno=0 overrun=0 dropped=0 iostat-info=""
        | agent-1 [000] ..... 1: tracing_mark_write: hil begin 4
        | agent-1 [000] ..... 2: tracing_mark_write: hil space 4
        | agent-1 [000] ..... 3: tracing_mark_write: hil end 4
        | agent-1 [000] ..... 4: tracing_mark_write: hil begin 5
        | agent-1 [000] ..s.. 5: block_rq_complete: 7,0 WS () 4096 + 8 [0]
        | agent-1 [000] ..... 6: tracing_mark_write: hil space 5
        | agent-1 [000] ..... 7: tracing_mark_write: hil end 5
        | agent-1 [000] ..... 8: tracing_mark_write: hil begin 6
        | agent-1 [000] ..s.. 9: block_rq_complete: 7,0 WS () 4096 + 8 [0]
        | agent-1 [000] ..... 10: tracing_mark_write: hil space 6
        | agent-1 [000] ..... 11: tracing_mark_write: hil end 6
        | agent-1 [000] ..... 12: tracing_mark_write: hil begin 7
        | agent-1 [000] ..... 13: f2fs_issue_discard: dev = (7,0), blkstart = 0x1009, blklen = 0x1
        | agent-1 [000] ..... 14: f2fs_issue_discard: dev = (7,0), blkstart = 0x1014, blklen = 0x7ec
        | agent-1 [000] ..s.. 15: block_rq_complete: 7,0 DS () 32840 + 8 [0]
        | agent-1 [000] ..s.. 16: block_rq_complete: 7,0 DS () 32928 + 16224 [0]
        | agent-1 [000] ..... 17: tracing_mark_write: hil end 7
        end complete

        """;

    private const string LessValid = "valid=[{start=4096 length=611} {start=5120 length=10}]";

    private static readonly F2fsModel Model = new();

    [Test]
    public void A_trim_of_all_that_is_free_conforms() => Assert.That(Decide(Good), Is.InstanceOf<Verdict.Conforms>(), Decide(Good).ToString());

    [Test]
    public void A_run_ends_at_a_block_that_was_left_to_the_background_before() =>
        Assert.That(Decide(Background), Is.InstanceOf<Verdict.Conforms>(), Decide(Background).ToString());

    [TestCase("16: block_rq_complete: 7,0 DS () 32928 + 16224", "16: block_rq_complete: 7,0 DS () 32928 + 16216", Description = "a block that was never used is left")]
    [TestCase("15: block_rq_complete: 7,0 DS () 32840 + 8 [0]", "15: block_rq_complete: 7,0 DS () 32928 + 8 [0]", Description = "the freed block is left")]
    public void What_is_left_to_the_background_is_paid_at_the_unmount(string old, string broken)
    {
        Assume.That(Background, Does.Contain(old));

        var verdict = Decide(Background.Replace(old, broken));

        Assert.That((verdict as Verdict.Diverges)?.Discrepancy.Rule.Id, Is.EqualTo("f2fs.discard.background"), verdict.ToString());
    }

    /// <summary>A block is placed where the trim had discarded; its request is not done when the map is read.</summary>
    [TestCase("f2fs_submit_page_write: dev = (7,0), ino = 4, page_index = 0x0, oldaddr = 0x0, newaddr = 0x140a, rw = WRITE(), type = WARM_DATA", true)]
    [TestCase("f2fs_submit_page_write: dev = (7,0), ino = 4, page_index = 0x0, oldaddr = 0x0, newaddr = 0x140b, rw = WRITE(), type = WARM_DATA", false)]
    public void A_block_is_in_use_from_its_submission_on(string submission, bool conforms)
    {
        var text = Good.Replace($"= @4+1 errno=0 {Valid}", "= @4+1 errno=0").Replace("| agent-1 [000] ..... 10: tracing_mark_write: hil space 5\n", "")
            .Replace("6: trace-read\n= @5+1", "6: sync\n= @5+1 errno=0 valid=[{start=4096 length=612} {start=5120 length=11}]\n7: trace-read\n= @6+1")
            .Replace("end complete", $"| agent-1 [000] ..... 12: tracing_mark_write: hil begin 6\n| agent-1 [000] ..... 13: {submission}\n| agent-1 [000] ..... 14: tracing_mark_write: hil space 6\n| agent-1 [000] ..... 15: tracing_mark_write: hil end 6\nend complete");

        var verdict = Decide(text);

        Assert.That(verdict is Verdict.Conforms, Is.EqualTo(conforms), verdict.ToString());
        if (!conforms) Assert.That((verdict as Verdict.Diverges)?.Discrepancy.Rule.Id, Is.EqualTo("f2fs.discard.unused"));
    }

    /// <summary>A block is placed in the range of a discard, before that is done or after it.</summary>
    [TestCase("newaddr = 0x140a", "..s.. 8:", false)]
    [TestCase("newaddr = 0x1409", "..s.. 8:", true)]
    [TestCase("newaddr = 0x140a", "..... 10:", true)]
    public void A_block_is_given_out_only_when_a_discard_of_it_is_over(string place, string before, bool conforms)
    {
        const string First = "| agent-1 [000] ..... 6: block_bio_queue: 7,0 DS 37664 + 3296 [agent]\n", Queued = "| agent-1 [000] ..... 7: block_bio_queue: 7,0 DS 41040 + 8112 [agent]\n";
        var submission = $"| other-2 [001] ..... 7: f2fs_submit_page_write: dev = (7,0), ino = 4, page_index = 0x0, oldaddr = 0x0, {place}, rw = WRITE(), type = WARM_DATA\n";
        var text = Good.Replace("| agent-1 [000] ..s.. 8:", First + Queued + "| agent-1 [000] ..s.. 8:").Replace($"| agent-1 [000] {before}", submission + $"| agent-1 [000] {before}");
        Assert.That(text, Does.Contain(place).And.Contain(Queued));

        var verdict = Decide(text);

        Assert.That(verdict is Verdict.Conforms, Is.EqualTo(conforms), verdict.ToString());
        if (!conforms) Assert.That((verdict as Verdict.Diverges)?.Discrepancy.Rule.Id, Is.EqualTo("f2fs.discard.unused"));
    }

    [Test]
    public void A_block_freed_before_its_first_checkpoint_is_not_trimmed() =>
        Assert.That(Decide(FreedAgain), Is.InstanceOf<Verdict.Conforms>(), Decide(FreedAgain).ToString());

    [Test]
    public void Nor_is_one_whose_request_is_done_between_two_steps()
    {
        const string End = "| agent-1 [000] ..... 16: tracing_mark_write: hil end 7\n", Done = "| agent-1 [000] ..s.. 15: block_rq_complete: 7,0 W () 41040 + 8 [0]\n";
        var late = FreedAgain.Replace(Done, "", StringComparison.Ordinal).Replace(End, End + Done.Replace(" 15:", " 16:", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.That(late, Does.Contain(End + "| agent-1 [000] ..s.. 16: block_rq_complete"));
        Assert.That(Decide(late), Is.InstanceOf<Verdict.Conforms>(), Decide(late).ToString());
    }

    [TestCase("f2fs.fitrim.blocks", "41040 + 8112", "41040 + 8104", Description = "the last free block is left")]
    [TestCase("f2fs.fitrim.blocks", "= @4+1 errno=0 valid=[{start=4096 length=612}", "= @4+1 errno=0 valid=[{start=4096 length=611}", Description = "a block that is free now is left")]
    [TestCase("f2fs.discard.unused", "= @4+1 errno=0 valid=[{start=4096 length=612}", "= @4+1 errno=0 valid=[{start=4096 length=613}", Description = "a block in use is discarded")]
    [TestCase("f2fs.discard.unused", "WS () 4096 + 8", "WS () 80000 + 8", Description = "what the last checkpoint holds is discarded")]
    [TestCase("f2fs.discard.done", "blkstart = 0x140a", "blkstart = 0x1409", Description = "the disk discards other blocks than f2fs said")]
    public void A_wrong_trim_diverges(string rule, string old, string broken)
    {
        // The block in use at the mount, free in the call's own map: only a checkpoint makes it so.
        var text = broken.Contains("80000", StringComparison.Ordinal) ? Good.Replace("= @3+1 errno=0 valid=[{start=4096 length=612}", "= @3+1 errno=0 valid=[{start=4096 length=613}") : Good;
        Assume.That(text, Does.Contain(old));

        var verdict = Decide(text.Replace(old, broken));

        Assert.That((verdict as Verdict.Diverges)?.Discrepancy.Rule.Id, Is.EqualTo(rule), verdict.ToString());
    }

    private static Verdict Decide(string text) => Judge.Decide(TraceText.Parse(text), Model).Verdict;
}
