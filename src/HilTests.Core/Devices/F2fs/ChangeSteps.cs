using HilTests.Core.Programs;

namespace HilTests.Core.Devices.F2fs;

/// <summary>What fallocate(2) does to a range of a file.</summary>
public enum RangeChange
{
    /// <summary>Reserves space; the file grows to the range's end.</summary>
    Reserve,

    /// <summary>Reserves space; the file keeps its length.</summary>
    ReserveKeep,

    /// <summary>The range reads as zeroes; the file keeps its length.</summary>
    Punch,

    /// <summary>The range reads as zeroes; the file grows to its end.</summary>
    Zero,

    /// <summary>The range is cut out and what follows moves up.</summary>
    Collapse,

    /// <summary>What follows the offset moves down; the gap reads as zeroes.</summary>
    Insert,
}

/// <summary>
/// Writes through a shared mapping: the file is made as long as the range's end if it is shorter, the range is mapped, filled with
/// <see cref="FileContent"/> and unmapped. Records <c>written</c> (bytes).
/// </summary>
/// <param name="File">the name</param>
/// <param name="Offset">bytes</param>
/// <param name="Length">bytes</param>
/// <param name="Seed">the content's seed</param>
/// <param name="Sync">whether msync(2) with MS_SYNC comes before the unmapping</param>
public sealed record WriteMappedStep(string File, long Offset, int Length, ulong Seed, bool Sync) : Step;

/// <summary>fdatasync(2).</summary>
public sealed record FdatasyncStep(string File) : Step;

/// <summary>F2FS_IOC_WRITE_CHECKPOINT: metadata is on disk; what was written to files may still be in memory.</summary>
public sealed record CheckpointStep : Step;

/// <summary>fallocate(2).</summary>
/// <param name="File">the name</param>
/// <param name="Change">what is done</param>
/// <param name="Offset">bytes</param>
/// <param name="Length">bytes</param>
public sealed record FallocateStep(string File, RangeChange Change, long Offset, long Length) : Step;

/// <summary>rename(2); what had the new name is gone.</summary>
public sealed record RenameStep(string File, string To) : Step;

/// <summary>F2FS_IOC_GARBAGE_COLLECT with sync: cleans one section, if there is one to clean.</summary>
public sealed record CollectStep : Step;

/// <summary>
/// F2FS_IOC_START_ATOMIC_WRITE, one write, and F2FS_IOC_COMMIT_ATOMIC_WRITE, or the abort. Records <c>written</c> (bytes). The range lies
/// within the file, in whole blocks.
/// </summary>
public sealed record WriteAtomicStep(string File, long Offset, int Length, ulong Seed, bool Commit) : Step;

/// <summary>
/// Trims everything while another thread writes the range again and again and syncs it. Records <c>written</c> (bytes of the last
/// round) and <c>trims</c>, how many FITRIMs worked.
/// </summary>
/// <param name="File">the name</param>
/// <param name="Length">bytes, from the file's start</param>
/// <param name="Seed">the content's seed</param>
/// <param name="Rounds">FITRIMs and, at least, rounds of writing: 1 to 20</param>
public sealed record TrimBesideStep(string File, int Length, ulong Seed, int Rounds) : Step;

/// <summary>
/// Waits until the file system has no discard left to issue (<c>pending_discard</c> in sysfs), or for that long without any being
/// issued. Records <c>pending</c>.
/// </summary>
/// <param name="Milliseconds">1 to 10000</param>
public sealed record DrainStep(int Milliseconds) : Step;

/// <summary>
/// A power cut: the file system stops without writing anything more (F2FS_IOC_SHUTDOWN, NOSYNC), is unmounted, and the disk loses what
/// was not flushed from its cache. Needs a disk of kind <see cref="DiskKind.NullBlkCached"/>.
/// </summary>
public sealed record CrashStep : Step;
