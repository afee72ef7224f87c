using System.Collections.Immutable;
using HilTests.Core.Traces;
using HilTests.Core.Values;

namespace HilTests.Agent.Execution;

/// <summary>Gathers what one step is seen to do.</summary>
internal sealed class StepRecorder
{
    private readonly ImmutableArray<(string, Value)>.Builder _fields = ImmutableArray.CreateBuilder<(string, Value)>();
    private ImmutableArray<string> _lines = [];

    /// <summary>Records a field.</summary>
    public void Field(string name, Value value) => _fields.Add((name, value));

    /// <summary>Records a number.</summary>
    public void Field(string name, long number) => _fields.Add((name, Value.Of(number)));

    /// <summary>Records the outcome of a system call: <c>errno=0</c> or the errno's name.</summary>
    public void Errno(string? name) => _fields.Add((Observation.ErrnoField, name is null ? Value.Of(0) : Value.Symbol(name)));

    /// <summary>Records kernel text, line by line.</summary>
    public void Lines(IEnumerable<string> lines) => _lines = [.. _lines, .. lines];

    internal Observation ToObservation(long startMicroseconds, long durationMicroseconds) => new()
    {
        StartMicroseconds = startMicroseconds,
        DurationMicroseconds = durationMicroseconds,
        Fields = _fields.ToImmutable(),
        Lines = _lines,
    };
}
