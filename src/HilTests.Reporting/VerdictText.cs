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
            "patch-unusable" => $"the patch cannot be used: {run.Patch!.Unusable}",
            var word when run.Patch is not null && word is not ("infrastructure" or "inconclusive") => OfPatch(run),
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

    /// <summary>What the patch does, by rules: first what it breaks.</summary>
    private static string OfPatch(RunResult run)
    {
        if (run.Patch!.LoadFailure is { } failure) return $"the patched module is not loaded: {failure}";
        var findings = Finding.OfRun(run);
        var broken = findings.Where(f => f is { Class: FindingClass.Broken, Counts: true }).Select(f => f.Rule == Finding.Survives || f.Rule == Finding.ComesBack ? f.Observed : f.Rule.Id).Distinct().ToList();
        var repaired = findings.Where(f => f.Class is FindingClass.Fixed).Select(f => f.Rule.Id).Distinct().ToList();
        var changed = findings.Where(f => f.Class is FindingClass.ChangedWithinEnvelope).Select(f => f.Rule.Id).Distinct().ToList();
        string[] parts =
        [
            .. broken.Count > 0 ? [$"the patch breaks {string.Join(", ", broken)}"] : (string[])[],
            .. repaired.Count > 0 ? [$"the patch fixes {string.Join(", ", repaired)}"] : (string[])[],
            .. changed.Count > 0 ? [$"the patch changes what {string.Join(", ", changed)} leaves open"] : (string[])[],
        ];
        if (parts.Length > 0) return string.Join("; ", parts);
        var missed = run.Patch.Functions.Where(f => f.Calls is null or 0).ToList();
        return missed.Count == 0 ? "no program saw a difference, and every changed function was reached"
            : missed.Count == run.Patch.Functions.Length ? "no program saw a difference, but none is known to have reached what the patch changes"
            : $"no program saw a difference; not reached: {string.Join(", ", missed.Select(f => f.Name))}";
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
