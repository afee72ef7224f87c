using HilTests.Lab.Machines;

namespace HilTests.Cli.Triaging;

/// <summary>What a triage is asked to be.</summary>
internal sealed record TriageSettings
{
    /// <summary>The command line, for the reports.</summary>
    public required string Command { get; init; }

    /// <summary>Files, folders, or <c>-</c>.</summary>
    public required IReadOnlyList<string> Patches { get; init; }

    public string Kernel { get; init; } = "bookworm";

    public AcceleratorChoice Accelerator { get; init; } = AcceleratorChoice.Auto;

    /// <summary>Device time a device, both sides together: no program is begun later.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a finding may be made smaller.</summary>
    public TimeSpan ShrinkTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Seed of the generated programs.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Lines of context of a patch that need not fit.</summary>
    public int Fuzz { get; init; }

    /// <summary>Whether a build that cannot be confined is done all the same.</summary>
    public bool TrustsPatch { get; init; }

    /// <summary>Gets the console of every machine as it comes; null for none.</summary>
    public TextWriter? ConsoleMirror { get; init; }
}
