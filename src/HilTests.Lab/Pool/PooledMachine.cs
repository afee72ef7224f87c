using HilTests.Lab.Machines;

namespace HilTests.Lab.Pool;

/// <summary>A machine of a pool with what the pool knows of it.</summary>
/// <param name="number">Counted from 1.</param>
/// <param name="likeness">What it can be used for.</param>
/// <param name="machine">The machine.</param>
/// <param name="slot">The lock of its slot; null where it has none.</param>
internal sealed class PooledMachine(int number, MachineLikeness likeness, IMachine machine, FileStream? slot)
{
    public int Number => number;

    public MachineLikeness Likeness => likeness;

    public IMachine Machine => machine;

    public FileStream? Slot => slot;

    /// <summary>Whether somebody had it before.</summary>
    public bool WasRented { get; set; }

    /// <summary>The name of the last program that ran on it.</summary>
    public string? LastProgram { get; set; }
}

/// <summary>What makes two machines the same to a program: all options but who is told of what.</summary>
internal sealed record MachineLikeness(MachineOptions Scalars, string Lists)
{
    public static MachineLikeness Of(MachineOptions options) => new(
        options with { Progress = null, ConsoleMirror = null, ModuleOverrides = [], KernelParameters = [], Disks = [], Devices = [] },
        string.Join('\n', [.. options.ModuleOverrides.Select(o => $"{o}"), .. options.KernelParameters, .. options.Disks.Select(d => $"{d}"), .. options.Devices]));
}

/// <summary>Somebody who waits for a machine.</summary>
internal sealed class PoolWaiter(MachineOptions options, LeaseKind kind)
{
    public MachineOptions Options => options;

    public MachineLikeness Likeness { get; } = MachineLikeness.Of(options);

    public LeaseKind Kind => kind;

    public TaskCompletionSource<PooledMachine> Given { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether this machine will do.</summary>
    public bool Takes(PooledMachine machine) => machine.Likeness == Likeness && (kind == LeaseKind.Shared || !machine.WasRented);
}
