using HilTests.Core.Programs;

namespace HilTests.Models.F2fs.Programs;

/// <summary>Programs on disks with known times and limits, and beside a second mount.</summary>
public static class F2fsDiskPrograms
{
    /// <summary>All of them. 20 ms are five ticks of 4 ms: a slip of one shows, and so does a wrong unit.</summary>
    public static IReadOnlyList<Program> All { get; } =
    [
        F2fsScript.Make("f2fs-known-latency", "every class on a disk whose requests take 20 ms", F2fsScript.Slow(20_000) + """
            iostat-period ms=100
            iostat enable=yes
            write file=a length=65536 seed=0x111
            write file=b length=65536 seed=0x112
            writeback file=b
            fsync file=a
            write-direct file=c length=8192 seed=0x113
            sync
            pass ms=60
            write file=a length=1 seed=0x114
            drop-caches
            read file=a
            read file=b
            pass ms=60
            write file=d length=4096 seed=0x115
            fsync file=d
            delete file=b
            sync
            pass ms=110
            write file=a length=1 seed=0x116
            trace-read
            """, F2fsNeeds.Latency),
        F2fsScript.Make("f2fs-records-dense", "records come at the first of many updates that follow each other closely", """
            disk kind=null-blk mib=64
            mkfs
            trace-start
            mount options="nodiscard,background_gc=off"
            iostat-period ms=100
            iostat enable=yes
            write file=a length=8388608 seed=0x121
            sync
            write file=a length=8388608 seed=0x122
            fsync file=a
            write file=b length=4194304 seed=0x123
            sync
            trace-read
            """),
        F2fsScript.Make("f2fs-discard-slow", "discards on a slow disk: their bytes in the records of the periods, and their times where records have them", F2fsScript.Slow(20_000) + """
            iostat-period ms=100
            iostat enable=yes
            write file=a length=524288 seed=0x131
            write file=b length=4096 seed=0x132
            write file=c length=262144 seed=0x133
            sync
            delete file=a
            delete file=c
            sync
            fitrim minlen=0x10000
            pass ms=110
            write file=b length=1 seed=0x134
            fitrim
            pass ms=110
            write file=b length=1 seed=0x135
            pass ms=110
            write file=b length=1 seed=0x136
            trace-read
            """),
        F2fsScript.Make("f2fs-discard-limit", "a command that is longer than the disk takes is cut; what is left after eight requests goes out next", """
            disk kind=loop mib=56 fill=yes discard-max=48
            mkfs
            trace-start
            mount options="nodiscard,background_gc=off"
            iostat-period ms=100
            iostat enable=yes
            write file=a length=3145728 seed=0x141
            write file=b length=12288 seed=0x142
            sync
            delete file=a
            sync
            fitrim
            pass ms=110
            write file=b length=12288 seed=0x143
            sync
            fitrim
            drop-caches
            read file=b
            trace-read
            """),
        F2fsScript.Make("f2fs-discard-fails", "a command that the disk fails is no part of FITRIM's answer, and not tried again", """
            disk kind=null-blk mib=64 discard-max=256 bad-blocks=300
            mkfs
            trace-start
            mount options="nodiscard,background_gc=off"
            fitrim
            write file=a length=1048576 seed=0x1a1
            write file=b length=65536 seed=0x1a2
            sync
            delete file=a
            sync
            fitrim
            fitrim
            drop-caches
            read file=b
            trace-read
            umount
            mount options="nodiscard,background_gc=off"
            fitrim
            read file=b
            trace-read
            """),
        F2fsScript.Make("f2fs-discard-refused", "a disk that cannot discard", """
            disk kind=null-blk mib=56 can-discard=no
            mkfs
            trace-start
            mount options="nodiscard,background_gc=off"
            iostat enable=yes
            write file=a length=65536 seed=0x151
            sync
            delete file=a
            sync
            fitrim privileged=no
            fitrim
            fitrim length=4095
            trace-read
            """),
        F2fsScript.Make("f2fs-counters-apart", "mapped, direct and buffered I/O and garbage collection each in their own counters, in the text and in the records", """
            disk kind=null-blk mib=56
            mkfs
            trace-start
            mount options="nodiscard,background_gc=off"
            iostat-period ms=100
            iostat enable=yes
            write file=a length=40960 seed=0x1
            write-direct file=d length=16384 seed=0x2
            write-mapped file=m length=12288 seed=0x3 sync=yes
            write file=e length=5000 seed=0x8
            read-iostat-info
            sync
            drop-caches
            read file=d direct=yes
            read file=e direct=yes
            read file=a
            pass ms=110
            write file=a length=4096 seed=0x4
            fsync file=a
            read-iostat-info
            write-mapped file=m offset=4096 length=4096 seed=0x5
            pass ms=110
            read file=d direct=yes
            read file=e direct=yes
            write file=a length=4096 seed=0x6
            fsync file=a
            collect
            sync
            read-iostat-info
            pass ms=110
            write file=b length=4096 seed=0x7
            fsync file=b
            read-iostat-info
            trace-read
            """, F2fsNeeds.Latency),
        F2fsScript.Make("f2fs-collect-much", "garbage collection that moves a segment's worth: its bytes are its own, and every file is whole", """
            disk kind=null-blk mib=56
            mkfs
            trace-start
            mount options="nodiscard,background_gc=off"
            iostat enable=yes
            write file=a length=600000 seed=0x1
            write file=b length=500000 seed=0x2
            sync
            write file=c length=700000 seed=0x3
            write file=d length=900000 seed=0x4
            sync
            write file=e length=1000000 seed=0x5
            write file=f length=1000000 seed=0x6
            sync
            delete file=b
            delete file=c
            sync
            collect
            collect
            sync
            read-iostat-info
            fitrim
            trace-read
            drop-caches
            read file=a
            read file=d
            read file=e
            read file=f
            """, F2fsNeeds.Latency),
        F2fsScript.Make("f2fs-two-mounts", "what a second file system does is in its own statistics alone", """
            disk kind=null-blk mib=56 latency-us=8000
            mkfs
            trace-start
            mount options="nodiscard,background_gc=off"
            iostat-period ms=100
            iostat enable=yes
            write file=a length=8192 seed=0x171
            neighbour
            neighbour-write length=300000
            write file=a length=8192 seed=0x172
            fsync file=a
            pass ms=110
            neighbour-write length=200000
            write file=b length=4096 seed=0x173
            fsync file=b
            neighbour-write length=100000
            pass ms=110
            write file=b length=4096 seed=0x174
            trace-read
            """),
        F2fsScript.Make("f2fs-attributes-odd", "values at the edge of what attributes take, and after a mount", """
            disk kind=null-blk mib=56
            mkfs
            mount options="background_gc=off"
            set-attribute name="iostat_enable" content="2"
            read-attribute name="iostat_enable"
            write file=a length=10000 seed=0x181
            read-iostat-info
            set-attribute name="iostat_enable" content="0"
            read-attribute name="iostat_enable"
            iostat-period ms=101
            iostat-period ms=0
            read-attribute name="iostat_period_ms"
            set-attribute name="iostat_period_ms" content="x"
            iostat-period ms=8639999
            read-attribute name="iostat_period_ms"
            set-attribute name="discard_granularity" content="512"
            set-attribute name="discard_granularity" content="1"
            umount
            mount options="background_gc=off"
            read-attribute name="iostat_period_ms"
            read-attribute name="iostat_enable"
            """),
    ];
}
