using System.Collections.Immutable;
using HilTests.Core.Judging;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Shrinking;

namespace HilTests.Core.Results;

/// <summary>Compares what one program saw on a kernel with a patch and without it.</summary>
public static class Comparison
{
    /// <summary>
    /// Whether a finding on the patched side says nothing about the patch, since the kernel without it shows the same: the same broken rule, the same title
    /// of a crash, a hang as well.
    /// </summary>
    public static bool IsExcused(ProgramResult patched)
    {
        if (patched.Judgement is not { } judgement || DivergenceClass.Of(judgement.Verdict) is not { } kind) return false;
        return patched.StockRepeats.Seen > 0 || (patched.Stock?.Judgement is { } stock && kind.Equals(DivergenceClass.Of(stock.Verdict)));
    }

    /// <summary>What a finding of the patched side is, seen beside the other side.</summary>
    /// <param name="patched">The program's result with the other side's in it.</param>
    /// <param name="rule">The rule that is not kept.</param>
    /// <param name="isVerdict">Whether it is what the program's verdict says, not a remark beside it.</param>
    public static FindingClass OfPatched(ProgramResult patched, Rule rule, bool isVerdict)
    {
        if (isVerdict) return IsExcused(patched) ? FindingClass.BothDisagree : FindingClass.Broken;
        return patched.Stock is { } stock && BrokenRules(stock).Contains(rule.Id) ? FindingClass.BothDisagree : FindingClass.Broken;
    }

    /// <summary>What stock does wrong in a program and the patched kernel does not: the rules, with the stock's words.</summary>
    public static IEnumerable<Discrepancy> Fixed(ProgramResult patched)
    {
        // What stands behind a divergence was not judged, and a kernel that died says nothing of the rest.
        if (patched is not { Judgement: { Verdict: Verdict.Conforms } judged, Stock.Judgement: { } stock } || patched.StockRepeats is { Runs: > 0, Seen: 0 }) yield break;
        var kept = judged.Remarks.Select(r => r.Discrepancy.Rule.Id).ToHashSet();
        if (stock.Verdict is Verdict.Diverges { Discrepancy: var wrong } && !kept.Contains(wrong.Rule.Id)) yield return wrong;
        foreach (var remark in stock.Remarks.Select(r => r.Discrepancy).DistinctBy(d => d.Rule.Id))
            if (!kept.Contains(remark.Rule.Id)) yield return remark;
    }

    /// <summary>
    /// Fields that had more than one admissible value and came out differently on the two sides, in the same steps: candidates only, for time and chance
    /// choose such values too.
    /// </summary>
    public static IEnumerable<EnvelopeChange> Differences(ProgramResult patched)
    {
        if (patched is not { Judgement: { Verdict: Verdict.Conforms } one, Stock.Judgement: { Verdict: Verdict.Conforms } other }) yield break;
        for (var step = 0; step < Math.Min(one.Steps.Length, other.Steps.Length); step++)
        {
            var values = other.Steps[step].Claims.Where(c => c is { Satisfied: true, Exact: false }).DistinctBy(c => (c.Field, c.Rule.Id)).ToDictionary(c => (c.Field, c.Rule.Id), c => c.Observed);
            foreach (var claim in one.Steps[step].Claims.Where(c => c is { Satisfied: true, Exact: false }))
            {
                if (!values.TryGetValue((claim.Field, claim.Rule.Id), out var stock) || stock == claim.Observed) continue;
                yield return new EnvelopeChange(patched.Program, step + 1, ProgramText.PrintStep(patched.Program.Device, patched.Program.Steps[step]), claim.Rule, claim.Field, claim.Allowed, stock, claim.Observed, 1);
            }
        }
    }

    /// <summary>Every rule that a program saw broken, known bugs and SHOULD too.</summary>
    private static ImmutableHashSet<string> BrokenRules(ProgramResult result)
    {
        if (result.Judgement is not { } judgement) return [];
        var rules = judgement.Remarks.Select(r => r.Discrepancy.Rule.Id);
        return judgement.Verdict is Verdict.Diverges { Discrepancy: var wrong } ? [.. rules, wrong.Rule.Id] : [.. rules];
    }
}
