namespace HilTests.Models.F2fs.Following;

/// <summary>
/// What following one trace may cost. A trace comes from a guest that may have been taken over: one that is made to be
/// dear is not followed to its end.
/// </summary>
internal sealed class FollowingBudget
{
    /// <summary>Looks at a bio, block or record; the traces of the suite take some ten thousand.</summary>
    private const long MostWork = 100_000_000;

    /// <summary>Records in one trace: the shortest period makes 10 a second.</summary>
    private const int MostRecords = 4096;

    private long _work;

    /// <summary>Why it is not followed any further, or null.</summary>
    public string? Exceeded { get; private set; }

    /// <summary>Counts looks.</summary>
    public void Spend(long looks)
    {
        _work += looks;
        if (_work > MostWork) Exceeded = "following the trace takes too long: too many bios under way, discards or records";
    }

    /// <summary>Whether one more record can be followed.</summary>
    public bool HasRoomFor(List<RecordSeen> records)
    {
        if (records.Count >= MostRecords) Exceeded = $"the trace has more than {MostRecords} records";
        return Exceeded is null;
    }
}
