using HilTests.Core.Programs;

namespace HilTests.Models.F2fs.Programs;

/// <summary>Programs about space: which blocks are discarded, by whom and when; what is left of files after a power cut.</summary>
public static class F2fsSpacePrograms
{
    private const string Background = "disk kind=null-blk mib=56\nmkfs\ntrace-start\nmount options=\"discard,background_gc=off\"\nset-attribute name=\"gc_urgent\" content=\"2\"\n";
    private const string Cached = "disk kind=null-blk-cached mib=56\nmkfs\n";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Program> All { get; } =
    [
        F2fsScript.Make("f2fs-trim-edges", "ranges that begin or end at a segment, beside one, before the files and behind them", F2fsScript.Loop + $"""
            {Fragments("e", 12)}
            fitrim start=0x0 length=0x1000
            fitrim start=0x0 length=0x1000000
            fitrim start=0x0 length=0x1001000
            fitrim start=0x11ff000 length=0x1000
            fitrim start=0x1200000 length=0x1000
            fitrim start=0x1401000 length=0x1fe000
            fitrim start=0x1401000 length=0x1ff000
            fitrim start=0x1401000 length=0x200000
            fitrim start=0x37ff000 length=0xffffffffffffffff
            fitrim start=0x3800000 length=0x1000
            fitrim start=0x37fffff length=0x1001
            fitrim start=0x0 length=0xfff
            fitrim start=0x1800001 length=0x201fff
            fitrim start=0xffffffffffffffff length=0xffffffffffffffff
            trace-read
            fitrim start=0x2000000 length=0xffffffffffffffff
            fitrim
            fitrim
            trace-read
            """),
        F2fsScript.Make("f2fs-trim-minlen", "extents are left that are shorter than minlen, to the block", F2fsScript.Loop + $"""
            {Fragments("m", 16)}
            fitrim minlen=0x200000
            fitrim minlen=0x1f7000
            fitrim minlen=0x8000
            fitrim minlen=0x7fff
            fitrim minlen=0x3001
            trace-read
            fitrim minlen=0x3000
            fitrim minlen=0x1001
            fitrim minlen=0x1
            fitrim minlen=0x0
            trace-read
            """),
        F2fsScript.Make("f2fs-trim-rewritten", "what is written and freed again after a trim is trimmed again, and nothing else", F2fsScript.Loop + """
            iostat-period ms=100
            iostat enable=yes
            fitrim
            write file=a length=900000 seed=0x1
            write file=b length=40000 seed=0x2
            sync
            trace-read
            fitrim
            truncate file=a length=300000
            fallocate file=a change=punch offset=8192 length=65536
            fitrim
            sync
            fitrim
            trace-read
            delete file=b
            write-direct file=c length=131072 seed=0x3
            fitrim
            delete file=c
            checkpoint
            fitrim
            umount
            trace-read
            mount options="nodiscard,background_gc=off"
            write file=d length=50000 seed=0x4
            sync
            delete file=d
            sync
            fitrim
            drop-caches
            read file=a
            trace-read
            """),
        F2fsScript.Make("f2fs-background", "what a discard mount frees is discarded by the background, and what FITRIM files", Background + $"""
            {Fragments("k", 10)}
            drain ms=2000
            trace-read
            write file=big length=3000000 seed=0x9
            sync
            delete file=big
            sync
            drain ms=2000
            fitrim minlen=0x4000
            write file=z length=4096 seed=0x1
            sync
            drain ms=2000
            trace-read
            fitrim
            umount
            trace-read
            mount options="nodiscard"
            read file=k1
            read file=k3
            """, F2fsNeeds.Latency),
        F2fsScript.Make("f2fs-background-unmount", "an unmount issues what the background has not", $"""
            disk kind=loop mib=56
            mkfs
            trace-start
            mount options="discard,background_gc=off"
            set-attribute name="discard_granularity" content="32"
            {Fragments("u", 10)}
            fitrim start=0x1000000 length=0x1000000
            umount
            trace-read
            mount options="discard,background_gc=off"
            set-attribute name="max_discard_request" content="1"
            delete file=u1
            sync
            fitrim
            remount options="nodiscard"
            trace-read
            fitrim
            trace-read
            umount
            mount options="nodiscard"
            read file=u3
            read file=u5
            """, F2fsNeeds.Latency),
        F2fsScript.Make("f2fs-background-coarse", "the background leaves what is shorter than its granularity to the unmount", Background + $"""
            set-attribute name="discard_granularity" content="64"
            write file=big length=1200000 seed=0x9
            sync
            delete file=big
            sync
            drain ms=1000
            {Fragments("c", 10)}
            write file=big2 length=1200000 seed=0x19
            sync
            delete file=big2
            sync
            drain ms=1000
            trace-read
            delete file=c1
            sync
            drain ms=500
            trace-read
            umount
            trace-read
            mount options="nodiscard"
            read file=c3
            """, F2fsNeeds.Latency),
        F2fsScript.Make("f2fs-nodiscard", "a mount that is not to discard does so for nobody but FITRIM: not for whole segments, nor when it ends", """
            disk kind=null-blk mib=64
            mkfs
            trace-start
            mount options="nodiscard,background_gc=off"
            write file=a length=6500000 seed=0x1b1
            write file=b length=70000 seed=0x1b2
            sync
            delete file=a
            sync
            write file=c length=4096 seed=0x1b3
            sync
            pass ms=100
            umount
            trace-read
            mount options="nodiscard,background_gc=off"
            delete file=b
            sync
            read file=c
            trace-read
            """),
        F2fsScript.Make("f2fs-units", "a mount that discards by segment takes no single blocks", """
            disk kind=null-blk mib=56
            mkfs
            trace-start
            mount options="discard,background_gc=off,discard_unit=segment"
            set-attribute name="discard_granularity" content="1"
            write file=a length=3500000 seed=0x1
            write file=b length=100000 seed=0x2
            sync
            delete file=a
            sync
            fitrim
            umount
            trace-read
            mount options="nodiscard,discard_unit=section,mode=lfs,background_gc=off"
            delete file=b
            sync
            fitrim
            write file=c length=50000 seed=0x3
            sync
            drop-caches
            read file=c
            trace-read
            """, F2fsNeeds.Latency),
        F2fsScript.Make("f2fs-changes", "mapped writes, punched, zeroed, cut and inserted ranges, renames and garbage collection keep every byte", F2fsScript.Loop + """
            write-mapped file=m offset=1000 length=70000 seed=0x1 sync=yes
            write-mapped file=m offset=40960 length=8192 seed=0x2
            read file=m
            write file=a length=102400 seed=0x3
            fallocate file=a change=punch offset=5000 length=20000
            fallocate file=a change=zero offset=90000 length=30000
            fallocate file=a change=collapse offset=4096 length=8192
            fallocate file=a change=collapse offset=4096 length=5000
            fallocate file=a change=insert offset=16384 length=12288
            fallocate file=a change=insert offset=1638400 length=4096
            fallocate file=a change=reserve offset=200000 length=10000
            fallocate file=a change=reserve-keep offset=300000 length=10000
            read file=a
            fdatasync file=a
            write file=b length=300000 seed=0x4
            rename file=b to=c
            rename file=b to=d
            rename file=a to=c
            sync
            write file=d length=700000 seed=0x5
            sync
            truncate file=d length=350000
            checkpoint
            collect
            fitrim
            write-atomic file=d offset=8192 length=16384 seed=0x6 commit=yes
            write-atomic file=d offset=0 length=8192 seed=0x7
            trim-beside file=t length=100000 seed=0x8 rounds=4
            drop-caches
            read file=c
            read file=d
            read file=m
            read file=t
            trace-read
            umount
            mount options="background_gc=off"
            read file=c
            read file=d
            read file=m
            read file=t
            """, F2fsNeeds.Latency),
        F2fsScript.Make("f2fs-crash", "after a power cut what was synced is there, and what was not is old or new", Cached + """
            mount options="nodiscard,background_gc=off"
            write file=a length=60000 seed=0x1
            write file=b length=30000 seed=0x2
            sync
            write file=a offset=8192 length=20000 seed=0x3
            fsync file=a
            write file=b offset=0 length=50000 seed=0x4
            write file=new length=20000 seed=0x5
            fsync file=new
            write file=lost length=20000 seed=0x6
            write-mapped file=map length=12288 seed=0x7
            fdatasync file=map
            crash
            mount options="nodiscard,background_gc=off"
            read file=a
            read file=b
            read file=new
            read file=lost
            read file=map
            write file=a offset=0 length=4096 seed=0x8
            delete file=new
            umount
            mount options="background_gc=off"
            read file=a
            read file=new
            read file=map
            """),
        F2fsScript.Make("f2fs-crash-deep", "what was synced is there, too, where it hangs on nodes of its own: behind the first 923 blocks of a file", Cached + """
            mount options="nodiscard,background_gc=off"
            write file=a length=30000 seed=0x1
            write file=b offset=3700000 length=200000 seed=0x2
            write file=b offset=6000000 length=5000 seed=0x8
            sync
            write file=b offset=4500000 length=20000 seed=0x9
            fdatasync file=b
            write file=a offset=4000000 length=30000 seed=0x3
            fsync file=a
            write file=b offset=3790000 length=20000 seed=0x4
            fdatasync file=b
            write file=c offset=8100000 length=20000 seed=0x5
            fsync file=c
            write file=a offset=4010000 length=5000 seed=0x6
            write file=a offset=0 length=5000 seed=0x7
            fsync file=a
            crash
            mount options="nodiscard,background_gc=off"
            read file=a
            read file=b
            read file=c
            umount
            mount options="background_gc=off"
            read file=a
            read file=b
            read file=c
            """),
        F2fsScript.Make("f2fs-crash-trim", "what is discarded is never what a power cut brings back", Cached + """
            trace-start
            mount options="nodiscard,background_gc=off"
            write file=a length=200000 seed=0x1
            write file=b length=200000 seed=0x2
            sync
            fitrim
            write file=a offset=0 length=100000 seed=0x3
            fsync file=a
            delete file=b
            fitrim
            trace-read
            write file=c length=50000 seed=0x4
            fsync file=c
            truncate file=a length=150000
            fsync file=a
            crash
            mount options="discard,background_gc=off"
            read file=a
            read file=c
            fitrim
            delete file=c
            checkpoint
            umount
            trace-read
            mount options="nodiscard"
            read file=a
            read file=c
            """),
        F2fsScript.Make("f2fs-crash-background", "background discards wait for the checkpoint", Cached + """
            mount options="discard,background_gc=off"
            set-attribute name="gc_urgent" content="2"
            write file=a length=400000 seed=0x1
            write file=b length=400000 seed=0x2
            sync
            write file=a length=300000 seed=0x3
            fsync file=a
            delete file=b
            write file=c length=8192 seed=0x4
            fsync file=c
            drain ms=1000
            crash
            mount options="discard,background_gc=off"
            read file=a
            read file=b
            read file=c
            delete file=b
            sync
            umount
            mount options="nodiscard"
            read file=a
            read file=c
            """),
        F2fsScript.Make("f2fs-knobs", "what sysfs attributes show after a mount, take and refuse", "disk kind=null-blk mib=56\nmkfs\nmount options=\"background_gc=on\"\n" + Knobs(), F2fsNeeds.Latency),
    ];

    /// <summary>Files of 2 to 7 blocks one behind the other, then every second one deleted.</summary>
    private static string Fragments(string name, int count)
    {
        var steps = Enumerable.Range(0, count).Select(i => $"write file={name}{i} length={4096 * (2 + (i % 6))} seed=0x{i + 16:x}").Append("sync")
            .Concat(Enumerable.Range(0, count / 2).Select(i => $"delete file={name}{2 * i}")).Append("sync");
        return string.Join('\n', steps);
    }

    private static string Knobs()
    {
        string[] shown =
        [
            "gc_urgent", "max_discard_request", "min_discard_issue_time", "mid_discard_issue_time", "max_discard_issue_time", "discard_idle_interval",
            "umount_discard_timeout", "cp_interval", "idle_interval", "gc_idle_interval", "gc_urgent_sleep_time", "gc_min_sleep_time", "gc_max_sleep_time",
            "gc_no_gc_sleep_time", "min_fsync_blocks", "min_hot_blocks", "max_victim_search", "seq_file_ra_mul", "max_fragment_chunk", "max_fragment_hole",
        ];
        string[] set =
        [
            "max_discard_request=3", "min_discard_issue_time=51", "mid_discard_issue_time=501", "max_discard_issue_time=60001", "discard_idle_interval=6",
            "umount_discard_timeout=7", "discard_granularity=512", "max_small_discards=5", "gc_urgent=2", "gc_idle_interval=8", "seq_file_ra_mul=256",
            "max_fragment_chunk=512", "max_fragment_hole=1",
        ];
        string[] refused =
        [
            "discard_granularity=0", "discard_granularity=513", "gc_urgent=4", "seq_file_ra_mul=1", "seq_file_ra_mul=257", "max_fragment_chunk=0", "max_fragment_chunk=513",
            "max_fragment_hole=0", "max_fragment_hole=513", "gc_reclaimed_segments=1", "migration_granularity=0", "max_discard_request=x", "iostat_period_ms=y",
        ];
        var steps = shown.Select(Read)
            .Concat(set.Select(Write)).Concat(set.Select(s => Read(s[..s.IndexOf('=')])))
            .Concat(refused.Select(Write)).Concat(set.Select(s => Read(s[..s.IndexOf('=')])));
        return string.Join('\n', steps.Append("gc_urgent=0").Select(s => s.Contains(' ') ? s : Write(s)).Append("umount"));
    }

    private static string Read(string name) => $"read-attribute name=\"{name}\"";

    private static string Write(string setting) => $"set-attribute name=\"{setting[..setting.IndexOf('=')]}\" content=\"{setting[(setting.IndexOf('=') + 1)..]}\"";
}
