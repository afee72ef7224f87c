using System.Collections.Immutable;

namespace HilTests.Nightly.Nights;

/// <summary>How something ended, as KCIDB names it; the first of these is the status of several together.</summary>
public enum Status
{
    /// <summary>The kernel was seen to be wrong.</summary>
    Fail,

    /// <summary>Begun, and our own side failed: nothing is known of the kernel.</summary>
    Error,

    /// <summary>Planned and not run: nothing is known.</summary>
    Miss,

    /// <summary>The kernel was seen to be right.</summary>
    Pass,

    /// <summary>Ran, and says nothing for or against the kernel: a measurement.</summary>
    Done,

    /// <summary>Left out, since it does not apply.</summary>
    Skip,
}

/// <summary>What a result is about.</summary>
public enum TestKind
{
    Program,
    Rule,
    Mutant,
}

/// <summary>One result of a shard.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Name">The program's name, the rule's id, the mutant's name.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Known">Why a failure does not count: a bug that is known, a SHOULD. Null where it does.</param>
/// <param name="Reason">One line; null where there is nothing to say.</param>
/// <param name="Seen">How often a failure was seen when it was repeated; 0 where it was not repeated.</param>
/// <param name="Runs">In how many runs; 0 where it was not repeated.</param>
/// <param name="Finding">Its finding in <see cref="ShardResult.Findings"/>, counted from 0; null where there is none.</param>
public sealed record TestResult(TestKind Kind, string Name, Status Status, string? Known = null, string? Reason = null, int Seen = 0, int Runs = 0, int? Finding = null);

/// <summary>Something that was found, with all that is needed to see it again.</summary>
public sealed record ShardFinding
{
    public required string Rule { get; init; }

    /// <summary><c>must</c> or <c>should</c>.</summary>
    public required string Severity { get; init; }

    public required string RuleText { get; init; }

    public required string Program { get; init; }

    /// <summary>Counted from 1; 0 where none was running.</summary>
    public required int Step { get; init; }

    public required string StepText { get; init; }

    /// <summary>What differs, one line.</summary>
    public required string Difference { get; init; }

    /// <summary>The bug that explains it, or null.</summary>
    public string? Known { get; init; }

    /// <summary>The command that runs it again.</summary>
    public required string Replay { get; init; }

    /// <summary>The smallest program that shows it, as text; the program itself where nothing smaller was found.</summary>
    public required string Smallest { get; init; }

    /// <summary>The last console lines of the program.</summary>
    public ImmutableArray<string> Console { get; init; } = [];

    /// <summary>How often it was seen in how many runs; 0 of 0 where it was not repeated.</summary>
    public int Seen { get; init; }

    public int Runs { get; init; }
}

/// <summary>What was tested, as it was found; two nights are alike where all of it is the same. Null where it is not known.</summary>
/// <param name="Release"><c>uname -r</c></param>
/// <param name="Package">Package and version.</param>
/// <param name="Config">The kernel's configuration, by its hash.</param>
/// <param name="Image">The VM image, by its hash.</param>
/// <param name="Project">The commit of this project.</param>
/// <param name="Patches">The patches carried, by their hash; empty where there are none.</param>
/// <param name="Accelerator">What executed the machine: <c>kvm</c> or <c>tcg</c>.</param>
public sealed record ShardOrigin(string? Release, string? Package, string? Config, string? Image, string? Project, string? Patches, string? Accelerator)
{
    /// <summary>Nothing is known.</summary>
    public static ShardOrigin Unknown { get; } = new(null, null, null, null, null, null, null);

    /// <summary>The parts that differ, in words a person knows.</summary>
    public IEnumerable<string> Differences(ShardOrigin other)
    {
        if ((Release, Package) != (other.Release, other.Package)) yield return "kernel";
        if (Config != other.Config) yield return "configuration";
        // The image is made from this project's sources and the kernel's modules: it tells something only where those are the same.
        if (Image != other.Image && Project == other.Project && (Release, Package) == (other.Release, other.Package)) yield return "image";
        if (Project != other.Project) yield return "hil";
        if ((Patches ?? "") != (other.Patches ?? "")) yield return "patches";
        if (Accelerator != other.Accelerator) yield return "accelerator";
    }
}

/// <summary>What a shard found: the file that it leaves behind, schema <c>hil-shard/1</c>.</summary>
public sealed record ShardResult
{
    public const string CurrentSchema = "hil-shard/1";

    public string Schema { get; init; } = CurrentSchema;

    /// <summary>Which shard.</summary>
    public required string Shard { get; init; }

    /// <summary>Counted from 1.</summary>
    public required int Attempt { get; init; }

    public required Status Status { get; init; }

    /// <summary>The word of <c>hil run</c>: conforms, diverges, …</summary>
    public required string Verdict { get; init; }

    /// <summary>What kept it from being finished; null where nothing did.</summary>
    public string? Cause { get; init; }

    public ShardOrigin Origin { get; init; } = ShardOrigin.Unknown;

    /// <summary>The host it ran on.</summary>
    public string Node { get; init; } = "";

    public DateTimeOffset Started { get; init; }

    public double Seconds { get; init; }

    public ImmutableArray<TestResult> Results { get; init; } = [];

    public ImmutableArray<ShardFinding> Findings { get; init; } = [];

    /// <summary>Numbers by name: <c>boot</c> (seconds), <c>programs-a-second</c>, <c>catch-rate</c> (0 to 1), <c>false-alarms</c>.</summary>
    public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>The folder of its files, below the night's; empty where it has none.</summary>
    public string Folder { get; init; } = "";

    /// <summary>Whether it says something about the kernel, so that it is not tried again.</summary>
    public bool IsFinal => Status is not (Status.Error or Status.Miss);
}
