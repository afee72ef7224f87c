namespace HilTests.Core.Devices.F2fs;

/// <summary>What a line of the program's trace says.</summary>
public enum TraceLineKind
{
    /// <summary>A line that the model does not use.</summary>
    Other,

    /// <summary>The agent's mark: a step begins.</summary>
    StepBegin,

    /// <summary>The agent's mark: a step has ended.</summary>
    StepEnd,

    /// <summary>The agent's mark: the map of blocks in use is about to be read.</summary>
    SpaceRead,

    /// <summary>A line that carries jiffies and nothing else.</summary>
    Tick,

    /// <summary>f2fs is about to submit a bio: its class.</summary>
    Submit,

    /// <summary>Jiffies at a <see cref="Submit"/> line, from a probe on that event.</summary>
    AtSubmit,

    /// <summary>
    /// f2fs is about to submit a bio of direct I/O, on a kernel that accounts its latency; carries jiffies and the direction. No event of
    /// f2fs tells of such a bio.
    /// </summary>
    DirectSubmit,

    /// <summary>The block layer takes a bio: its range of sectors.</summary>
    BioQueued,

    /// <summary>submit_bio() is entered with a bio.</summary>
    BioSubmit,

    /// <summary>bio_endio() is entered with a bio.</summary>
    BioEnd,

    /// <summary>bio_put() is entered with a bio.</summary>
    BioPut,

    /// <summary>The block layer completes a request, or a part of it: its range of sectors.</summary>
    RequestDone,

    /// <summary>A counter is about to be updated, or, on kernels that do so inline, has just been.</summary>
    Update,

    /// <summary>A block is written: its type and new address.</summary>
    PageWrite,

    /// <summary>Garbage collection begins on this thread.</summary>
    CollectBegin,

    /// <summary>Garbage collection ends on this thread.</summary>
    CollectEnd,

    /// <summary>This thread begins to write a checkpoint.</summary>
    CheckpointBegin,

    /// <summary>The checkpoint is written, or was given up.</summary>
    CheckpointEnd,

    /// <summary>A discard command is issued: its range.</summary>
    Discard,

    /// <summary>The first line of a record: byte differences.</summary>
    Record,

    /// <summary>Jiffies at a <see cref="Record"/> line.</summary>
    AtRecord,

    /// <summary>The second line of a record: latencies.</summary>
    Latency,

    /// <summary>The kernel says that events were lost.</summary>
    Lost,
}

/// <summary>What a block holds.</summary>
public enum PageType
{
    Data,
    Node,
    Meta,

    /// <summary>None of the three.</summary>
    Unknown,
}

/// <summary>One line of the trace, decoded. Which members count depends on the kind.</summary>
public readonly record struct TraceLine
{
    public required TraceLineKind Kind { get; init; }

    /// <summary>The thread that was running.</summary>
    public int Pid { get; init; }

    /// <summary>The processor.</summary>
    public int Cpu { get; init; }

    /// <summary>Whether an interrupt was being served; the thread is then only the one that was interrupted.</summary>
    public bool InInterrupt { get; init; }

    /// <summary>Jiffies, or -1 where the line has none.</summary>
    public long Jiffies { get; init; }

    /// <summary>The bio's address, a step's number, a block address (units of 4096 bytes), or the size of a bio in bytes.</summary>
    public ulong Number { get; init; }

    /// <summary>Where a bio or a request begins on the disk, in sectors of 512 bytes.</summary>
    public ulong Sector { get; init; }

    /// <summary>Length of a discard in blocks of 4096 bytes, of a request in sectors of 512.</summary>
    public ulong Length { get; init; }

    /// <summary>The device of the file system: major in the upper 32 bits, minor in the lower; 0 where the line has none.</summary>
    public long Device { get; init; }

    public PageType Type { get; init; }

    /// <summary>Whether the request discards.</summary>
    public bool Discards { get; init; }

    /// <summary>Whether the bio writes, or the request.</summary>
    public bool Write { get; init; }

    /// <summary>Whether the bio carries REQ_SYNC.</summary>
    public bool Sync { get; init; }

    /// <summary>A device number as <see cref="Device"/> has it.</summary>
    public static long DeviceOf(long major, long minor) => (major << 32) | minor;
}
