namespace HilTests.Models.F2fs.Following;

/// <summary>The discard commands issued during one step, in blocks of 4096 bytes.</summary>
internal sealed record TrimSeen
{
    public int Commands { get; init; }

    public long Blocks { get; init; }

    /// <summary>The shortest command.</summary>
    public long Shortest { get; init; } = long.MaxValue;

    /// <summary>The first block of all.</summary>
    public long First { get; init; } = long.MaxValue;

    /// <summary>The block after the last.</summary>
    public long End { get; init; }

    /// <summary>With one more command.</summary>
    public TrimSeen With(long start, long length) => new()
    {
        Commands = Commands + 1,
        Blocks = Blocks + length,
        Shortest = Math.Min(Shortest, length),
        First = Math.Min(First, start),
        End = Math.Max(End, start + length),
    };
}
