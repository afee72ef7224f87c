using System.Collections.Immutable;
using HilTests.Core.Kernel;
using HilTests.Core.Programs;

namespace HilTests.Core.Traces;

/// <summary>A step and what it was seen to do; no observation where the step did not come back.</summary>
public sealed record TraceEntry(Step Step, Observation? Observation);

/// <summary>How a trace ends.</summary>
public enum TraceEnd
{
    /// <summary>Every step came back.</summary>
    Complete,

    /// <summary>The trace stops in the middle: the machine or the agent was lost.</summary>
    Cut,

    /// <summary>A step did not come back within the agent's limit.</summary>
    Hung,

    /// <summary>The agent itself could not do a step; says nothing about the kernel.</summary>
    AgentFailed,
}

/// <summary>A program together with what was observed, and the kernel it ran on. Can be archived and judged again.</summary>
public sealed record Trace
{
    public required Program Program { get; init; }

    public required KernelProfile Profile { get; init; }

    /// <summary>One entry a step that was begun, in order.</summary>
    public required ImmutableArray<TraceEntry> Entries { get; init; }

    public required TraceEnd End { get; init; }

    /// <summary>What the agent said of a failure or hang; empty otherwise.</summary>
    public ImmutableArray<string> EndLines { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(Trace? other) => other is not null && Program.Equals(other.Program) && Profile.Equals(other.Profile)
        && End == other.End && Entries.SequenceEqual(other.Entries) && EndLines.SequenceEqual(other.EndLines);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Program, Entries.Length, End);
}
