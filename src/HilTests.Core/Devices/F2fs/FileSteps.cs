using HilTests.Core.Programs;

namespace HilTests.Core.Devices.F2fs;

/// <summary>Writes bytes of <see cref="FileContent"/> through the page cache; records <c>written</c> (bytes).</summary>
/// <param name="File">a name without slashes, in the root directory</param>
/// <param name="Offset">bytes</param>
/// <param name="Length">bytes</param>
/// <param name="Seed">the content's seed</param>
public sealed record WriteStep(string File, long Offset, int Length, ulong Seed) : Step;

/// <summary>Writes with O_DIRECT; records <c>written</c> (bytes). Offset and length in whole blocks of 4096 bytes.</summary>
public sealed record WriteDirectStep(string File, long Offset, int Length, ulong Seed) : Step;

/// <summary>
/// Reads the whole file; records <c>length</c> (bytes) and <c>blocks</c>: the digest of each 4096 bytes, see
/// <see cref="ContentDigest"/>.
/// </summary>
/// <param name="File">the name</param>
/// <param name="Direct">whether with O_DIRECT</param>
public sealed record ReadStep(string File, bool Direct) : Step;

/// <summary>fsync(2).</summary>
public sealed record FsyncStep(string File) : Step;

/// <summary>Starts to write the file's dirty pages and does not wait for them: sync_file_range(2) with WRITE alone.</summary>
public sealed record WritebackStep(string File) : Step;

/// <summary>syncfs(2) of the mounted file system.</summary>
public sealed record SyncStep : Step;

/// <summary>unlink(2).</summary>
public sealed record DeleteStep(string File) : Step;

/// <summary>ftruncate(2) to a length in bytes.</summary>
public sealed record TruncateStep(string File, long Length) : Step;

/// <summary>Lets time pass. Part of what a program does, as a write is; never used to wait for an event.</summary>
/// <param name="Milliseconds">1 to 5000</param>
public sealed record PassStep(int Milliseconds) : Step;
