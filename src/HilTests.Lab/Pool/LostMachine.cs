using HilTests.Lab.Machines;

namespace HilTests.Lab.Pool;

/// <summary>A machine that failed, and what is known of it.</summary>
/// <param name="Number">Which: machines of a pool are counted from 1 in the order in which their start began.</param>
/// <param name="Cause">Why it is not used again: <c>Panic: BUG: … in …</c>, <c>a step hung</c>, <c>did not start: …</c>.</param>
/// <param name="Program">The name of the last program that ran on it; null where none did.</param>
/// <param name="Console">Its console; the last part of it when very many machines failed.</param>
/// <param name="Facts">What it was; null where it never came up.</param>
public sealed record LostMachine(int Number, string Cause, string? Program, string Console, MachineFacts? Facts)
{
    /// <inheritdoc/>
    public override string ToString() => $"machine {Number}: {Cause}";
}
