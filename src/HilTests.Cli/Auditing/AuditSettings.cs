using HilTests.Lab.Machines;

namespace HilTests.Cli.Auditing;

/// <summary>What an audit is asked to be.</summary>
internal sealed record AuditSettings
{
    /// <summary>The command line, for the reports.</summary>
    public required string Command { get; init; }

    public string Kernel { get; init; } = "bookworm";

    public AcceleratorChoice Accelerator { get; init; } = AcceleratorChoice.Auto;

    /// <summary>Memory of each machine, in MiB; null for the usual.</summary>
    public int? MemoryMiB { get; init; }

    /// <summary>Device time for a mutant: no program is begun later.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Seed of the generated programs.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Gets the console of every machine as it comes; null for none.</summary>
    public TextWriter? ConsoleMirror { get; init; }
}
