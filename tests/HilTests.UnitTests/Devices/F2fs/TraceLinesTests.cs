using HilTests.Core.Devices.F2fs;

namespace HilTests.UnitTests.Devices.F2fs;

public sealed class TraceLinesTests
{
    private static readonly long Loop0 = TraceLine.DeviceOf(7, 0);

    [Test]
    public void A_submitted_write_has_its_class_and_size()
    {
        var line = TraceLines.Read("            init-92      [000] .....   123: f2fs_submit_write_bio: dev = (8,1)/(7,0), rw = WRITE(S|M|P), META_FLUSH, sector = 4096, size = 8192");

        Assert.That(line, Is.EqualTo(new TraceLine
        {
            Kind = TraceLineKind.Submit,
            Pid = 92,
            Jiffies = -1,
            Device = Loop0,
            Type = PageType.Meta,
            Write = true,
            Sync = true,
            Number = 8192,
            Sector = 4096,
        }));
    }

    [TestCase("rw = READ()", false, false)]
    [TestCase("rw = READ(R)", false, false)]
    [TestCase("rw = WRITE()", true, false)]
    [TestCase("rw = WRITE(S)", true, true)]
    [TestCase("rw = WRITE(S|M|P|PF|FUA)", true, true)]
    public void Direction_and_sync_come_from_the_flags(string rw, bool write, bool sync)
    {
        var name = write ? "f2fs_submit_write_bio" : "f2fs_submit_read_bio";
        var line = TraceLines.Read($"x-1 [001] ..... 5: {name}: dev = (7,0)/(7,0), {rw}, NODE, sector = 1, size = 4096");

        Assert.That((line.Write, line.Sync, line.Type), Is.EqualTo((write, sync, PageType.Node)));
    }

    [Test]
    public void A_thread_name_with_brackets_and_spaces_does_not_mislead()
    {
        var line = TraceLines.Read(" kworker [003] x-y-4711 [001] d..1. 17: bio_put: (bio_put+0x0/0x60) bio=0xffff88800b605d00 jiffies=4294895233");

        Assert.That((line.Kind, line.Pid, line.Number, line.Jiffies), Is.EqualTo((TraceLineKind.BioPut, 4711, 0xffff88800b605d00UL, 4294895233L)));
    }

    [TestCase("")]
    [TestCase("no trace line at all")]
    [TestCase("x-1 [001] ..... 5: bio_put: (bio_put+0x0/0x60) bio=0xzz jiffies=1")]
    [TestCase("x-1 [001] ..... 5: bio_put: (bio_put+0x0/0x60) bio=0xff jiffies=")]
    [TestCase("x-1 [001] ..... 5: f2fs_submit_write_bio: dev = (7,0)/(7,0), rw = WRITE(")]
    [TestCase("x-1 [001] ..... 5: f2fs_issue_discard: dev = (7,0), blkstart = 0x10")]
    [TestCase("x-1 [001] ..... 5: tracing_mark_write: hil begin soon")]
    [TestCase("x- [001] ..... 5: bio_end: bio=0x1 jiffies=1")]
    public void What_cannot_be_read_is_other(string text) =>
        Assert.That(TraceLines.Read(text).Kind, Is.EqualTo(TraceLineKind.Other));

    [Test]
    public void Lost_events_are_noticed() =>
        Assert.That(TraceLines.Read("CPU:1 [LOST 42 EVENTS]").Kind, Is.EqualTo(TraceLineKind.Lost));

    [Test]
    public void Discards_marks_and_block_writes_are_read()
    {
        var discard = TraceLines.Read("x-1 [001] ..... 5: f2fs_issue_discard: dev = (7,0), blkstart = 0x1000, blklen = 0x1fc");
        var mark = TraceLines.Read("x-1 [001] ..... 5: tracing_mark_write: hil end 12");
        var page = TraceLines.Read("x-1 [001] ..... 5: f2fs_submit_page_write: dev = (7,0), ino = 4, page_index = 0x0, oldaddr = 0xffffffff, newaddr = 0x1a00, rw = WRITE(S), type = WARM_DATA");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((discard.Kind, discard.Number, discard.Length), Is.EqualTo((TraceLineKind.Discard, 0x1000UL, 0x1fcUL)));
            Assert.That((mark.Kind, mark.Number), Is.EqualTo((TraceLineKind.StepEnd, 12UL)));
            Assert.That((page.Kind, page.Number, page.Type, page.Device), Is.EqualTo((TraceLineKind.PageWrite, 0x1a00UL, PageType.Data, Loop0)));
        }
    }

    [TestCase("x-7 [001] ..... 5: update: (f2fs_update_iostat+0x0/0x1 [f2fs]) dev=7340035 jiffies=12", TraceLineKind.Update)]
    [TestCase("x-7 [001] ..... 5: at_record: (f2fs.f2fs_iostat) dev=7340035 jiffies=12", TraceLineKind.AtRecord)]
    public void A_probe_names_the_device_in_the_kernels_own_form(string text, TraceLineKind kind)
    {
        var line = TraceLines.Read(text);
        Assert.That((line.Kind, line.Device, line.Jiffies), Is.EqualTo((kind, TraceLine.DeviceOf(7, 3), 12L)));
    }
}
