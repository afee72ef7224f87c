using HilTests.Core.Devices.F2fs;

namespace HilTests.Models.F2fs.Following;

/// <summary>What a step did that shows in the trace between its marks; from the program and its result, not from the trace.</summary>
internal abstract record StepEffect
{
    /// <summary>Statistics were switched.</summary>
    public sealed record Enabled(bool On) : StepEffect;

    /// <summary>The agent itself worked on another file system.</summary>
    public sealed record Elsewhere : StepEffect;

    /// <summary>The period was set, in ms.</summary>
    public sealed record Period(long Milliseconds) : StepEffect;

    /// <summary>A file system was mounted: statistics are off, the period is the standard one.</summary>
    /// <param name="Background">whether discards are left to the background</param>
    /// <param name="Again">whether it was mounted already: statistics go on</param>
    public sealed record Mounted(bool Background, bool Again = false) : StepEffect
    {
        /// <summary>Whether discards are by block.</summary>
        public bool ByBlock { get; init; } = true;
    }

    /// <summary>Small discards were limited: what is freed need not be discarded.</summary>
    public sealed record Limited : StepEffect;

    /// <summary>The shortest command that the background issues was set, in blocks.</summary>
    public sealed record Granular(long Blocks) : StepEffect;

    /// <summary>The power was cut.</summary>
    public sealed record Crashed : StepEffect;

    /// <summary>The program waited for the background discards.</summary>
    /// <param name="All">whether all that can be discarded must be by now</param>
    public sealed record Drained(bool All) : StepEffect;

    /// <summary>FITRIMs and writes at the same time.</summary>
    public sealed record TrimmedBeside : StepEffect;

    /// <summary>The file system was unmounted.</summary>
    public sealed record Unmounted : StepEffect;

    /// <summary>A checkpoint was written, or nothing had changed since the last one.</summary>
    public sealed record Checkpointed : StepEffect;

    /// <summary>An application counter grew by a number of bytes in this range.</summary>
    public sealed record Bytes(ByteCounter Counter, long Low, long High) : StepEffect;

    /// <summary>FITRIM returned; the program's nodiscard mounts issue discards in no other way.</summary>
    /// <param name="Length">bytes that the disk discarded meanwhile</param>
    /// <param name="Minimum">the shortest extent it may discard, in blocks</param>
    /// <param name="First">the first block it may discard, counted from the start of the disk</param>
    /// <param name="End">the block after the last one it may discard</param>
    public sealed record Trimmed(long Length, long Minimum, long First, long End) : StepEffect
    {
        /// <summary>Whether the call itself discards; otherwise the background does, later.</summary>
        public bool Direct { get; init; }

        /// <summary>Whether more may have been discarded than <see cref="Length"/> says.</summary>
        public bool Shared { get; init; }

        /// <summary>Whether every free extent in the range that is long enough must be discarded.</summary>
        public bool ByBlock { get; init; }
    }
}
