using HilTests.Core.Programs;

namespace HilTests.Models.F2fs.Programs;

/// <summary>Programs about what is left of an operation after the next one: a power cut right after a checkpoint, a mount after an unmount, writes while discards are under way.</summary>
public static class F2fsAftermathPrograms
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Program> All { get; } =
    [
        F2fsScript.Make("f2fs-crash-checkpoint", "a power cut right after a checkpoint, with nothing else that flushes the disk: all of it is there", """
            disk kind=null-blk-cached mib=56
            mkfs
            mount options="nodiscard,background_gc=off"
            write file=a length=60000 seed=0x1
            sync
            write file=a offset=8192 length=20000 seed=0x2
            write file=b length=30000 seed=0x3
            sync
            crash
            mount options="nodiscard,background_gc=off"
            read file=a
            read file=b
            write file=c length=300000 seed=0x4
            delete file=a
            sync
            crash
            mount options="nodiscard,background_gc=off"
            read file=a
            read file=b
            read file=c
            """),
        F2fsScript.Make("f2fs-trim-after-mount", "what was freed before an unmount, and not trimmed, FITRIM finds after the next mount", F2fsScript.Loop + """
            fitrim
            write file=a length=900000 seed=0x1
            write file=b length=40000 seed=0x2
            sync
            delete file=a
            sync
            umount
            trace-read
            mount options="nodiscard,background_gc=off"
            fitrim
            write file=c length=600000 seed=0x3
            sync
            delete file=c
            umount
            mount options="nodiscard,background_gc=off"
            fitrim
            drop-caches
            read file=b
            trace-read
            """),
        F2fsScript.Make("f2fs-trim-reuse", "blocks are given out again only when a discard of them is over, on a disk that takes its time", """
            disk kind=null-blk mib=56 latency-us=8000
            mkfs
            trace-start
            mount options="nodiscard,background_gc=off,mode=lfs"
            write file=a length=40000 seed=0x1
            sync
            trim-beside file=t length=40000 seed=0x8 rounds=3
            drop-caches
            read file=a
            read file=t
            trace-read
            """),
        F2fsScript.Make("f2fs-background-reuse", "the same where discards are left to the background", """
            disk kind=null-blk mib=56 latency-us=8000
            mkfs
            trace-start
            mount options="discard,background_gc=off,mode=lfs"
            set-attribute name="gc_urgent" content="2"
            write file=a length=40000 seed=0x1
            sync
            trim-beside file=t length=40000 seed=0x8 rounds=3
            drop-caches
            read file=a
            read file=t
            trace-read
            """, F2fsNeeds.Latency),
        F2fsScript.Make("f2fs-granularity-standard", "the granularity after a mount: one block on a small disk, a segment where the mount discards by segment or section", """
            disk kind=null-blk mib=56
            mkfs
            mount options="discard,background_gc=off"
            read-attribute name="discard_granularity"
            set-attribute name="discard_granularity" content="16"
            umount
            mount options="discard,background_gc=off,discard_unit=segment"
            read-attribute name="discard_granularity"
            umount
            mount options="nodiscard,background_gc=off,discard_unit=section"
            read-attribute name="discard_granularity"
            umount
            mount options="nodiscard,background_gc=off"
            read-attribute name="discard_granularity"
            """, F2fsNeeds.Latency),
    ];
}
