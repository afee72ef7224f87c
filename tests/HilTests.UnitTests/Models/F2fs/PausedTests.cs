using HilTests.Core.Devices.F2fs;
using HilTests.Core.Judging;
using HilTests.Core.Traces;
using HilTests.Models.F2fs;

namespace HilTests.UnitTests.Models.F2fs;

/// <summary>Mounts that write no checkpoints.</summary>
public sealed class PausedTests
{
    private const string Head = "hil-trace 1\nname made\ndevice f2fs\nprofile hz=250 release=\"6.1.0\"\n"
        + "1: disk kind=null-blk mib=96\n= @0+1 errno=0 major=254 minor=0 discard-granularity=4096\n2: mkfs\n= @1+1 errno=0\n";

    private static readonly string Before = Digest(1);
    private static readonly string After = Digest(2);

    [Test]
    public void An_unmount_goes_back_to_where_they_were_paused()
    {
        var text = Trace("umount", "checkpoint=disable:100%");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(RuleBroken(text.Replace("READ", Before)), Is.Null);
            Assert.That(RuleBroken(text.Replace("READ", After)), Is.EqualTo("f2fs.data.content"));
            Assert.That(RuleBroken(Trace("umount", "nodiscard").Replace("READ", After).Replace("errno=EINVAL", "errno=0")), Is.Null);
        }
    }

    [Test]
    public void A_power_cut_does_too() =>
        Assert.That(RuleBroken(Trace("crash", "checkpoint=disable:100%").Replace("READ", Before)), Is.Null);

    [Test]
    public void No_checkpoint_can_be_asked_for() =>
        Assert.That(RuleBroken(Trace("umount", "checkpoint=disable:100%").Replace("errno=EINVAL", "errno=0")), Is.EqualTo("f2fs.checkpoint.paused"));

    [Test]
    public void Enabling_keeps_what_there_is()
    {
        var text = Trace("remount options=\"checkpoint=enable\"\n= @6+1 errno=0\numount", "checkpoint=disable:100%");

        Assert.That(RuleBroken(text.Replace("READ", After)), Is.Null);
    }

    private static string Trace(string end, string options)
    {
        string[] steps =
        [
            "mount options=\"nodiscard\"\n= @2+1 errno=0", "write file=a offset=0 length=4 seed=0x1\n= @3+1 errno=0 written=4", "sync\n= @4+1 errno=0", $"remount options=\"{options}\"\n= @4+1 errno=0",
            "write file=a offset=0 length=4 seed=0x2\n= @5+1 errno=0 written=4", "fsync file=a\n= @5+1 errno=0", "checkpoint\n= @5+1 errno=EINVAL", $"{end}\n= @6+1 errno=0",
            "mount options=\"nodiscard\"\n= @7+1 errno=0", "read file=a\n= @8+1 errno=0 length=4 blocks=[READ]",
        ];
        var text = string.Join('\n', steps);
        var number = 3;
        return Head + string.Concat(text.Split('\n').Select(l => l.StartsWith('=') ? l + "\n" : $"{number++}: {l}\n")) + "end complete\n";
    }

    private static string Digest(ulong seed)
    {
        var bytes = new byte[4];
        FileContent.Fill(bytes, seed, 0);
        return $"0x{Core.ContentDigest.Of(bytes):x}";
    }

    private static string? RuleBroken(string text)
    {
        var verdict = Judge.Decide(TraceText.Parse(text), new F2fsModel()).Verdict;
        Assert.That(verdict, Is.InstanceOf<Verdict.Conforms>().Or.InstanceOf<Verdict.Diverges>(), verdict.ToString());
        return (verdict as Verdict.Diverges)?.Discrepancy.Rule.Id;
    }
}
