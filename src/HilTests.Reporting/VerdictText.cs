using HilTests.Core.Results;

namespace HilTests.Reporting;

/// <summary>The one sentence that says what a run's verdict means.</summary>
public static class VerdictText
{
    /// <summary>The sentence, without the verdict's word.</summary>
    public static string Of(RunResult run, RunTotals totals)
    {
        var sentence = run.Verdict switch
        {
            "conforms" => Agrees(run),
            "diverges" => $"{Programs(totals, OutcomeKind.Diverges)} saw the kernel do what the model does not admit",
            "crashed" => $"the kernel crashed in {Programs(totals, OutcomeKind.Crashed)}",
            "hung" => $"{Programs(totals, OutcomeKind.Hung)} did not come back",
            "infrastructure" => $"nothing can be said about the kernel: {run.Infrastructure}",
            _ when totals.ProgramsRun == 0 => "no program was run",
            _ => $"{Programs(totals, OutcomeKind.Inconclusive)} could not be judged",
        };
        return run.Interrupted ? $"{sentence} (interrupted)" : sentence;
    }

    private static string Agrees(RunResult run)
    {
        var known = run.Programs.Any(p => p.Judgement?.Remarks.Any(r => r.Known is not null) == true);
        return known ? "kernel and model agree, known bugs of this kernel aside" : "kernel and model agree";
    }

    private static string Programs(RunTotals totals, OutcomeKind kind)
    {
        var count = totals.Outcomes.GetValueOrDefault(kind);
        return $"{count} {(count == 1 ? "program" : "programs")}";
    }
}
