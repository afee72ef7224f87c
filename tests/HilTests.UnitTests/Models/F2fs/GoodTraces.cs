using System.Text;

namespace HilTests.UnitTests.Models.F2fs;

/// <summary>Traces of a kernel that does everything right, made by hand; tests break them in one place each.</summary>
internal static class GoodTraces
{
    private const string Head = "hil-trace 1\nname made\ndevice f2fs\nprofile hz=250 release=\"6.1.0\"\n";

    private const string Latency = "dev = (7,0), iotype [peak lat.(ms)/avg lat.(ms)/count], rd_data [0/0/0], rd_node [0/0/0], rd_meta [0/0/0], "
        + "wr_sync_data [SD], wr_sync_node [0/0/0], wr_sync_meta [0/0/0], wr_async_data [AD], wr_async_node [0/0/0], wr_async_meta [0/0/0]";

    private const string Bytes = "dev = (7,0), app [write=BUF (direct=0, buffered=BUF), mapped=0, compr(buffered=0, mapped=0)], "
        + "fs [data=DATA, cdata=0, node=0, meta=0, discard=0], gc [data=0, node=0], cp [data=0, node=0, meta=0], "
        + "app [read=0 (direct=0, buffered=0), mapped=0], compr(buffered=0, mapped=0)], fs [data=0, (gc_data=0, cdata=0), node=0, meta=0]";

    /// <summary>Two records: one bio of 5 ticks in the second; one bio is under way at its time and counted in no record.</summary>
    public static string Records { get; } = Head + """
        1: disk kind=loop mib=64
        = @0+1 errno=0 major=7 minor=0 discard-granularity=4096
        2: mkfs
        = @1+1 errno=0 holes=[{start=100 length=16284}]
        3: trace-start
        = @2+1 errno=0
        4: mount options="nodiscard"
        = @3+1 errno=0
        5: iostat-period ms=100
        = @4+1 errno=0
        6: iostat enable=yes
        = @5+1 errno=0
        7: write file=a offset=0 length=5000 seed=0x1
        = @6+1 errno=0 written=5000
        8: fsync file=a
        = @7+1 errno=0
        9: write file=a offset=0 length=5000 seed=0x1
        = @8+1 errno=0 written=5000
        10: trace-read
        = @9+1 errno=0 overrun=0 dropped=0 holes=[{start=101 length=16283}] iostat-info="[WRITE]\napp buffered data: 10000\nfs data: 4096\n[READ]\n[OTHER]\nfs discard: 0\n"

        """ + Script(
        "mark hil begin 4", "mark hil end 4", "mark hil begin 5", "mark hil end 5", "mark hil begin 6", "tick 990", "mark hil end 6", "mark hil begin 7", "tick 995", "update 1000", $"f2fs_iostat: {Event(5000, 0)}", "at_record 1000",
        $"f2fs_iostat_latency: {Triples("0/0/0", "0/0/0")}", "mark hil end 7",
        "mark hil begin 8", "page 0x64", "update 1008", "submit WRITE(S) 800", "at_write 1008", "bio_submit 0xa1 1010",
        "!block_rq_complete: 7,0 WS 4096 () 800 + 8 [0]", "!bio_end 0xa1 1015", "!bio_put 0xa1 1015", "tick 1016", "mark hil end 8",
        "mark hil begin 9", "submit WRITE() 1600", "at_write 1020", "bio_submit 0xa2 1020",
        "update 1030", $"f2fs_iostat: {Event(5000, 4096)}", "at_record 1030", $"f2fs_iostat_latency: {Triples("20/20/1", "0/0/0")}",
        "mark hil end 9", "mark hil begin 10", "tick 1032", "mark hil end 10",
        "!block_rq_complete: 7,0 W 4096 () 1600 + 8 [0]", "!bio_end 0xa2 1033", "!bio_put 0xa2 1033", "tick 1034") + "end complete\n";

    /// <summary>Files, a trim and its repeat, attributes and errors.</summary>
    public static string Steps { get; } = Head + """
        1: disk kind=loop mib=64
        = @0+1 errno=0 major=7 minor=0 discard-granularity=4096
        2: mkfs
        = @1+1 errno=0 holes=[]
        3: trace-start
        = @2+1 errno=0
        4: mount options="no_such_option"
        = @3+1 errno=EINVAL
        5: umount
        = @3+1 errno=EINVAL
        6: mount options="nodiscard"
        = @3+1 errno=0
        7: write file=a offset=0 length=1048576 seed=0x1
        = @6+1 errno=0 written=1048576
        8: sync
        = @6+1 errno=0
        9: delete file=a
        = @6+1 errno=0
        10: sync
        = @6+1 errno=0
        11: fitrim start=0x0 length=0x4000000 minlen=0x2000
        = @6+1 errno=0 len=8192 discard-ios=1 discard-sectors=16
        12: trace-read
        = @6+1 errno=0 overrun=0 dropped=0 holes=[{start=8192 length=2}] iostat-info=""
        | x-1 [000] ..... 1: tracing_mark_write: hil begin 11
        | x-1 [000] ..... 2: f2fs_issue_discard: dev = (7,0), blkstart = 0x2000, blklen = 0x2
        | x-1 [000] ..... 3: tracing_mark_write: hil end 11
        13: write file=b offset=0 length=1048576 seed=0x2
        = @6+1 errno=0 written=1048576
        14: sync
        = @6+1 errno=0
        15: delete file=b
        = @6+1 errno=0
        16: sync
        = @6+1 errno=0
        17: fitrim start=0x0 length=0x4000000 minlen=0x0
        = @6+1 errno=0 len=1048576 discard-ios=1 discard-sectors=2048
        18: fitrim start=0x0 length=0x4000000 minlen=0x0
        = @6+1 errno=0 len=0 discard-ios=0 discard-sectors=0
        19: fitrim start=0x0 length=0x4000000 minlen=0x0 privileged=no
        = @6+1 errno=EPERM len=67108864 discard-ios=0 discard-sectors=0
        20: write file=c offset=1 length=3 seed=0x3
        = @6+1 errno=0 written=3
        21: read file=c
        = @6+1 errno=0 length=4 blocks=[DIGEST]
        22: delete file=none
        = @6+1 errno=ENOENT
        23: iostat-period ms=99
        = @6+1 errno=EINVAL
        24: read-attribute name="iostat_period_ms"
        = @6+1 errno=0 content="3000"
        25: read-iostat-info
        = @6+1 errno=0
        26: iostat enable=yes
        = @6+1 errno=0
        27: read file=c
        = @6+1 errno=0 length=4 blocks=[DIGEST]
        28: read-iostat-info
        = @6+1 errno=0
        | [READ]
        | app buffered data: 4
        end complete

        """.Replace("DIGEST", Digest());

    private static string Event(int buffered, int data) => Bytes.Replace("BUF", buffered.ToString()).Replace("DATA", data.ToString());

    private static string Triples(string sync, string async) => Latency.Replace("SD", sync).Replace("AD", async);

    private static string Digest()
    {
        var bytes = new byte[4];
        Core.Devices.F2fs.FileContent.Fill(bytes.AsSpan(1), 3, 1);
        return $"0x{Core.ContentDigest.Of(bytes):x}";
    }

    /// <summary>Lines as the kernel prints them; those that begin with '!' are of an interrupt.</summary>
    private static string Script(params string[] events)
    {
        var text = new StringBuilder();
        for (var i = 0; i < events.Length; i++)
        {
            var interrupt = events[i][0] == '!';
            text.Append($"| {(interrupt ? "<idle>-0 [001] d.h1." : "agent-1 [000] .....")} {i + 1}: {Full(events[i].TrimStart('!'))}\n");
        }
        return text.ToString();
    }

    private static string Full(string line)
    {
        var words = line.Split(' ');
        return words[0] switch
        {
            "mark" => $"tracing_mark_write: {line[5..]}",
            "tick" or "update" or "at_record" or "at_write" => $"{words[0]}: (place) jiffies={words[1]}",
            "bio_submit" or "bio_end" or "bio_put" => $"{words[0]}: (place) bio={words[1]} jiffies={words[2]}",
            "submit" => $"f2fs_submit_write_bio: dev = (7,0)/(7,0), rw = {words[1]}, DATA, sector = {words[2]}, size = 4096",
            "page" => $"f2fs_submit_page_write: dev = (7,0), ino = 4, page_index = 0x0, oldaddr = 0xffffffff, newaddr = {words[1]}, rw = WRITE(S), type = WARM_DATA",
            _ => line,
        };
    }
}
