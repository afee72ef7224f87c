using HilTests.Nightly.Engines;
using HilTests.Nightly.Nights;

namespace HilTests.Cli.Nightly;

/// <summary>What a night is asked to be, beside its matrix.</summary>
internal sealed record NightlySettings
{
    /// <summary>The command line, for the reports.</summary>
    public required string Command { get; init; }

    /// <summary>The lab's folder.</summary>
    public required string Lab { get; init; }

    /// <summary><c>local</c> or <c>slurm</c>; null where none was named: a night that is gone on with keeps its own, a new one is local.</summary>
    public string? Engine { get; init; }

    /// <summary>What else was named about how the night is run; its engine is not looked at.</summary>
    public required NightEngine Said { get; init; }

    /// <summary>How a cluster is used, its partition apart.</summary>
    public SlurmOptions Cluster { get; init; } = new();
}
