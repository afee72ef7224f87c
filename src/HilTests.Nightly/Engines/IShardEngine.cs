using HilTests.Nightly.Nights;

namespace HilTests.Nightly.Engines;

/// <summary>How a shard's process ended.</summary>
public enum ShardEnding
{
    /// <summary>By itself; whether it left a result is for the caller to see.</summary>
    Ended,

    /// <summary>It was killed, its node died, its time was up.</summary>
    Lost,

    /// <summary>The engine will not run it, now or later.</summary>
    Rejected,
}

/// <summary>The end of a shard's process.</summary>
/// <param name="Shard">The shard's number.</param>
/// <param name="Ending">How.</param>
/// <param name="Words">More about it, for the journal.</param>
public sealed record ShardEnd(int Shard, ShardEnding Ending, string Words);

/// <summary>
/// Runs shards somewhere. A shard is a command: words of the engine's own, then the night's folder and the shard's number. What it finds it writes into the
/// night's folder, which every place must see.
/// </summary>
public interface IShardEngine : IAsyncDisposable
{
    /// <summary><c>local</c>, <c>slurm</c>.</summary>
    string Name { get; }

    /// <summary>Shards of the night that an earlier coordinator submitted and that are still waiting or at work; from now on <see cref="WaitAsync"/> tells of them.</summary>
    Task<IReadOnlyList<int>> AdoptAsync(CancellationToken cancellation);

    /// <summary>Takes shards to run.</summary>
    /// <exception cref="NightException">The engine cannot be reached; nothing was taken.</exception>
    Task SubmitAsync(IReadOnlyList<Shard> shards, CancellationToken cancellation);

    /// <summary>Waits until one or more of the shards taken have ended, and tells of each once.</summary>
    /// <exception cref="NightException">The engine cannot be reached any more.</exception>
    Task<IReadOnlyList<ShardEnd>> WaitAsync(CancellationToken cancellation);
}
