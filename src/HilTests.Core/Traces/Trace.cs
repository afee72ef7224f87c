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

    /// <summary>The kernel died; written by the host, since the agent is dead too. The first line is the crash's title.</summary>
    Crashed,
}

/// <summary>A program together with what was observed, and the kernel it ran on. Can be archived and judged again.</summary>
public sealed record Trace
{
    public required Program Program { get; init; }

    public required KernelProfile Profile { get; init; }

    /// <summary>One entry a step that was begun, in order.</summary>
    public required ImmutableArray<TraceEntry> Entries { get; init; }

    public required TraceEnd End { get; init; }

    /// <summary>What the agent said of a failure or hang, or what the host knows of a crash; empty otherwise.</summary>
    public ImmutableArray<string> EndLines { get; init; } = [];

    /// <summary>The same trace, ended by the kernel's death.</summary>
    /// <param name="title">what it died of, e.g. <c>BUG: kernel NULL pointer dereference in handle_tx</c></param>
    /// <param name="details">further lines</param>
    public Trace CrashedBy(string title, params IEnumerable<string> details) =>
        this with { End = TraceEnd.Crashed, EndLines = [.. details.Prepend(title).Select(l => l.ReplaceLineEndings(" "))] };

    /// <inheritdoc/>
    public bool Equals(Trace? other) => other is not null && Program.Equals(other.Program) && Profile.Equals(other.Profile)
        && End == other.End && Entries.SequenceEqual(other.Entries) && EndLines.SequenceEqual(other.EndLines);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Program, Entries.Length, End);
}
