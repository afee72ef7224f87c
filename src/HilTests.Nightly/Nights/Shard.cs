using System.Collections.Immutable;

namespace HilTests.Nightly.Nights;

/// <summary>What a shard does.</summary>
public enum ShardKind
{
    /// <summary>Runs a device's suite.</summary>
    Run,

    /// <summary>Tries mutants of a device.</summary>
    Audit,
}

/// <summary>The smallest piece of a night that is started, lost and started again as a whole: one device's suite on one kernel with one seed.</summary>
public sealed record Shard
{
    /// <summary>Counted from 1; the task's number in a cluster.</summary>
    public required int Number { get; init; }

    /// <summary>Unique in the night, fit for a file's name: <c>0003-bookworm-vhost-net-1</c>.</summary>
    public required string Id { get; init; }

    public required ShardKind Kind { get; init; }

    /// <summary>What <c>--kernel</c> takes.</summary>
    public required string Kernel { get; init; }

    /// <summary>What the page calls the kernel.</summary>
    public required string KernelLabel { get; init; }

    public required string Device { get; init; }

    /// <summary>Generated programs; null for the device's own number, or where a time is given. For an audit: mutants.</summary>
    public int? Programs { get; init; }

    /// <summary>Seconds of generating programs; null where a number decides. For an audit: of each mutant.</summary>
    public double? TimeSeconds { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>Whether the seed is another one each night: then its generated programs cannot be compared by name.</summary>
    public bool IsTonight { get; init; }

    /// <summary>For an audit: how many nights came before, which says whose turn it is.</summary>
    public int Turn { get; init; }

    public required string Accelerator { get; init; }

    public required int MemoryMiB { get; init; }

    /// <summary>Files and folders of patches, absolute.</summary>
    public ImmutableArray<string> Patches { get; init; } = [];

    /// <summary>What a node of a cluster must have.</summary>
    public ImmutableArray<string> Features { get; init; } = [];

    /// <summary>Scarce things it takes while it runs.</summary>
    public ImmutableArray<string> Licenses { get; init; } = [];

    /// <summary>No shard lives longer, in seconds.</summary>
    public required double LimitSeconds { get; init; }

    /// <summary>How often it is tried again after a failure of our own.</summary>
    public required int Retries { get; init; }

    public string Owner { get; init; } = "";

    /// <summary>What makes it the same shard as one of another night: all that was asked for, but not what the archive had for it.</summary>
    public required string Series { get; init; }

    /// <summary>How long it is thought to take, in seconds.</summary>
    public double EstimateSeconds { get; init; }

    /// <summary>Why it cannot be run at all: then it is planned, and ends as MISS with these words. Null where it can.</summary>
    public string? Impossible { get; init; }
}
