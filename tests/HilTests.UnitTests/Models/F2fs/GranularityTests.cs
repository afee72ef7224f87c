using HilTests.Core.Judging;
using HilTests.Core.Traces;
using HilTests.Models.F2fs;

namespace HilTests.UnitTests.Models.F2fs;

/// <summary>The background's commands and the attribute that says how short they may be.</summary>
public sealed class GranularityTests
{
    /// <summary>The first command after the attribute was set may be of a pass begun before; the second one not; the unmount's may be as short as can be.</summary>
    private const string Trace = FormattedTrace.Head + """
        4: mount options="discard"
        = @3+1 errno=0 valid=[{start=4096 length=1}]
        5: set-attribute name="discard_granularity" content="64"
        = @4+1 errno=0
        6: pass ms=10
        = @5+1 errno=0
        7: pass ms=10
        = @6+1 errno=0
        8: umount
        = @7+1 errno=0
        9: trace-read
        = @8+1 errno=0 overrun=0 dropped=0 iostat-info=""
        | agent-1 [000] ..... 1: tracing_mark_write: hil begin 6
        | f2fs_discard-9 [000] ..... 2: f2fs_issue_discard: dev = (7,0), blkstart = 0x1100, blklen = 0x20
        | agent-1 [000] ..... 3: tracing_mark_write: hil end 6
        | agent-1 [000] ..... 4: tracing_mark_write: hil begin 7
        | f2fs_discard-9 [000] ..... 5: f2fs_issue_discard: dev = (7,0), blkstart = 0x1200, blklen = 0x40
        | agent-1 [000] ..... 6: tracing_mark_write: hil end 7
        10: mount options="discard"
        = @9+1 errno=0 valid=[{start=4096 length=1}]
        11: trace-read
        = @10+1 errno=0 overrun=0 dropped=0 iostat-info=""
        end complete

        """;

    private static Verdict Decide(string trace) => Judge.Decide(TraceText.Parse(trace), new F2fsModel()).Verdict;

    private static string Mounted => Trace.Replace("8: umount\n", "8: pass ms=10\n", StringComparison.Ordinal)
        .Replace("10: mount options=\"discard\"\n= @9+1 errno=0 valid=[{start=4096 length=1}]\n", "10: pass ms=10\n= @9+1 errno=0\n", StringComparison.Ordinal);

    [Test]
    public void Commands_of_the_attributes_length_conform() => Assert.That(Decide(Mounted), Is.InstanceOf<Verdict.Conforms>(), Decide(Mounted).ToString());

    [Test]
    public void A_shorter_one_is_against_the_rule()
    {
        var verdict = Decide(Mounted.Replace("blklen = 0x40", "blklen = 0x3f", StringComparison.Ordinal));

        Assert.That((verdict as Verdict.Diverges)?.Discrepancy.Rule.Id, Is.EqualTo("f2fs.discard.granularity"), verdict.ToString());
    }

    [TestCase("content=\"64\"", "content=\"15\"", Description = "commands so short go out in order, whatever their length")]
    [TestCase("name=\"discard_granularity\" content=\"64\"", "name=\"gc_urgent\" content=\"1\"", Description = "it is urgent")]
    [TestCase("7: pass ms=10", "7: remount options=\"discard\"", Description = "a mount anew, which begins with the kernel's own value")]
    public void Where_nothing_forbids_it_a_shorter_one_conforms(string old, string other)
    {
        Assert.That(Mounted, Does.Contain(old));
        var verdict = Decide(Mounted.Replace(old, other, StringComparison.Ordinal).Replace("blklen = 0x40", "blklen = 0x3f", StringComparison.Ordinal));

        Assert.That((verdict as Verdict.Diverges)?.Discrepancy.Rule.Id, Is.Not.EqualTo("f2fs.discard.granularity"));
    }

    [Test]
    public void The_unmount_issues_what_is_left_however_short() =>
        Assert.That((Decide(Trace.Replace("blklen = 0x40", "blklen = 0x1", StringComparison.Ordinal)) as Verdict.Diverges)?.Discrepancy.Rule.Id, Is.Not.EqualTo("f2fs.discard.granularity"));
}
