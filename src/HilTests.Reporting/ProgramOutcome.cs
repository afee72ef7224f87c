using HilTests.Core.Judging;
using HilTests.Core.Results;

namespace HilTests.Reporting;

/// <summary>What became of a planned program.</summary>
public enum OutcomeKind
{
    Conforms,
    Diverges,
    Crashed,
    Hung,
    Inconclusive,

    /// <summary>Left out on purpose, with a reason.</summary>
    Skipped,

    /// <summary>Not what the model admits, but the kernel without the patch that is tried does the same.</summary>
    AsStock,

    /// <summary>Planned, but the run ended before it, or its trace could not be judged.</summary>
    NotRun,
}

/// <summary>What became of a planned program, and why where that needs saying.</summary>
/// <param name="Kind">what became of it</param>
/// <param name="Reason">one line; null for programs that conform</param>
public sealed record ProgramOutcome(OutcomeKind Kind, string? Reason)
{
    /// <summary>The word in reports, e.g. <c>not run</c>.</summary>
    public string Word => Kind switch
    {
        OutcomeKind.NotRun => "not run",
        OutcomeKind.AsStock => "as without the patch",
        _ => Kind.ToString().ToLowerInvariant(),
    };

    /// <summary>Whether it is a finding about the kernel that makes the run fail.</summary>
    public bool IsFailure => Kind is OutcomeKind.Diverges or OutcomeKind.Crashed or OutcomeKind.Hung;

    /// <summary>Reads the outcome off a result.</summary>
    public static ProgramOutcome Of(RunResult run, ProgramResult program) => program switch
    {
        { Skipped: { } why } => new(OutcomeKind.Skipped, why),
        { Stock: not null, Judgement: { } same } when Comparison.IsExcused(program) => new(OutcomeKind.AsStock, $"as without the patch: {OfVerdict(same.Verdict).Reason}"),
        { Judgement: { } judgement } => OfVerdict(judgement.Verdict),
        { Trace.EndLines: { IsEmpty: false } lines } => new(OutcomeKind.NotRun, $"not judged: {string.Join("; ", lines)}"),
        _ => new(OutcomeKind.NotRun, "never run: " + WhyTheRunEnded(run)),
    };

    private static ProgramOutcome OfVerdict(Verdict verdict) => verdict switch
    {
        Verdict.Conforms => new(OutcomeKind.Conforms, null),
        Verdict.Diverges diverges => new(OutcomeKind.Diverges, diverges.Discrepancy.ToString()),
        Verdict.Crashed crashed => new(OutcomeKind.Crashed, crashed.Title),
        Verdict.Hung hung => new(OutcomeKind.Hung, $"step {hung.Step} did not come back: {hung.Where}"),
        Verdict.Inconclusive inconclusive => new(OutcomeKind.Inconclusive, inconclusive.Why),
        _ => throw new ArgumentException($"unknown verdict '{verdict.Word}'", nameof(verdict)),
    };

    private static string WhyTheRunEnded(RunResult run)
    {
        if (run.Interrupted) return "the run was interrupted";
        if (run.Infrastructure is { } infrastructure) return infrastructure;
        var died = run.Programs.FirstOrDefault(p => p.Judgement?.Verdict is Verdict.Crashed or Verdict.Hung);
        return died is null ? "the run ended before it" : $"the run ended when {died.Program.Name} {(died.Judgement!.Verdict is Verdict.Hung ? "hung" : "crashed the kernel")}";
    }
}
