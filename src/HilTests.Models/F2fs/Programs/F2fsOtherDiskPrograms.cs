using HilTests.Core.Programs;

namespace HilTests.Models.F2fs.Programs;

/// <summary>Programs on disks of the device mapper and of SCSI.</summary>
public static class F2fsOtherDiskPrograms
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Program> All { get; } =
    [
        F2fsScript.Make("f2fs-delayed", "reads that take 12 ms and writes and discards that take 40 ms, in the records of their periods", """
            disk kind=delay mib=56 latency-us=12000 write-latency-us=40000
            mkfs
            trace-start
            mount options="nodiscard,background_gc=off"
            iostat-period ms=100
            iostat enable=yes
            write file=a length=65536 seed=0x1
            write file=b length=200000 seed=0x2
            writeback file=b
            fsync file=a
            write-direct file=c length=8192 seed=0x3
            sync
            drop-caches
            read file=a
            read file=c direct=yes
            pass ms=110
            write file=a length=4096 seed=0x4
            delete file=b
            sync
            fitrim
            pass ms=110
            write file=a length=4096 seed=0x5
            drop-caches
            read file=a
            trace-read
            """, F2fsNeeds.Latency),
        F2fsScript.Make("f2fs-granularity", "a disk that discards 16 blocks at least: shorter extents stay, and what goes is whole", """
            disk kind=scsi mib=64 granularity=16
            mkfs
            trace-start
            mount options="nodiscard,background_gc=off"
            iostat enable=yes
            fitrim
            write file=a length=65536 seed=0x1
            write file=b length=32768 seed=0x2
            write file=c length=61440 seed=0x3
            write file=d length=4096 seed=0x4
            write file=e length=200704 seed=0x5
            write file=f length=4096 seed=0x6
            sync
            delete file=a
            delete file=c
            delete file=e
            sync
            fitrim
            fitrim minlen=0x1000
            fitrim minlen=0x20000
            write file=g length=70000 seed=0x7
            sync
            delete file=b
            sync
            fitrim
            trace-read
            drop-caches
            read file=d
            read file=f
            read file=g
            umount
            mount options="nodiscard"
            read file=d
            read file=g
            """),
        F2fsScript.Make("f2fs-unmap-limit", "a SCSI disk that takes 40 blocks at once at most, in steps of 8", """
            disk kind=scsi mib=64 granularity=8 discard-max=40
            mkfs
            trace-start
            mount options="nodiscard,background_gc=off"
            iostat-period ms=100
            iostat enable=yes
            write file=a length=3145728 seed=0x1
            write file=b length=12288 seed=0x2
            sync
            delete file=a
            sync
            fitrim
            pass ms=110
            write file=b length=12288 seed=0x3
            sync
            fitrim start=0x1000000 length=0x800000
            fitrim
            trace-read
            drop-caches
            read file=b
            umount
            mount options="nodiscard"
            read file=b
            """),
    ];
}
