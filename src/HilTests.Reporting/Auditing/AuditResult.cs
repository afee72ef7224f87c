using System.Collections.Immutable;

namespace HilTests.Reporting.Auditing;

/// <summary>What became of a mutant.</summary>
public enum MutantFate
{
    /// <summary>A wrong one that a verdict named.</summary>
    Caught,

    /// <summary>A wrong one that every program let pass.</summary>
    Survived,

    /// <summary>A harmless one that every program let pass, as it should be.</summary>
    Conforms,

    /// <summary>A harmless one that a verdict blamed.</summary>
    FalseAlarm,

    /// <summary>Our own side failed: it does not build, no machine came up. Nothing is known.</summary>
    NotTried,
}

/// <summary>One mutant and what became of it.</summary>
public sealed record AuditedMutant
{
    public required string Device { get; init; }

    public required string Name { get; init; }

    /// <summary><c>sampled</c> or <c>hand</c>.</summary>
    public required string Origin { get; init; }

    public required bool IsHarmless { get; init; }

    /// <summary>What it changes, one line.</summary>
    public required string Description { get; init; }

    /// <summary>Why nothing can be seen of it; empty where something could.</summary>
    public string Equivalent { get; init; } = "";

    /// <summary>Why it is known to survive though something could be seen; empty where it should be caught.</summary>
    public string Survives { get; init; } = "";

    public required MutantFate Fate { get; init; }

    /// <summary><c>diverges</c>, <c>crashed</c>, <c>hung</c>; empty where no verdict was against it.</summary>
    public string Verdict { get; init; } = "";

    /// <summary>The program that found it; empty where none did.</summary>
    public string Program { get; init; } = "";

    /// <summary>The rule that was broken; empty for one that died before any program.</summary>
    public string Rule { get; init; } = "";

    /// <summary>The discrepancy, the crash's title, or why it was not tried.</summary>
    public string Detail { get; init; } = "";

    /// <summary>Programs that were run and judged.</summary>
    public int Programs { get; init; }

    /// <summary>Programs whose verdict was "inconclusive".</summary>
    public int Inconclusive { get; init; }

    /// <summary>Claims that were compared.</summary>
    public long Claims { get; init; }

    /// <summary>Claims with exactly one admissible value.</summary>
    public long ExactClaims { get; init; }

    /// <summary>Seconds of device time: to the verdict that caught it, or all there was.</summary>
    public double Seconds { get; init; }

    /// <summary>Seconds to build its modules; next to none from the cache.</summary>
    public double BuildSeconds { get; init; }

    /// <summary>Seconds to put its modules in the place of the others.</summary>
    public double SwapSeconds { get; init; }

    /// <summary>Of its verdict's program, run again on fresh machines: how often it was found again. Null where it was not run again.</summary>
    public (int Seen, int Runs)? Repeats { get; init; }

    /// <summary>Whether it speaks against the judge: a wrong one without an excuse that survived, or a harmless one that was blamed.</summary>
    public bool IsFailure => Fate == MutantFate.FalseAlarm || (Fate == MutantFate.Survived && Equivalent.Length == 0);
}

/// <summary>An audit: every mutant and what became of it.</summary>
public sealed record AuditResult
{
    public required DateTimeOffset Started { get; init; }

    public required string Command { get; init; }

    /// <summary>The kernel's release.</summary>
    public required string Kernel { get; init; }

    /// <summary>What executed the machines: <c>kvm</c> or <c>tcg</c>; null where none came up.</summary>
    public string? Accelerator { get; init; }

    /// <summary>The most device time that a mutant got.</summary>
    public required TimeSpan Limit { get; init; }

    /// <summary>Seed of the generated programs.</summary>
    public required ulong Seed { get; init; }

    public required ImmutableArray<AuditedMutant> Mutants { get; init; }

    /// <summary>Mutants that were asked for.</summary>
    public required int Planned { get; init; }

    public bool Interrupted { get; init; }

    /// <summary>Seconds from begin to end.</summary>
    public double Seconds { get; init; }

    /// <summary>Machines that were started.</summary>
    public int Machines { get; init; }

    /// <summary>How many have this fate.</summary>
    public int Count(MutantFate fate) => Mutants.Count(m => m.Fate == fate);

    /// <summary>Wrong mutants of which something can be seen, and that were tried.</summary>
    public int Catchable => Mutants.Count(m => m is { IsHarmless: false, Equivalent.Length: 0, Fate: not MutantFate.NotTried });

    /// <summary>Those of them that were caught.</summary>
    public int Caught => Mutants.Count(m => m is { Fate: MutantFate.Caught, Equivalent.Length: 0 });
}
