using System.Collections.Immutable;
using HilTests.Core.Kernel;
using HilTests.Core.Predictions;

namespace HilTests.Core.Judging;

/// <summary>A claim that failed without ending the judgement: a SHOULD, or a MUST that is a known bug of this kernel.</summary>
/// <param name="Discrepancy">what differs</param>
/// <param name="Known">the known bug, or null for a SHOULD</param>
public sealed record Remark(Discrepancy Discrepancy, KnownBug? Known);

/// <summary>A trace compared with its model.</summary>
public sealed record Judgement
{
    public required Verdict Verdict { get; init; }

    /// <summary>One entry a judged step; steps after a discrepancy are not judged.</summary>
    public required ImmutableArray<StepJudgement> Steps { get; init; }

    /// <summary>SHOULD findings and known bugs.</summary>
    public required ImmutableArray<Remark> Remarks { get; init; }

    /// <summary>Used buffers and signals, where the device has such.</summary>
    public SignalCount Signals => Steps.Aggregate(default(SignalCount), (sum, s) => sum + s.Signals);

    /// <summary>How many claims were compared.</summary>
    public int Claims => Steps.Sum(s => s.Claims.Length);

    /// <summary>How many of them had exactly one admissible value.</summary>
    public int ExactClaims => Steps.Sum(s => s.Claims.Count(c => c.Exact));

    /// <summary>How often each rule was used.</summary>
    public IReadOnlyDictionary<string, int> RuleUses => Steps.SelectMany(s => s.Claims)
        .GroupBy(c => c.Rule.Id)
        .ToDictionary(g => g.Key, g => g.Count());

    /// <summary>How often each transition of the model was taken.</summary>
    public IReadOnlyDictionary<string, int> TransitionUses => Steps.SelectMany(s => s.Transitions).CountBy(t => t).ToDictionary();
}
