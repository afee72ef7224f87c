using System.Collections.Immutable;
using HilTests.Core.Values;

namespace HilTests.Core.Traces;

/// <summary>What one step was seen to do: when, named fields, and lines of kernel text where the step read any.</summary>
public sealed record Observation
{
    /// <summary>The field every step has: 0, or the errno's name (<c>EINVAL</c>).</summary>
    public const string ErrnoField = "errno";

    /// <summary>Microseconds from the program's start to the step's start (CLOCK_MONOTONIC).</summary>
    public long StartMicroseconds { get; init; }

    /// <summary>How long the step took, in microseconds.</summary>
    public long DurationMicroseconds { get; init; }

    /// <summary>Named fields, in the order they were recorded.</summary>
    public ImmutableArray<(string Name, Value Value)> Fields { get; init; } = [];

    /// <summary>Kernel text (trace buffer, /proc file), line by line, as the kernel printed it.</summary>
    public ImmutableArray<string> Lines { get; init; } = [];

    /// <summary>The field, or null where it was not recorded.</summary>
    public Value? this[string name]
    {
        get
        {
            foreach (var (fieldName, value) in Fields)
                if (fieldName == name) return value;
            return null;
        }
    }

    /// <inheritdoc/>
    public bool Equals(Observation? other) => other is not null
        && (StartMicroseconds, DurationMicroseconds) == (other.StartMicroseconds, other.DurationMicroseconds)
        && Fields.SequenceEqual(other.Fields) && Lines.SequenceEqual(other.Lines);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(StartMicroseconds, DurationMicroseconds, Fields.Length);
}
