namespace HilTests.Models.F2fs.Following;

/// <summary>The discard commands issued during one step, in blocks of 4096 bytes.</summary>
internal sealed record TrimSeen
{
    public int Commands { get; init; }

    /// <summary>What the commands cover. What is left of a command that was cut comes again as a command of its own, and is not counted twice.</summary>
    public long Blocks { get; init; }

    /// <summary>Discards that the block layer took.</summary>
    public int Bios { get; init; }

    /// <summary>What these cover.</summary>
    public long BioBlocks { get; init; }

    /// <summary>The shortest command.</summary>
    public long Shortest { get; init; } = long.MaxValue;

    /// <summary>The first block of all.</summary>
    public long First { get; init; } = long.MaxValue;

    /// <summary>The block after the last.</summary>
    public long End { get; init; }

    /// <summary>What the commands cover that reach blocks on which the disk fails: not discarded.</summary>
    public long FailedBlocks { get; init; }

    private (long Start, long End) Last { get; init; }

    /// <summary>With one more command.</summary>
    /// <param name="start">its first block</param>
    /// <param name="length">blocks</param>
    /// <param name="badFrom">the disk fails what reaches this block or a later one</param>
    public TrimSeen With(long start, long length, long badFrom = long.MaxValue)
    {
        var rest = start >= Last.Start && start + length <= Last.End;
        return this with
        {
            Commands = Commands + 1,
            Blocks = Blocks + (rest ? 0 : length),
            Shortest = Math.Min(Shortest, length),
            First = Math.Min(First, start),
            End = Math.Max(End, start + length),
            Last = (start, start + length),
            FailedBlocks = FailedBlocks + (start + length > badFrom && !rest ? length : 0),
        };
    }

    /// <summary>With one more discard of the block layer.</summary>
    public TrimSeen WithBio(long blocks) => this with { Bios = Bios + 1, BioBlocks = BioBlocks + blocks };
}
