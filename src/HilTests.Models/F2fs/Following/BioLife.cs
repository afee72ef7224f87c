using HilTests.Core.Devices.F2fs;

namespace HilTests.Models.F2fs.Following;

/// <summary>Whether statistics are on; between the begin and the end of a step that switches them, nobody can say.</summary>
internal enum Switch
{
    Off,
    Unsure,
    On,
}

/// <summary>A bio between its submission and the call that gives it back. Jiffies throughout.</summary>
/// <param name="Class">its class in the statistics</param>
/// <param name="SubmitLow">jiffies before it was stamped</param>
/// <param name="SubmitHigh">jiffies after it was stamped</param>
internal readonly record struct BioLife(IoClass Class, long SubmitLow, long SubmitHigh)
{
    /// <summary>Where it begins on the disk, in sectors.</summary>
    public ulong Sector { get; init; }

    /// <summary>Its length in sectors.</summary>
    public long Sectors { get; init; }

    /// <summary>How many of them the block layer has completed; a bio may be cut into several requests.</summary>
    public long DoneSectors { get; init; }

    /// <summary>Whether its completion has begun: all its sectors are done, or, on a disk without requests, bio_endio() was called.</summary>
    public bool Ended { get; init; }

    /// <summary>No later than the jiffies of its accounting.</summary>
    public long EndJiffies { get; init; }

    /// <summary>How many records were closed by then: it can be in no earlier one.</summary>
    public int FirstRecord { get; init; }

    public Switch EnabledAtEnd { get; init; }

    /// <summary>How often the statistics had been cleared by then.</summary>
    public int EpochAtEnd { get; init; }

    /// <summary>The thread that completes it, where no interrupt does.</summary>
    public int EndPid { get; init; }

    /// <summary>The processor whose interrupt completes it, or -1.</summary>
    public int InterruptCpu { get; init; } = -1;

    /// <summary>Set when that interrupt is seen to be over: unless a thread finishes it, it is in this record or an earlier one.</summary>
    public int? LastRecord { get; init; }

    /// <summary>The jiffies at which that interrupt was seen to be over.</summary>
    public long? LeftJiffies { get; init; }

    /// <summary>The thread that submitted it.</summary>
    public int SubmitPid { get; init; }

    /// <summary>
    /// Whether this is a thread that gives back what an interrupt or another thread completed: the kernel finished it there, and accounted it there.
    /// </summary>
    public bool IsFinishedLaterBy(in TraceLine line) => !line.InInterrupt && (InterruptCpu < 0 ? line.Pid != EndPid && line.Pid != SubmitPid : LastRecord is not null);

    /// <summary>Whether this is the call that the completion gives it back by; a submitter may hold a reference of its own.</summary>
    public bool IsGivenBackBy(in TraceLine line) => line.InInterrupt ? InterruptCpu == line.Cpu : InterruptCpu < 0 && EndPid == line.Pid;
}

/// <summary>A bio that has been accounted, or may have been.</summary>
/// <param name="Class">its class</param>
/// <param name="First">the first record it may be in</param>
/// <param name="Last">the last record it may be in</param>
/// <param name="Low">least ticks from stamp to accounting</param>
/// <param name="High">most ticks</param>
/// <param name="Sure">whether it must have been counted in one of them</param>
/// <param name="Position">number of the line at which it was given back</param>
internal readonly record struct CountedBio(IoClass Class, int First, int Last, long Low, long High, bool Sure, long Position)
{
    /// <summary>Whether it must be in that record.</summary>
    public bool MustBeIn(int record) => Sure && First == record && Last == record;

    /// <summary>Whether it may be in that record.</summary>
    public bool MayBeIn(int record) => First <= record && record <= Last;
}
