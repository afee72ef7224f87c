using HilTests.Core.Judging;
using HilTests.Core.Kernel;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Results;

namespace HilTests.Reporting;

/// <summary>One thing that was found about the kernel, in the form every report shares.</summary>
public sealed record Finding
{
    /// <summary>Broken by a program that the kernel did not survive.</summary>
    public static Rule Survives { get; } =
        new("kernel.survives", "docs/reports.md", "No program makes the kernel panic, oops or warn.");

    /// <summary>Broken by a step that does not come back.</summary>
    public static Rule ComesBack { get; } =
        new("kernel.comes-back", "docs/reports.md", "Every step comes back within the agent's limit.");

    /// <summary>Index of the program in <see cref="RunResult.Programs"/>.</summary>
    public required int ProgramIndex { get; init; }

    public required Program Program { get; init; }

    public required Rule Rule { get; init; }

    /// <summary>The step, counted from 1; 0 where none was running.</summary>
    public required int Step { get; init; }

    /// <summary>The step's line, or words where there is none.</summary>
    public required string StepText { get; init; }

    /// <summary>In a triage what it says of the patch; <see cref="FindingClass.Observed"/> where there is no patch.</summary>
    public FindingClass Class { get; init; }

    /// <summary>The class as JSON has it.</summary>
    public string ClassWord => Class switch
    {
        FindingClass.Broken => "broken",
        FindingClass.Fixed => "fixed",
        FindingClass.ChangedWithinEnvelope => "changed-within-envelope",
        FindingClass.BothDisagree => "both-disagree",
        _ => "observed",
    };

    /// <summary>How often the kernel without the patch showed it in how many runs; (0, 0) where that was not tried.</summary>
    public (int Seen, int Runs) StockRepeats { get; init; }

    /// <summary>The observed field; empty for a crash or a hang.</summary>
    public required string Field { get; init; }

    public required string Allowed { get; init; }

    public required string Observed { get; init; }

    /// <summary>The known bug that explains it, or null.</summary>
    public KnownBug? Known { get; init; }

    /// <summary>How often it was seen in how many runs; (0, 0) where it was run once.</summary>
    public (int Seen, int Runs) Repeats { get; init; }

    /// <summary>Whether it was seen on a machine that was booted for it; null where none was.</summary>
    public bool? SeenCold { get; init; }

    /// <summary>The smaller program that shows the same, or null.</summary>
    public Counterexample? Counterexample { get; init; }

    /// <summary>How often it was seen, in words; null where it was run once: <c>seen 3 of 3 times, also on a machine booted for it</c>.</summary>
    public string? RepeatWords => Repeats.Runs == 0 ? null : $"seen {Repeats.Seen} of {Repeats.Runs} times" + SeenCold switch
    {
        true => ", also on a machine booted for it",
        false => ", but not on the machine booted for it",
        null => "",
    } + (StockRepeats.Runs > 0 ? $", without the patch {StockRepeats.Seen} of {StockRepeats.Runs}" : "");

    /// <summary>Whether it makes the run's verdict fail: a MUST, a crash or a hang that is not a known bug.</summary>
    public bool Counts => Known is null && Rule.Severity == Severity.Must && Class is (FindingClass.Observed or FindingClass.Broken);

    /// <summary>What differs, one line: <c>errno was 0, allowed EINVAL</c>; for a crash or a hang what happened.</summary>
    public string Difference => Field.Length == 0 ? Observed : $"{Field} was {Observed}, allowed {Allowed}";

    /// <summary>Every finding of the run: those that count first, then known bugs, then SHOULD; each in program order.</summary>
    public static IReadOnlyList<Finding> Of(RunResult run) => run.Patch is not null ? OfRun(run) : OfRunAlone(run);

    /// <summary>Of a triage: what the patch breaks, fixes, changes within what is allowed, and what both sides do wrong.</summary>
    public static IReadOnlyList<Finding> OfRun(RunResult run) =>
    [
        .. run.Programs.SelectMany((program, index) => OfProgram(program, index)).Where(f => f.Class is FindingClass.Broken or FindingClass.Observed).OrderBy(f => f.Counts ? 0 : 1),
        .. run.Programs.SelectMany((program, index) => Comparison.Fixed(program).Select(d => OfDiscrepancy(program, index, d) with { Class = FindingClass.Fixed })),
        .. (run.Patch?.Changes ?? []).Select(c => OfChange(run, c)),
        .. run.Programs.SelectMany((program, index) => OfProgram(program, index)).Where(f => f.Class is FindingClass.BothDisagree),
    ];

    private static Finding OfChange(RunResult run, EnvelopeChange change) => new()
    {
        ProgramIndex = run.Programs.Select(p => p.Program).ToList().IndexOf(change.Program),
        Program = change.Program,
        Rule = change.Rule,
        Step = change.Step,
        StepText = change.StepText,
        Field = change.Field,
        Allowed = $"{change.Allowed}; without the patch it is {change.Stock} each time",
        Observed = change.Patched,
        Class = FindingClass.ChangedWithinEnvelope,
        Repeats = (change.Runs, change.Runs),
    };

    private static IReadOnlyList<Finding> OfRunAlone(RunResult run) =>
        [.. run.Programs.SelectMany((program, index) => OfProgram(program, index)).OrderBy(f => f.Counts ? 0 : f.Known is not null ? 1 : 2)];

    /// <summary>The findings of one program.</summary>
    public static IEnumerable<Finding> OfProgram(ProgramResult result, int index)
    {
        foreach (var finding in OfResult(result, index))
        {
            if (result.Stock is null) yield return finding;
            else yield return finding with { Class = Comparison.OfPatched(result, finding.Rule, finding.IsVerdict), StockRepeats = finding.IsVerdict ? result.StockRepeats : default };
        }
    }

    /// <summary>Whether it is what the program's verdict says, not a remark beside it.</summary>
    private bool IsVerdict { get; init; }

    private static IEnumerable<Finding> OfResult(ProgramResult result, int index)
    {
        if (result.Judgement is not { } judgement) yield break;
        switch (judgement.Verdict)
        {
            case Verdict.Diverges diverges:
                yield return OfDiscrepancy(result, index, diverges.Discrepancy) with { IsVerdict = true, Repeats = result.Repeats, SeenCold = result.SeenCold, Counterexample = result.Counterexample };
                break;
            case Verdict.Crashed crashed:
                yield return OfEnd(result, index, Survives, crashed.Step, "the kernel keeps running", crashed.Title) with { IsVerdict = true, Counterexample = result.Counterexample };
                break;
            case Verdict.Hung hung:
                yield return OfEnd(result, index, ComesBack, hung.Step, "the step comes back", $"no return: {hung.Where}") with { IsVerdict = true, Counterexample = result.Counterexample };
                break;
        }
        foreach (var complaint in result.Complaints.Where(c => judgement.Verdict is not Verdict.Crashed crashed || crashed.Title != c))
            yield return OfEnd(result, index, Survives, 0, "the kernel finds nothing wrong with itself", complaint);
        foreach (var remark in judgement.Remarks)
            yield return OfDiscrepancy(result, index, remark.Discrepancy) with { Known = remark.Known };
    }

    private static Finding OfDiscrepancy(ProgramResult result, int index, Discrepancy discrepancy) => new()
    {
        ProgramIndex = index,
        Program = result.Program,
        Rule = discrepancy.Rule,
        Step = discrepancy.Step,
        StepText = discrepancy.StepText,
        Field = discrepancy.Field,
        Allowed = discrepancy.Allowed,
        Observed = discrepancy.Observed,
    };

    private static Finding OfEnd(ProgramResult result, int index, Rule rule, int step, string allowed, string observed) => new()
    {
        ProgramIndex = index,
        Program = result.Program,
        Rule = rule,
        Step = step,
        StepText = TextOfStep(result.Program, step),
        Field = "",
        Allowed = allowed,
        Observed = observed,
        Repeats = result.Repeats,
        SeenCold = result.SeenCold,
    };

    private static string TextOfStep(Program program, int step)
    {
        if (step < 1) return "before the first step";
        return step > program.Steps.Length ? "after the last step" : ProgramText.PrintStep(program.Device, program.Steps[step - 1]);
    }
}
