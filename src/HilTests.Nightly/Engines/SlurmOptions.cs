namespace HilTests.Nightly.Engines;

/// <summary>How a cluster is used.</summary>
public sealed record SlurmOptions
{
    /// <summary>The partition; null for the cluster's default.</summary>
    public string? Partition { get; init; }

    /// <summary>Memory a task takes beside that of its machine, in MiB: QEMU, hil, a compiler.</summary>
    public int MemoryBesideMiB { get; init; } = 512;

    /// <summary>How often the queue is asked.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a cluster may not answer before the night is given up, to be resumed.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long tasks that were cancelled may take to end before they are named to the user instead.</summary>
    public TimeSpan Leaving { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Minutes a task may take beside its shard's limit before the cluster ends it: at its limit it ends by itself.</summary>
    public int MinutesBeside { get; init; } = 1;

    /// <summary>How often the cluster itself may restart a task, after a node failed.</summary>
    public int MostRestarts { get; init; } = 3;

    /// <summary>Tasks of one array; the cluster's own limit (MaxArraySize) is asked for, and the smaller one counts.</summary>
    public int MostTasks { get; init; } = 1000;

    /// <summary>Runs the cluster's commands.</summary>
    public ClusterCommand Command { get; init; } = InstalledSlurm.RunAsync;

    /// <summary>The clock that polls wait by.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
