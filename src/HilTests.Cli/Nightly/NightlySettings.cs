namespace HilTests.Cli.Nightly;

/// <summary>What a night is asked to be, beside its matrix.</summary>
internal sealed record NightlySettings
{
    /// <summary>The command line, for the reports.</summary>
    public required string Command { get; init; }

    /// <summary>The lab's folder.</summary>
    public required string Lab { get; init; }

    /// <summary><c>local</c> or <c>slurm</c>.</summary>
    public required string Engine { get; init; }

    /// <summary>Shards at once on this host; null for what it carries.</summary>
    public int? Jobs { get; init; }

    /// <summary>The cluster's partition; null for its default.</summary>
    public string? Partition { get; init; }

    /// <summary>The words of a shard's command; null for this very program.</summary>
    public IReadOnlyList<string>? ShardCommand { get; init; }
}
