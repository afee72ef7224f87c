using HilTests.Core.Devices.VhostNet;

namespace HilTests.Models.VhostNet;

/// <summary>What one ring was told about the log.</summary>
internal sealed record RingLog
{
    /// <summary>Where the log begins; null before SET_LOG_BASE.</summary>
    public SetLogBase? Base { get; init; }

    /// <summary>VHOST_VRING_F_LOG: writes to the used ring are logged.</summary>
    public bool UsedRing { get; init; }

    /// <summary>The guest address that the used ring's start is logged under.</summary>
    public ulong Address { get; init; }

    /// <summary>The log was set up before the last sure wake-up.</summary>
    public bool Woken { get; init; }

    /// <summary>The log was set up before the driver last looked at the used ring.</summary>
    public bool Steady { get; init; }
}

/// <summary>Bits of the log, by why they are set.</summary>
/// <param name="Payload">frames in receive buffers</param>
/// <param name="Entries">used entries and the used index</param>
/// <param name="Own">used.flags and avail_event</param>
internal sealed record LogMarks(PageSet Payload, PageSet Entries, PageSet Own)
{
    public static LogMarks None { get; } = new(PageSet.Empty, PageSet.Empty, PageSet.Empty);

    public bool IsEmpty => Payload.IsEmpty && Entries.IsEmpty && Own.IsEmpty;

    public PageSet All => Payload.Union(Entries).Union(Own);

    public LogMarks Union(LogMarks other) => new(Payload.Union(other.Payload), Entries.Union(other.Entries), Own.Union(other.Own));

    public LogMarks Without(PageSet seen) => seen.IsEmpty ? this : new(Payload.Without(seen), Entries.Without(seen), Own.Without(seen));
}

/// <summary>What is in the log of dirty pages, as far as it is known.</summary>
internal sealed record DirtyLog
{
    public static DirtyLog Clean { get; } = new();

    /// <summary>Set for sure.</summary>
    public LogMarks Due { get; init; } = LogMarks.None;

    /// <summary>Set for sure once the device is quiet, unless they were taken already.</summary>
    public LogMarks Coming { get; init; } = LogMarks.None;

    /// <summary>May be set.</summary>
    public PageSet Possible { get; init; } = PageSet.Empty;

    /// <summary>Taken while the device was at work, since it was last quiet: by work that the model lets happen later.</summary>
    public PageSet Taken { get; init; } = PageSet.Empty;

    /// <summary>An eventfd is bound.</summary>
    public bool FileBound { get; init; }

    /// <summary>It was signalled for sure since the log was last taken.</summary>
    public bool Signalled { get; init; }

    /// <summary>It will have been signalled once the device is quiet.</summary>
    public bool SignalComing { get; init; }

    /// <summary>It may have been signalled since the log was last taken.</summary>
    public bool MaySignal { get; init; }

    /// <summary>A signal was seen while the device was at work, since it was last quiet.</summary>
    public bool SignalTaken { get; init; }

    /// <summary>With bits that are set now, or that will be when the device is quiet.</summary>
    public DirtyLog Marked(LogMarks marks, bool now)
    {
        if (marks.IsEmpty) return this;
        var (rest, signals) = (marks.Without(Taken), FileBound && !SignalTaken);
        return this with
        {
            Due = now ? Due.Union(rest) : Due,
            Coming = now ? Coming : Coming.Union(rest),
            Possible = Taken.IsEmpty ? Possible : Possible.Union(marks.All),
            Signalled = Signalled || (now && signals),
            SignalComing = SignalComing || (!now && signals),
            MaySignal = MaySignal || FileBound,
        };
    }

    /// <summary>The device is quiet: what was coming has come.</summary>
    public DirtyLog Settled() => this with
    {
        Due = Due.Union(Coming),
        Coming = LogMarks.None,
        Taken = PageSet.Empty,
        Signalled = Signalled || SignalComing,
        SignalComing = false,
        SignalTaken = false,
    };

    /// <summary>The driver took these bits.</summary>
    /// <param name="seen">the bits that were set</param>
    /// <param name="signals">signals of the log's eventfd</param>
    /// <param name="quiet">whether the device was sure to be quiet</param>
    public DirtyLog Read(PageSet seen, long signals, bool quiet) => quiet
        ? this with { Due = LogMarks.None, Coming = LogMarks.None, Possible = PageSet.Empty, Signalled = false, SignalComing = false, MaySignal = false }
        : this with
        {
            Due = Due.Without(seen),
            Coming = Coming.Without(seen),
            Possible = Due.Union(Coming).All,
            Taken = Taken.Union(seen),
            Signalled = Signalled && signals == 0,
            SignalComing = SignalComing && signals == 0,
            SignalTaken = SignalTaken || signals > 0,
            MaySignal = FileBound,
        };
}
