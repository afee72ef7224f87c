using HilTests.Core.Programs;

namespace HilTests.Models.F2fs.Programs;

/// <summary>Programs on mounts that write no checkpoints.</summary>
public static class F2fsPausedPrograms
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Program> All { get; } =
    [
        F2fsScript.Make("f2fs-paused", "without checkpoints an unmount goes back to where they were paused, and enabling them keeps what there is", """
            disk kind=null-blk mib=96
            mkfs
            mount options="nodiscard,background_gc=off"
            write file=a length=60000 seed=0x1
            write file=b length=30000 seed=0x2
            umount
            mount options="nodiscard,background_gc=off,checkpoint=disable:100%"
            write file=a offset=8192 length=20000 seed=0x3
            fsync file=a
            write file=c length=40000 seed=0x4
            sync
            checkpoint
            delete file=b
            drop-caches
            read file=a
            read file=c
            umount
            mount options="nodiscard,background_gc=off,checkpoint=disable:100%"
            read file=a
            read file=b
            read file=c
            write file=a offset=20000 length=30000 seed=0x5
            fdatasync file=a
            delete file=b
            write file=d length=12288 seed=0x6
            remount options="nodiscard,checkpoint=enable"
            read file=a
            read file=d
            checkpoint
            umount
            mount options="nodiscard"
            read file=a
            read file=b
            read file=d
            """),
        F2fsScript.Make("f2fs-paused-crash", "a power cut while checkpoints are paused leaves what there was before", """
            disk kind=null-blk-cached mib=96
            mkfs
            mount options="nodiscard,background_gc=off"
            write file=a length=60000 seed=0x1
            write file=b length=30000 seed=0x2
            sync
            remount options="nodiscard,background_gc=off,checkpoint=disable:100%"
            write file=a offset=4096 length=50000 seed=0x3
            fsync file=a
            delete file=b
            write file=new length=20000 seed=0x4
            fsync file=new
            sync
            crash
            mount options="nodiscard,background_gc=off"
            read file=a
            read file=b
            read file=new
            write file=b offset=0 length=4096 seed=0x5
            fsync file=b
            crash
            mount options="nodiscard"
            read file=a
            read file=b
            """),
    ];
}
