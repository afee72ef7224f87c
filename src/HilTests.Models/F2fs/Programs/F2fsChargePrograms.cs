using HilTests.Core.Devices.F2fs;
using HilTests.Core.Programs;

namespace HilTests.Models.F2fs.Programs;

/// <summary>Programs about the byte counters: for whom a block is written or read.</summary>
public static class F2fsChargePrograms
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Program> All { get; } =
    [
        F2fsScript.Make("f2fs-charged", "folders that a checkpoint writes, nodes of fsync, of sync and of checkpoints, and what each reads: every counter by itself", $"""
            disk kind=null-blk mib=64
            mkfs
            trace-start
            mount options="nodiscard,background_gc=off,noinline_dentry,noinline_data"
            iostat-period ms=100
            iostat enable=yes
            write file=a length=40960 seed=0x1
            checkpoint
            write file=b length=12288 seed=0x2
            fsync file=b
            write file=c length=5000 seed=0x3
            fdatasync file=c
            {string.Join('\n', Enumerable.Range(0, 12).Select(i => $"write file=s{i} length={4096 + (i * 900)} seed=0x{i + 16:x}"))}
            checkpoint
            trace-read
            sync
            rename file=s1 to=t1
            delete file=s2
            checkpoint
            drop-caches
            read file=a
            read file=s3
            write file=a offset=8192 length=4096 seed=0x4
            fsync file=a
            trace-read
            drop-caches
            truncate file=s4 length=100
            write file=s5 offset=20000 length=100 seed=0x5
            writeback file=s5
            sync
            fitrim
            trace-read
            """, F2fsNeeds.Latency),
        F2fsScript.Make("f2fs-charged-moved", "data that garbage collection reads and moves, summaries that writeback and checkpoints write", """
            disk kind=null-blk mib=128
            mkfs
            trace-start
            mount options="nodiscard,background_gc=off,noinline_dentry"
            iostat-period ms=100
            iostat enable=yes
            write file=a length=1200000 seed=0x1
            write file=b length=900000 seed=0x2
            sync
            write file=c length=1300000 seed=0x3
            checkpoint
            write file=d length=1500000 seed=0x4
            sync
            delete file=b
            checkpoint
            drop-caches
            collect
            trace-read
            write file=e length=5000 seed=0x5
            fsync file=e
            collect
            sync
            collect
            checkpoint
            trace-read
            drop-caches
            read file=a
            read file=c
            read file=d
            trace-read
            """, F2fsNeeds.Latency),
        F2fsScript.Make("f2fs-charged-nodes", "a file of many nodes, moved about: nodes that garbage collection moves, tables that checkpoints read and write", $"""
            disk kind=null-blk mib=1024
            mkfs
            trace-start
            mount options="nodiscard,background_gc=off"
            iostat enable=yes
            {string.Join('\n', Enumerable.Range(0, Nodes).Select(i => $"write file=n offset={i * BytesOfNode} length=4096 seed=0x{i + 1:x}"))}
            {string.Join('\n', Enumerable.Range(0, 6).Select(i => $"write file=k offset={i * BytesOfNode} length=4096 seed=0x{i + 200:x}"))}
            fsync file=k
            fsync file=n
            drop-caches
            checkpoint
            trace-read
            {string.Join('\n', Enumerable.Range(0, Rounds).SelectMany(i => (string[])["fallocate file=n change=" + (i % 2 == 0 ? "insert" : "collapse") + " offset=0 length=4096", i % 3 == 1 ? "checkpoint" : "fsync file=n"]))}
            trace-read
            sync
            drop-caches
            collect
            collect
            trace-read
            checkpoint
            drop-caches
            delete file=n
            checkpoint
            trace-read
            """, F2fsNeeds.Latency),
    ];

    /// <summary>Files have this many nodes beside their inode; a number that fills the journals in the summaries, 38 entries.</summary>
    private const int Nodes = 80;

    /// <summary>Enough to write a whole segment of nodes, 512 blocks.</summary>
    private const int Rounds = 7;

    /// <summary>A node has 1018 addresses of blocks.</summary>
    private const long BytesOfNode = 1018 * FileContent.BlockSize;
}
