using System.Collections.Immutable;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Results;
using HilTests.Reporting;
using HilTests.Reporting.Auditing;

namespace HilTests.Nightly.Nights;

/// <summary>Puts a run's or an audit's result into the words of a shard.</summary>
public static class ShardReport
{
    /// <summary>A broken rule may show in hundreds of programs; so many are kept.</summary>
    private const int MostFindingsOfARule = 3;

    private const int MostConsoleLines = 60;

    /// <summary>What a run found.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="run">Its run.</param>
    /// <param name="named">Programs that are the same each night, by name: the others cannot be compared.</param>
    /// <param name="patches">The hash of the patches carried; empty for none.</param>
    public static ShardResult Of(Shard shard, RunResult run, IReadOnlySet<string> named, string patches)
    {
        var findings = Finding.Of(run);
        var names = new ArchiveNames(run);
        var kept = findings.GroupBy(f => f.Rule.Id).SelectMany(g => g.Take(MostFindingsOfARule)).ToList();
        return new ShardResult
        {
            Shard = shard.Id,
            Attempt = 0,
            Status = StatusOf(run),
            Verdict = run.Interrupted ? "interrupted" : run.Verdict,
            Cause = run.Interrupted ? "interrupted" : run.Infrastructure,
            Origin = new ShardOrigin(run.Kernel.Release, run.Kernel.Package, run.Origin.Config, run.Origin.Image, run.Origin.Commit, patches, run.Machine.Accelerator),
            Node = Environment.MachineName,
            Started = run.Started,
            Seconds = run.Timings.Total,
            Results = [.. Programs(run, kept, named), .. Rules(run, kept)],
            Findings = [.. kept.Select(f => Describe(f, run, names))],
            Metrics = Metrics(run),
        };
    }

    /// <summary>What an audit found: a wrong kernel that passed, or a harmless one that was blamed, is a failure of the judge.</summary>
    public static ShardResult Of(Shard shard, AuditResult audit, string? commit) => new()
    {
        Shard = shard.Id,
        Attempt = 0,
        Status = audit.Interrupted || audit.Mutants.Any(m => m.Fate == MutantFate.NotTried) ? Status.Error : audit.Mutants.Any(m => m.IsFailure) ? Status.Fail : Status.Pass,
        Verdict = audit.Interrupted ? "interrupted" : $"{audit.Caught} of {audit.Catchable} caught",
        Cause = audit.Interrupted ? "interrupted" : audit.Mutants.FirstOrDefault(m => m.Fate == MutantFate.NotTried)?.Detail,
        Origin = new ShardOrigin(audit.Kernel, null, null, null, commit, "", audit.Accelerator),
        Node = Environment.MachineName,
        Started = audit.Started,
        Seconds = audit.Seconds,
        Results = [.. audit.Mutants.Select(Describe)],
        Metrics = ImmutableSortedDictionary.CreateRange(AuditMetrics(audit)),
    };

    private static IEnumerable<KeyValuePair<string, double>> AuditMetrics(AuditResult audit)
    {
        if (audit.Catchable > 0) yield return new("catch-rate", (double)audit.Caught / audit.Catchable);
        yield return new("false-alarms", audit.Count(MutantFate.FalseAlarm));
    }

    private static TestResult Describe(AuditedMutant mutant) => new(
        TestKind.Mutant,
        mutant.Name,
        mutant.Fate switch
        {
            MutantFate.NotTried => Status.Error,
            MutantFate.Survived when mutant.Equivalent.Length > 0 => Status.Skip,
            MutantFate.Survived or MutantFate.FalseAlarm => Status.Fail,
            _ => Status.Pass,
        },
        mutant is { Fate: MutantFate.Survived, Survives.Length: > 0 } ? $"known to survive: {mutant.Survives}" : null,
        mutant.Fate switch
        {
            MutantFate.Caught => $"caught by {mutant.Program}: {mutant.Rule}",
            MutantFate.FalseAlarm => $"harmless, and blamed by {mutant.Program}: {mutant.Rule}; {mutant.Detail}",
            MutantFate.Survived => $"no program was against it: {mutant.Description}",
            MutantFate.NotTried => mutant.Detail,
            _ => "conforms, as it should",
        },
        mutant.Repeats?.Seen ?? 0,
        mutant.Repeats?.Runs ?? 0);

    private static Status StatusOf(RunResult run) => run.Verdict switch
    {
        "diverges" or "crashed" or "hung" => Status.Fail,
        _ when run.Interrupted => Status.Error,
        "conforms" => Status.Pass,
        "inconclusive" when run.Programs.Any(p => p.Judgement is not null) => Status.Done,
        _ => Status.Error,
    };

    private static IEnumerable<TestResult> Programs(RunResult run, List<Finding> kept, IReadOnlySet<string> named)
    {
        foreach (var (program, index) in run.Programs.Select((p, i) => (p, i)).Where(p => named.Contains(p.p.Program.Name)).DistinctBy(p => p.p.Program.Name))
        {
            var outcome = ProgramOutcome.Of(run, program);
            var status = outcome.Kind switch
            {
                OutcomeKind.Conforms => Status.Pass,
                OutcomeKind.Skipped => Status.Skip,
                OutcomeKind.Inconclusive => Status.Error,
                OutcomeKind.NotRun => Status.Miss,
                _ => Status.Fail,
            };
            var finding = status == Status.Fail ? kept.FindIndex(f => f.ProgramIndex == index && f.Counts) : -1;
            yield return new TestResult(TestKind.Program, program.Program.Name, status, null, outcome.Reason, program.Repeats.Seen, program.Repeats.Runs, finding < 0 ? null : finding);
        }
    }

    /// <summary>Rules that the programs came to. A rule whose programs were not run has no result, for nothing is known of it.</summary>
    private static IEnumerable<TestResult> Rules(RunResult run, List<Finding> kept)
    {
        var broken = kept.Select((f, i) => (f, i)).GroupBy(f => f.f.Rule.Id).ToDictionary(g => g.Key, g => g.OrderBy(f => f.f.Counts ? 0 : 1).First());
        foreach (var (id, (finding, index)) in broken)
            yield return new TestResult(TestKind.Rule, id, Status.Fail, WhyNot(finding), finding.Difference, finding.Repeats.Seen, finding.Repeats.Runs, index);
        foreach (var used in RunTotals.Of(run).Rules.Where(r => r.Uses > 0 && !broken.ContainsKey(r.Rule.Id))) yield return new TestResult(TestKind.Rule, used.Rule.Id, Status.Pass);
    }

    private static string? WhyNot(Finding finding) => finding switch
    {
        { Known: { } known } => $"known bug, fixed in {known.FirstFixed}: {known.Title}",
        { Rule.Severity: Severity.Should } => "a SHOULD",
        _ => null,
    };

    private static ShardFinding Describe(Finding finding, RunResult run, ArchiveNames names)
    {
        var small = finding.Counterexample is { Fresh.Seen: > 0 } seen ? seen : null;
        return new ShardFinding
        {
            Rule = finding.Rule.Id,
            Severity = finding.Rule.Severity == Severity.Should ? "should" : "must",
            RuleText = $"{finding.Rule.Text} ({finding.Rule.Reference})",
            Program = finding.Program.Name,
            Step = finding.Step,
            StepText = finding.StepText,
            Difference = finding.Difference,
            Known = WhyNot(finding),
            Replay = small is null ? names.ReplayCommand(finding.ProgramIndex) : names.ReplayCounterexample(finding.ProgramIndex),
            Smallest = ProgramText.Print(small?.Program ?? finding.Program),
            Console = [.. run.Programs[finding.ProgramIndex].Console.TakeLast(MostConsoleLines)],
            Seen = finding.Repeats.Seen,
            Runs = finding.Repeats.Runs,
        };
    }

    private static ImmutableSortedDictionary<string, double> Metrics(RunResult run)
    {
        var ran = run.Programs.Count(p => p.Judgement is not null);
        var metrics = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        if (run.Timings.Boot > 0) metrics["boot"] = Math.Round(run.Timings.Boot, 3);
        if (ran > 0 && run.Timings.Run > 0) metrics["programs-a-second"] = Math.Round(ran / run.Timings.Run, 3);
        return metrics.ToImmutable();
    }
}
