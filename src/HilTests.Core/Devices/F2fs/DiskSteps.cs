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
}

/// <summary>Makes the disk. The first step of every program; one disk a program.</summary>
/// <param name="Kind">what it is</param>
/// <param name="Mebibytes">its size, 52 to 1024 MiB</param>
/// <param name="Fill">whether a loop disk's file is filled first, so that it has no hole before the first discard</param>
/// <param name="LatencyMicroseconds">how long a null_blk request takes at least; 0 completes at once</param>
public sealed record DiskStep(DiskKind Kind, int Mebibytes, bool Fill, int LatencyMicroseconds) : Step;

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
