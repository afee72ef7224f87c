using System.Collections.Immutable;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;

namespace HilTests.Core.Results;

/// <summary>A function that a patch changes, and whether the programs came there.</summary>
/// <param name="File">Below the kernel's root.</param>
/// <param name="Name">Its name.</param>
/// <param name="Calls">How often it was called on the patched side, or its callers were where <paramref name="Via"/> names them; null where that cannot be watched.</param>
/// <param name="Programs">Programs of the scouting on the stock kernel that came there.</param>
/// <param name="Via">The callers that stand for it, since the compiler put it into them; empty where it was watched itself.</param>
public sealed record ReachedFunction(string File, string Name, long? Calls, int Programs, string Via);

/// <summary>What the two sides of a triage have to do with each other, by a rule.</summary>
public enum FindingClass
{
    /// <summary>There is one side only.</summary>
    Observed,

    /// <summary>Stock keeps the rule, patched does not.</summary>
    Broken,

    /// <summary>Stock does not keep the rule, patched does.</summary>
    Fixed,

    /// <summary>Both keep the rule and do different things.</summary>
    ChangedWithinEnvelope,

    /// <summary>Neither side keeps the rule: then suspect the model.</summary>
    BothDisagree,
}

/// <summary>A field that differs between the sides each time, though each value is admissible.</summary>
/// <param name="Program">The program.</param>
/// <param name="Step">Counted from 1.</param>
/// <param name="StepText">The step's line.</param>
/// <param name="Rule">The rule that admits both values.</param>
/// <param name="Field">The field.</param>
/// <param name="Allowed">What is admissible.</param>
/// <param name="Stock">What stock does.</param>
/// <param name="Patched">What the patched kernel does.</param>
/// <param name="Runs">How often each side was run, and did the same each time.</param>
public sealed record EnvelopeChange(Program Program, int Step, string StepText, Rule Rule, string Field, string Allowed, string Stock, string Patched, int Runs);

/// <summary>What a run has to say of the patch that it is about.</summary>
public sealed record PatchRecord
{
    /// <summary>The subject of the patch, or of the series' cover letter.</summary>
    public required string Subject { get; init; }

    /// <summary>Each patch: its subject, and its author where it was a mail.</summary>
    public required ImmutableArray<(string Subject, string? Author)> Patches { get; init; }

    /// <summary>The mail's Message-Id; null where it is not known.</summary>
    public string? MessageId { get; init; }

    /// <summary>The commit that the patch says it was made on.</summary>
    public string? BaseCommit { get; init; }

    /// <summary>The files it touches.</summary>
    public ImmutableArray<string> Files { get; init; } = [];

    /// <summary>SHA-256 of the diffs.</summary>
    public required string Hash { get; init; }

    /// <summary>The functions it changes.</summary>
    public ImmutableArray<ReachedFunction> Functions { get; init; } = [];

    /// <summary>What had to be mended or is not judged, a line each.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Why it cannot be used; null where it can.</summary>
    public string? Unusable { get; init; }

    /// <summary>What differs within what is allowed.</summary>
    public ImmutableArray<EnvelopeChange> Changes { get; init; } = [];

    /// <summary>Whether the patched module was taken by the kernel; what it said where not.</summary>
    public string? LoadFailure { get; init; }

    /// <summary>Seconds from the command to the moment at which the verdict was known; what came after makes it easier to read.</summary>
    public double VerdictSeconds { get; init; }

    /// <summary>Seconds of each phase, by its name.</summary>
    public ImmutableArray<(string Phase, double Seconds)> Phases { get; init; } = [];

    /// <summary>How often stock and patched modules were loaded in turn.</summary>
    public int Turns { get; init; }
}
