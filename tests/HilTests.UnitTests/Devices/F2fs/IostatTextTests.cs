using HilTests.Core.Devices.F2fs;
using HilTests.Core.Values;

namespace HilTests.UnitTests.Devices.F2fs;

public sealed class IostatTextTests
{
    private const string Event =
        "dev = (7,0), app [write=1001 (direct=1, buffered=1000), mapped=2, compr(buffered=4, mapped=8)], " +
        "fs [data=10, cdata=16, node=20, meta=30, discard=40], gc [data=100, node=200], cp [data=1000, node=2000, meta=3000], " +
        "app [read=77 (direct=7, buffered=70), mapped=32], compr(buffered=64, mapped=128)], fs [data=5, (gc_data=500, cdata=256), node=6, meta=9]";

    [Test]
    public void An_event_gives_each_counter_once()
    {
        var counters = IostatText.ReadEvent(Event)!;

        Assert.That(counters, Is.EqualTo(new long[] { 1000, 1, 70, 7, 1110, 2220, 3030, 5, 6, 9, 40, 4 + 8 + 16 + 64 + 128 + 256, 1001, 77, 2, 32, 10, 20, 30, 100, 200, 1000, 2000, 3000, 500 }));
    }

    [Test]
    public void The_proc_file_gives_the_same_sums()
    {
        string[] lines =
        [
            "time:\t\t1795308112      ", "[WRITE]", "app buffered data:\t1000            ", "app direct data:\t1  ", "app mapped data:\t2 ",
            "fs data:\t\t10", "fs gc data:\t\t100", "fs cp data:\t\t1000", "fs node:\t\t20", "fs meta:\t\t30", "fs cp meta:\t\t3000",
            "[READ]", "app buffered data:\t70 ", "fs data:\t\t5", "fs gc data:\t\t500", "[OTHER]", "fs discard:\t\t40",
        ];

        Assert.That(IostatText.ReadInfo(lines), Is.EqualTo(new long[] { 1000, 1, 70, 0, 1110, 20, 3030, 5, 0, 0, 40, 0, 0, 0, 2, 0, 10, 20, 30, 100, 0, 1000, 0, 3000, 500 }));
    }

    [Test]
    public void Columns_that_newer_kernels_add_are_passed_over() =>
        Assert.That(IostatText.ReadInfo(["[WRITE]", "app buffered data:\t4096    1    4096"])![0], Is.EqualTo(4096));

    [Test]
    public void The_shorter_names_of_old_kernels_mean_the_same() =>
        Assert.That(IostatText.ReadInfo(["[WRITE]", "app buffered:\t10000", "app direct:\t7", "app mapped:\t1", "[READ]", "app buffered:\t3", "app direct:\t0"]),
            Is.EqualTo(new long[] { 10000, 7, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }));

    [TestCase("")]
    [TestCase("nothing of the kind")]
    [TestCase("[WRITE]\nno number here: x")]
    public void Text_without_counters_gives_none(string text) =>
        Assert.That(IostatText.ReadInfo(text.Split('\n')), Is.Null);

    [Test]
    public void Latencies_are_read_by_their_names()
    {
        var latency = IostatText.ReadLatency("dev = (7,0), iotype [peak lat.(ms)/avg lat.(ms)/count], rd_data [8/4/3], wr_sync_meta [0/0/0], discard [1/1/1], odd [1/2]");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(latency.Fields.Select(f => f.Name), Is.EqualTo(new[] { "rd_data", "wr_sync_meta", "discard" }));
            Assert.That(latency["rd_data"], Is.EqualTo(Value.Record(("count", Value.Of(3)), ("peak", Value.Of(8)), ("average", Value.Of(4)))));
        }
    }
}
