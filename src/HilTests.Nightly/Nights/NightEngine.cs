namespace HilTests.Nightly.Nights;

/// <summary>
/// How a night is run: its file <c>engine.json</c>, written each time a coordinator takes the night up, so that <c>--resume</c> goes on in the same way
/// without being told again.
/// </summary>
public sealed record NightEngine
{
    /// <summary><c>local</c> or <c>slurm</c>.</summary>
    public required string Engine { get; init; }

    /// <summary>The cluster's partition; null for its default.</summary>
    public string? Partition { get; init; }

    /// <summary>The words of a shard's command; null for the hil that runs the night.</summary>
    public IReadOnlyList<string>? ShardCommand { get; init; }

    /// <summary>Shards at once on this host; null for what it carries.</summary>
    public int? Jobs { get; init; }

    /// <summary>What was said this time, and what was said before where nothing was; another engine begins anew.</summary>
    /// <param name="before">How the night was run until now.</param>
    /// <param name="engine">The engine that was named; null where none was.</param>
    /// <param name="said">The rest of what was named.</param>
    public static NightEngine After(NightEngine before, string? engine, NightEngine said) => engine is not null && engine != before.Engine
        ? said with { Engine = engine }
        : before with { Partition = said.Partition ?? before.Partition, ShardCommand = said.ShardCommand ?? before.ShardCommand, Jobs = said.Jobs ?? before.Jobs };
}
