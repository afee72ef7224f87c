using System.Collections.Immutable;
using HilTests.Core.Kernel;
using HilTests.Core.Programs;
using HilTests.Core.Traces;

namespace HilTests.Core.Predictions;

/// <summary>An executable specification of one device. Pure: no I/O, no clock, no chance.</summary>
public interface IDeviceModel
{
    /// <summary>The device's name, as in programs.</summary>
    string Device { get; }

    /// <summary>Every rule the model can name, so that coverage can say which were never used.</summary>
    IReadOnlyList<Rule> Rules { get; }

    /// <summary>
    /// Every transition of the model that can be named, so that coverage can say which were never seen: a step and its
    /// outcome, the way a pass ended, a decision whether to signal. Stable names.
    /// </summary>
    IReadOnlyList<string> Transitions => [];

    /// <summary>
    /// What the program is about and the kernel does not have, one line: it is left out then, with this reason. Null
    /// where it can be run. What a program tries only to see it refused is not lacking.
    /// </summary>
    string? Lacks(KernelProfile profile, Program program) => profile.Lacks(program);

    /// <summary>Begins to follow one run of a program.</summary>
    IModelRun Begin(KernelProfile profile, Program program);
}

/// <summary>A model that follows one trace, step by step; keeps the set of states the device may be in.</summary>
public interface IModelRun
{
    /// <summary>
    /// Compares one step's observation with what the states admit and drops the states that do not fit.
    /// </summary>
    /// <param name="step">the step</param>
    /// <param name="observation">what was seen</param>
    /// <param name="tolerated">
    /// whether a failed claim of this rule is a known bug of the kernel under test: noted, but the state stays
    /// </param>
    StepJudgement Advance(Step step, Observation observation, Func<Rule, bool> tolerated);
}

/// <summary>One claim, with what was observed.</summary>
/// <param name="Field">path of the field, e.g. <c>used[2].id</c></param>
/// <param name="Allowed">the admissible values, as text</param>
/// <param name="Observed">the observed value as text, see <see cref="BoundedText"/>; "nothing" where the field was not recorded</param>
/// <param name="Rule">the rule the claim rests on</param>
/// <param name="Satisfied">whether the value is in the set</param>
/// <param name="Exact">whether exactly one value was admissible over all states</param>
public sealed record ClaimResult(string Field, string Allowed, string Observed, Rule Rule, bool Satisfied, bool Exact);

/// <summary>What the model says of one step that was observed.</summary>
public sealed record StepJudgement
{
    /// <summary>The claims of the state that fits (or, when none fits, of the one that fits best).</summary>
    public required ImmutableArray<ClaimResult> Claims { get; init; }

    /// <summary>The first MUST claim that no state satisfies; null where the step conforms.</summary>
    public ClaimResult? Discrepancy { get; init; }

    /// <summary>Why the step cannot be judged (events lost, for instance); null where it can.</summary>
    public string? Inconclusive { get; init; }

    /// <summary>The transitions that the step took in the state that fits; empty where none does.</summary>
    public ImmutableArray<string> Transitions { get; init; } = [];

    /// <summary>What the step made the device do, where the model counts it.</summary>
    public SignalCount Signals { get; init; }

    /// <summary>How many states the device may be in after this step.</summary>
    public int States { get; init; }
}

/// <summary>Used buffers, signals for them, and those signals that nobody asked for.</summary>
public readonly record struct SignalCount(long Used, long Signals, long Spurious)
{
    /// <summary>Spurious signals for each thousand used buffers; 0 where none was used.</summary>
    public double SpuriousPerThousand => Used == 0 ? 0 : 1000.0 * Spurious / Used;

    public static SignalCount operator +(SignalCount a, SignalCount b) => new(a.Used + b.Used, a.Signals + b.Signals, a.Spurious + b.Spurious);
}
