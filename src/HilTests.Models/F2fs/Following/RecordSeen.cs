namespace HilTests.Models.F2fs.Following;

/// <summary>One record that the kernel made, and what is known of it from everything but its own words.</summary>
internal sealed record RecordSeen
{
    /// <summary>Counted from the first of this mount that the trace shows.</summary>
    public required int Index { get; init; }

    /// <summary>Whether statistics were on.</summary>
    public required Switch Enabled { get; init; }

    /// <summary>No earlier than this, in jiffies.</summary>
    public required long Earliest { get; init; }

    /// <summary>No later than this: an update that should have made it was over by then; <see cref="long.MaxValue"/> where none was.</summary>
    public required long Latest { get; init; }

    /// <summary>Bounds of how the byte counters grew since the record before; null where that one is not known.</summary>
    public (long[] Low, long[] High)? Bytes { get; init; }

    /// <summary>Whether its second line has come.</summary>
    public bool Closed { get; init; }

    /// <summary>Whether latencies can be predicted: the trace shows everything since statistics were last empty.</summary>
    public required bool LatencyKnown { get; init; }
}
