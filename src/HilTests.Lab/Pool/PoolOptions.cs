using HilTests.Lab.Cache;
using HilTests.Lab.Machines;

namespace HilTests.Lab.Pool;

/// <summary>How a <see cref="MachinePool"/> works.</summary>
public sealed record PoolOptions
{
    /// <summary>Machines that are rented at once; at least 1.</summary>
    public required int Capacity { get; init; }

    /// <summary>Unused machines that are kept ready beside the rented ones, of the kind asked for last.</summary>
    public int Spares { get; init; }

    /// <summary>The cache folder whose slots are shared with other processes; null for a pool that asks nobody.</summary>
    public CacheFolder? Slots { get; init; } = CacheFolder.Default();

    /// <summary>How long a machine may take to answer a ping when it is handed out or comes back.</summary>
    public TimeSpan PingDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Told in words of machines that failed to start or died in between.</summary>
    public Action<string>? Progress { get; init; }

    /// <summary>Makes a machine; a VM by default.</summary>
    public Func<MachineOptions, CancellationToken, Task<IMachine>> Start { get; init; } =
        static async (options, cancellation) => await QemuMachine.StartAsync(options, cancellation).ConfigureAwait(false);

    /// <summary>As many VMs as this host carries, or as many as somebody says.</summary>
    /// <param name="options">The machines that will be asked for.</param>
    /// <param name="jobs">A number that overrides the host's; null for the host's.</param>
    /// <param name="fresh">Whether unused machines will be asked for one after the other: one is kept ready then, if memory allows.</param>
    public static PoolOptions ForThisHost(MachineOptions options, int? jobs = null, bool fresh = false)
    {
        var capacity = MachineCapacity.OfThisHost(options);
        return new PoolOptions { Capacity = jobs ?? capacity.Machines, Spares = fresh ? capacity.Spares : 0 };
    }
}
