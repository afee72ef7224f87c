using HilTests.Core.Programs;

namespace HilTests.Models.F2fs.Programs;

/// <summary>Programs written for one sentence of the specification each.</summary>
public static class F2fsPrograms
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Program> All { get; } =
    [
        F2fsScript.Make("f2fs-data", "what is written and synced reads back after dropped caches and a remount", """
            disk kind=null-blk mib=56
            mkfs
            mount options="nodiscard,background_gc=off"
            write file=a length=70001 seed=0x11
            write file=a offset=4096 length=8192 seed=0x12
            fsync file=a
            write file=b offset=40960 length=12288 seed=0x13
            write-direct file=c length=65536 seed=0x14
            read file=a
            sync
            drop-caches
            read file=a
            read file=b
            read file=c direct=yes
            drop-caches
            truncate file=a length=20000
            write file=a offset=30000 length=10 seed=0x15
            read file=a
            umount
            mount options="background_gc=off"
            read file=a
            read file=b
            read file=c
            """),
        F2fsScript.Make("f2fs-trim", "FITRIM, its commands, the disk's counters and the holes of the file agree; a repeat discards nothing", F2fsScript.Loop + """
            iostat enable=yes
            write file=a length=1048576 seed=0x21
            write file=b length=262144 seed=0x22
            sync
            delete file=a
            sync
            fitrim
            trace-read
            fitrim
            trace-read
            drop-caches
            read file=b
            umount
            trace-read
            mount options="nodiscard"
            read file=b
            """),
        F2fsScript.Make("f2fs-trim-range", "short extents and what lies outside the range are left", F2fsScript.Loop + """
            write file=a length=524288 seed=0x31
            write file=b length=12288 seed=0x32
            write file=c length=524288 seed=0x33
            write file=d length=8192 seed=0x34
            write file=e length=524288 seed=0x35
            sync
            delete file=b
            delete file=d
            sync
            fitrim minlen=0x100000
            fitrim minlen=0x8000
            fitrim start=0x1000000 length=0x800000
            trace-read
            fitrim
            drop-caches
            read file=a
            read file=c
            read file=e
            trace-read
            """),
        F2fsScript.Make("f2fs-trim-errors", "what FITRIM refuses, and what a discard mount leaves to the background", """
            disk kind=null-blk mib=56
            mount options=""
            mkfs
            mount options="no_such_option"
            umount
            mount options="discard,background_gc=off"
            write file=a length=65536 seed=0x41
            sync
            delete file=a
            sync
            fitrim privileged=no
            fitrim start=0x40000000
            fitrim length=4095
            fitrim
            """),
        F2fsScript.Make("f2fs-attributes", "which values sysfs takes", """
            disk kind=null-blk mib=56
            mkfs
            mount options="background_gc=off"
            read-attribute name="iostat_period_ms"
            iostat-period ms=99
            iostat-period ms=100
            read-attribute name="iostat_period_ms"
            iostat-period ms=8640000
            iostat-period ms=8640001
            read-attribute name="iostat_period_ms"
            set-attribute name="iostat_enable" content="x"
            set-attribute name="discard_granularity" content="0"
            set-attribute name="discard_granularity" content="513"
            set-attribute name="discard_granularity" content="16"
            set-attribute name="gc_urgent" content="9"
            set-attribute name="no_such_attribute" content="1"
            read-iostat-info
            iostat enable=yes
            read-attribute name="iostat_enable"
            write file=a length=10000 seed=0x51
            read file=a
            delete file=b
            truncate file=b length=1
            fsync file=b
            read-iostat-info
            iostat enable=no
            read-iostat-info
            iostat enable=yes
            write-direct file=b length=8192 seed=0x52
            read file=b direct=yes
            read-iostat-info
            """),
        F2fsScript.Make("f2fs-latency", "each period counts what completed in it, with the time it took", F2fsScript.Slow(10_000) + """
            iostat-period ms=100
            iostat enable=yes
            write file=a length=40960 seed=0x61
            fsync file=a
            write file=b length=200000 seed=0x62
            sync
            pass ms=110
            write file=c length=4096 seed=0x63
            fsync file=c
            drop-caches
            read file=a
            pass ms=110
            write file=d length=4096 seed=0x64
            sync
            pass ms=110
            write file=d length=4096 seed=0x65
            trace-read
            """, F2fsNeeds.Latency),
        F2fsScript.Make("f2fs-latency-pending", "a bio counts when it completes, not when it is submitted", """
            disk kind=null-blk mib=56 latency-us=60000
            mkfs
            mount options="nodiscard,background_gc=off"
            trace-start
            iostat-period ms=100
            write file=a length=400000 seed=0x71
            iostat enable=yes
            write file=b length=4096 seed=0x72
            pass ms=110
            writeback file=a
            write file=b length=4096 seed=0x73
            pass ms=110
            write file=b length=4096 seed=0x74
            fsync file=b
            pass ms=110
            write file=b length=4096 seed=0x75
            trace-read
            """, F2fsNeeds.Latency),
        F2fsScript.Make("f2fs-latency-off", "switching off clears, switching on does not", F2fsScript.Slow(10_000) + """
            iostat-period ms=100
            iostat enable=yes
            write file=a length=8192 seed=0x81
            write file=b length=40960 seed=0x82
            fsync file=b
            iostat enable=no
            write file=c length=8192 seed=0x83
            fsync file=c
            iostat enable=yes
            write file=a length=8192 seed=0x84
            fsync file=a
            pass ms=110
            write file=a length=4096 seed=0x85
            fsync file=a
            iostat enable=yes
            pass ms=110
            write file=a length=4096 seed=0x86
            trace-read
            """, F2fsNeeds.Latency),
        F2fsScript.Make("f2fs-period", "the deadline is the last record's time plus the period as it was then", F2fsScript.Slow(10_000) + """
            iostat-period ms=150
            iostat enable=yes
            write file=a length=4096 seed=0x91
            iostat-period ms=100
            pass ms=110
            write file=a length=4096 seed=0x92
            pass ms=60
            write file=a length=4096 seed=0x93
            iostat-period ms=8640000
            pass ms=330
            write file=a length=4096 seed=0x94
            iostat-period ms=100
            write file=a length=4096 seed=0x95
            pass ms=110
            write file=a length=4096 seed=0x96
            trace-read
            """),
        F2fsScript.Make("f2fs-counters", "byte counters against the blocks that were really written, read and discarded", F2fsScript.Loop + """
            iostat-period ms=100
            iostat enable=yes
            write file=a length=300000 seed=0xa1
            write-direct file=b length=131072 seed=0xa2
            fsync file=a
            sync
            trace-read
            drop-caches
            read file=a
            read file=b direct=yes
            delete file=a
            sync
            pass ms=110
            write file=c length=5000 seed=0xa3
            fitrim
            pass ms=110
            write file=c length=5000 seed=0xa4
            trace-read
            """),
    ];
}
