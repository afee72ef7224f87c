using HilTests.Core.Programs;

namespace HilTests.Core.Devices.F2fs;

/// <summary>What the file system lies on.</summary>
public enum DiskKind
{
    /// <summary>A loop device over a file in memory: what is discarded becomes a hole of the file.</summary>
    Loop,

    /// <summary>A null_blk device with memory behind it: requests complete a set time after they are submitted.</summary>
    NullBlk,

    /// <summary>A null_blk device with a small write cache: what is not flushed is lost at a power cut.</summary>
    NullBlkCached,

    /// <summary>A null_blk device behind the device mapper's target <c>delay</c>: reads and writes wait for times of their own.</summary>
    Delay,

    /// <summary>A disk of scsi_debug: discards have a granularity and a longest length. In a VM only.</summary>
    Scsi,
}

/// <summary>Makes the disk. The first step of every program; one disk a program.</summary>
/// <param name="Kind">what it is</param>
/// <param name="Mebibytes">its size, 52 to 1024 MiB</param>
/// <param name="Fill">whether a loop disk's file is filled first, so that it has no hole before the first discard</param>
/// <param name="LatencyMicroseconds">how long a null_blk request takes at least; 0 completes at once</param>
public sealed record DiskStep(DiskKind Kind, int Mebibytes, bool Fill, int LatencyMicroseconds) : Step
{
    /// <summary>Whether the disk can discard; one that cannot is a null_blk.</summary>
    public bool CanDiscard { get; init; } = true;

    /// <summary>The longest discard that it takes at once, in blocks of 4096 bytes; 0 leaves it at the disk's own.</summary>
    public int DiscardMaxBlocks { get; init; }

    /// <summary>How long what is no read waits on a delayed disk; 0 is as long as reads. Whole milliseconds.</summary>
    public int WriteLatencyMicroseconds { get; init; }

    /// <summary>What a SCSI disk discards at once at least, in blocks of 4096 bytes; 0 is one.</summary>
    public int GranularityBlocks { get; init; }

    /// <summary>How many blocks at the end of a null_blk fail every request that touches them.</summary>
    public int BadBlocks { get; init; }
}

/// <summary>
/// Makes a second file system beside the program's: a loop disk, formatted, mounted without discards, its statistics on with a period of 100 ms. At most one
/// a program; it goes with the program.
/// </summary>
public sealed record NeighbourStep : Step;

/// <summary>Writes and syncs a file of the second file system.</summary>
/// <param name="Length">bytes</param>
public sealed record NeighbourWriteStep(int Length) : Step;

/// <summary>Runs <c>mkfs.f2fs -f -t 0</c>: without the trim that mkfs makes otherwise.</summary>
public sealed record MkfsStep : Step;

/// <summary>Mounts the disk.</summary>
/// <param name="Options">as after <c>mount -o</c></param>
public sealed record MountStep(string Options) : Step;

/// <summary>Mounts the mounted file system again with other options.</summary>
public sealed record RemountStep(string Options) : Step;

/// <summary>Unmounts. Records EINVAL where nothing is mounted.</summary>
public sealed record UmountStep : Step;

/// <summary>Writes 3 to <c>/proc/sys/vm/drop_caches</c>: clean pages are read from the disk again afterwards.</summary>
public sealed record DropCachesStep : Step;

/// <summary>
/// Trims. Records <c>len</c> as the kernel gave it back, and over the call the growth of the disk's discards:
/// <c>discard-ios</c>, <c>discard-sectors</c> (of 512 bytes), from <c>/sys/block/DEV/stat</c>.
/// </summary>
/// <param name="Start">bytes</param>
/// <param name="Length">bytes</param>
/// <param name="MinLength">bytes: shorter free extents stay</param>
/// <param name="Privileged">without it the call is made without CAP_SYS_ADMIN</param>
public sealed record FitrimStep(ulong Start, ulong Length, ulong MinLength, bool Privileged) : Step;
