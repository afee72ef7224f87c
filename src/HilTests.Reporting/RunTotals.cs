using HilTests.Core.Predictions;
using HilTests.Core.Results;

namespace HilTests.Reporting;

/// <summary>How often a rule was used by the programs of a run.</summary>
public sealed record RuleUse(Rule Rule, int Uses);

/// <summary>How often a transition of a model was taken by the programs of a run.</summary>
public sealed record TransitionUse(string Transition, int Uses);

/// <summary>The numbers of a run that reports share.</summary>
public sealed record RunTotals
{
    /// <summary>Programs that were run and judged.</summary>
    public required int ProgramsRun { get; init; }

    /// <summary>Steps that came back.</summary>
    public required int Steps { get; init; }

    /// <summary>Observed values that were compared with the model.</summary>
    public required int Claims { get; init; }

    /// <summary>Those of them that had exactly one admissible value.</summary>
    public required int ExactClaims { get; init; }

    /// <summary>How many programs ended in which way; kinds that did not occur are left out.</summary>
    public required IReadOnlyDictionary<OutcomeKind, int> Outcomes { get; init; }

    /// <summary>Every rule of the models that took part, never-used ones included, by id.</summary>
    public required IReadOnlyList<RuleUse> Rules { get; init; }

    /// <summary>Every transition that the models name or that was taken, never-taken ones included, by name.</summary>
    public required IReadOnlyList<TransitionUse> Transitions { get; init; }

    /// <summary>Used buffers, signals, and those that nobody asked for; all 0 where no device has such.</summary>
    public required SignalCount Signals { get; init; }

    public int TransitionsTaken => Transitions.Count(t => t.Uses > 0);

    public int RulesUsed => Rules.Count(r => r.Uses > 0);

    /// <summary>The share of claims with exactly one admissible value, 0 to 1; 0 where nothing was compared.</summary>
    public double ExactShare => Claims == 0 ? 0 : (double)ExactClaims / Claims;

    /// <summary>Adds a run up.</summary>
    public static RunTotals Of(RunResult run)
    {
        var judged = run.Programs.Where(p => p.Judgement is not null).ToList();
        var uses = judged.SelectMany(p => p.Judgement!.RuleUses).GroupBy(u => u.Key).ToDictionary(g => g.Key, g => g.Sum(u => u.Value));
        var taken = judged.SelectMany(p => p.Judgement!.TransitionUses.Select(u => (Name: $"{p.Program.Device} {u.Key}", Uses: u.Value)))
            .GroupBy(u => u.Name).ToDictionary(g => g.Key, g => g.Sum(u => u.Uses));
        return new RunTotals
        {
            ProgramsRun = judged.Count,
            Steps = run.Programs.Sum(p => p.Trace?.Entries.Count(e => e.Observation is not null) ?? 0),
            Claims = judged.Sum(p => p.Judgement!.Claims),
            ExactClaims = judged.Sum(p => p.Judgement!.ExactClaims),
            Signals = judged.Aggregate(default(SignalCount), (sum, p) => sum + p.Judgement!.Signals),
            Outcomes = run.Programs.CountBy(p => ProgramOutcome.Of(run, p).Kind).ToDictionary(),
            Rules = [.. run.Rules.DistinctBy(r => r.Id).OrderBy(r => r.Id, StringComparer.Ordinal).Select(r => new RuleUse(r, uses.GetValueOrDefault(r.Id)))],
            Transitions = [.. run.Transitions.Union(taken.Keys).Order(StringComparer.Ordinal).Select(t => new TransitionUse(t, taken.GetValueOrDefault(t)))],
        };
    }

    /// <summary>The outcomes in words, most telling first: <c>2 diverge, 1 crashed, 207 conform</c>.</summary>
    public string OutcomeWords()
    {
        (OutcomeKind Kind, string One, string Many)[] words =
        [
            (OutcomeKind.Crashed, "crashed", "crashed"), (OutcomeKind.Hung, "hung", "hung"),
            (OutcomeKind.Diverges, "diverges", "diverge"), (OutcomeKind.Inconclusive, "inconclusive", "inconclusive"),
            (OutcomeKind.AsStock, "is as without the patch, and not as the model", "are as without the patch, and not as the model"),
            (OutcomeKind.Conforms, "conforms", "conform"), (OutcomeKind.Skipped, "skipped", "skipped"),
            (OutcomeKind.NotRun, "not run", "not run"),
        ];
        var parts = words.Where(w => Outcomes.ContainsKey(w.Kind)).Select(w => $"{Outcomes[w.Kind]} {(Outcomes[w.Kind] == 1 ? w.One : w.Many)}");
        return Outcomes.Count == 0 ? "none planned" : string.Join(", ", parts);
    }
}
