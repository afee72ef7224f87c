using System.Collections.Immutable;

namespace HilTests.Nightly.Matrices;

/// <summary>Where something stands in the matrix file.</summary>
/// <param name="Line">Counted from 1.</param>
/// <param name="Column">Counted from 1.</param>
public readonly record struct Place(int Line, int Column);

/// <summary>A kernel of the matrix.</summary>
/// <param name="Name">What <c>--kernel</c> takes: a name of <c>hil kernels</c>, NAME/VERSION, or a path.</param>
/// <param name="Label">What it is called on the page; the name where nothing else is said.</param>
/// <param name="MemoryMiB">Memory of its machines; null for the default.</param>
/// <param name="Features">What a node of a cluster must have for it.</param>
/// <param name="Owner">Whom its findings concern; empty for the matrix's own.</param>
/// <param name="Place">Where it stands.</param>
public sealed record MatrixKernel(string Name, string Label, int? MemoryMiB, ImmutableArray<string> Features, string Owner, Place Place);

/// <summary>A seed: a number, or null for tonight's.</summary>
public readonly record struct MatrixSeed(ulong? Fixed)
{
    /// <inheritdoc/>
    public override string ToString() => Fixed?.ToString() ?? "tonight";
}

/// <summary>How much a shard runs and with what; null where the one above it decides.</summary>
public sealed record Amounts
{
    /// <summary>Generated programs beside the hand-written ones.</summary>
    public int? Programs { get; init; }

    /// <summary>Device time in place of a number of programs.</summary>
    public TimeSpan? Time { get; init; }

    public ImmutableArray<MatrixSeed>? Seeds { get; init; }

    /// <summary><c>auto</c>, <c>kvm</c> or <c>tcg</c>.</summary>
    public string? Accelerator { get; init; }

    public int? MemoryMiB { get; init; }

    /// <summary>No shard lives longer.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>How often a shard is tried again after a failure of our own.</summary>
    public int? Retries { get; init; }

    public string? Owner { get; init; }

    /// <summary>These, and for what they do not say those of <paramref name="below"/>.</summary>
    public Amounts Over(Amounts below) => new()
    {
        Programs = Programs ?? (Time is null ? below.Programs : null),
        Time = Time ?? (Programs is null ? below.Time : null),
        Seeds = Seeds ?? below.Seeds,
        Accelerator = Accelerator ?? below.Accelerator,
        MemoryMiB = MemoryMiB ?? below.MemoryMiB,
        Limit = Limit ?? below.Limit,
        Retries = Retries ?? below.Retries,
        Owner = Owner ?? below.Owner,
    };
}

/// <summary>A device's suite.</summary>
/// <param name="Device">Whose suite.</param>
/// <param name="Kernels">Labels of the kernels that it is run on.</param>
/// <param name="Patches">Patch files that the kernel's modules are built with, in order.</param>
/// <param name="Features">What a node of a cluster must have for it.</param>
/// <param name="Licenses">Scarce things it takes while it runs, as the cluster names them: <c>board</c>, <c>board:2</c>.</param>
/// <param name="Amounts">How much is run.</param>
/// <param name="Place">Where it stands.</param>
public sealed record MatrixSuite(
    string Device, ImmutableArray<string> Kernels, ImmutableArray<string> Patches, ImmutableArray<string> Features, ImmutableArray<string> Licenses, Amounts Amounts, Place Place);

/// <summary>An audit: mutants of a device, so many a night, in turn.</summary>
public sealed record MatrixAudit(string Device, string Kernel, int Count, TimeSpan Time, ImmutableArray<string> Features, Amounts Amounts, Place Place);

/// <summary>A failure that is expected until a day.</summary>
/// <param name="Rule">The rule that is broken.</param>
/// <param name="Device">Empty for any.</param>
/// <param name="Kernels">Labels of the kernels concerned; empty for all.</param>
/// <param name="Program">Empty for any.</param>
/// <param name="Reason">Why it is expected.</param>
/// <param name="Link">Where more is said.</param>
/// <param name="Expires">From this day on it counts again.</param>
/// <param name="Place">Where it stands.</param>
public sealed record ExpectedBug(string Rule, string Device, ImmutableArray<string> Kernels, string Program, string Reason, string Link, DateOnly Expires, Place Place)
{
    /// <summary>Whether a broken rule is this one, whatever the day.</summary>
    public bool Concerns(string kernel, string device, string rule, string program) =>
        rule == Rule && (Device.Length == 0 || Device == device) && (Kernels.IsEmpty || Kernels.Contains(kernel)) && (Program.Length == 0 || Program == program);
}

/// <summary>A matrix file, read.</summary>
public sealed record Matrix
{
    public required string Name { get; init; }

    public required ImmutableArray<MatrixKernel> Kernels { get; init; }

    public required ImmutableArray<MatrixSuite> Suites { get; init; }

    public required ImmutableArray<MatrixAudit> Audits { get; init; }

    public required ImmutableArray<ExpectedBug> KnownBugs { get; init; }

    /// <summary>Owners by their short name: an address.</summary>
    public required ImmutableSortedDictionary<string, string> Owners { get; init; }

    /// <summary>How many nights the page looks back.</summary>
    public int Nights { get; init; } = 30;

    /// <summary>What a KCIDB report says it comes from.</summary>
    public string Origin { get; init; } = "hil";
}
