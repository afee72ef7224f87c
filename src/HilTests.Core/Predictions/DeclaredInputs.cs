using System.Collections.Immutable;
using HilTests.Core.Traces;
using HilTests.Core.Values;

namespace HilTests.Core.Predictions;

/// <summary>
/// The part of an observation that a model may read to make its prediction. Every read is noted; a field that was
/// read as input must not be claimed in the same step, or the claim would agree with itself.
/// </summary>
public sealed class DeclaredInputs(Observation observation)
{
    private readonly HashSet<string> _read = [];

    /// <summary>The names of the fields read so far.</summary>
    public IReadOnlyCollection<string> Read => _read;

    /// <summary>Declares the field an input and returns it, or null where it was not recorded.</summary>
    public Value? Field(string name)
    {
        _read.Add(name);
        return observation[name];
    }

    /// <summary>Declares the field an input; its number, or <paramref name="missing"/>.</summary>
    public long Number(string name, long missing = 0) => Field(name) is NumberValue number ? number.Number : missing;

    /// <summary>The kernel text the step read. What is claimed of it must come from other lines than what it is computed from.</summary>
    public ImmutableArray<string> Lines => observation.Lines;

    /// <summary>Microseconds from the program's start to the step's start and to its end.</summary>
    public (long Start, long End) Microseconds =>
        (observation.StartMicroseconds, observation.StartMicroseconds + observation.DurationMicroseconds);
}
