using System.Collections.Immutable;
using System.Text.Json.Serialization;
using HilTests.Core.Judging;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Results;
using HilTests.Core.Traces;

namespace HilTests.Reporting.Html;

/// <summary>What the page's script needs to show one program; kept small, defaults are left out.</summary>
/// <param name="Steps">every step of the program, reached or not</param>
/// <param name="Console">kernel console lines</param>
/// <param name="ConsoleLeftOut">how many console lines before these were left out</param>
/// <param name="EndLines">what the agent said at the end</param>
internal sealed record ProgramData(
    IReadOnlyList<StepData> Steps, IReadOnlyList<string>? Console, int ConsoleLeftOut, IReadOnlyList<string>? EndLines)
{
    private const int MostLines = 300;

    public static ProgramData Of(RunResult run, ProgramResult result)
    {
        var judged = result.Judgement?.Steps ?? [];
        var bad = result.Judgement?.Verdict switch
        {
            Verdict.Diverges diverges => diverges.Discrepancy.Step,
            Verdict.Crashed crashed => crashed.Step,
            Verdict.Hung hung => hung.Step,
            _ => 0,
        };
        var steps = result.Program.Steps.Select((step, i) => Step(
            ProgramText.PrintStep(result.Program.Device, step), Observed(result, i), i < judged.Length ? judged[i] : null, i + 1 == bad));
        var leftOut = Math.Max(0, result.Console.Length - MostLines);
        return new ProgramData(
            [.. steps],
            result.Console.IsEmpty ? null : [.. result.Console.Skip(leftOut).Select(PrintableText.ForXml)],
            leftOut,
            result.Trace is { EndLines: { IsEmpty: false } lines } ? [.. lines.Select(PrintableText.ForXml)] : null);
    }

    private static Observation? Observed(ProgramResult result, int index) =>
        result.Trace is { } trace && index < trace.Entries.Length ? trace.Entries[index].Observation : null;

    private static StepData Step(string text, Observation? observation, StepJudgement? judgement, bool bad)
    {
        var lines = observation?.Lines ?? [];
        return new StepData
        {
            Text = text,
            Reached = observation is not null,
            Start = observation?.StartMicroseconds ?? 0,
            Took = observation?.DurationMicroseconds ?? 0,
            Bad = bad,
            Judged = judgement is { Inconclusive: null },
            Inconclusive = judgement?.Inconclusive,
            Rows = Rows(observation, judgement),
            Lines = lines.IsEmpty ? null : [.. lines.Take(MostLines).Select(PrintableText.ForXml)],
            LinesLeftOut = Math.Max(0, lines.Length - MostLines),
        };
    }

    /// <summary>The judged fields first, in the order of the claims, then what was observed and not judged.</summary>
    private static ImmutableArray<RowData> Rows(Observation? observation, StepJudgement? judgement)
    {
        var rows = ImmutableArray.CreateBuilder<RowData>();
        foreach (var claim in judgement?.Claims ?? [])
        {
            rows.Add(new RowData
            {
                Field = claim.Field,
                Observed = PrintableText.ForXml(claim.Observed),
                Allowed = claim.Allowed,
                Rule = claim.Rule.Id,
                Wrong = !claim.Satisfied,
                First = claim.Equals(judgement!.Discrepancy),
            });
        }
        var judgedFields = rows.Select(r => r.Field).ToHashSet();
        foreach (var (name, value) in observation?.Fields ?? [])
            if (!judgedFields.Contains(name)) rows.Add(new RowData { Field = name, Observed = PrintableText.ForXml(BoundedText.Of(value.ToString())) });
        return rows.ToImmutable();
    }
}

/// <summary>One step: what it is, what was seen, what was allowed. Times in microseconds.</summary>
internal sealed record StepData
{
    public required string Text { get; init; }

    public bool Reached { get; init; }

    public long Start { get; init; }

    public long Took { get; init; }

    /// <summary>The step of the first difference, the crash or the hang.</summary>
    public bool Bad { get; init; }

    public bool Judged { get; init; }

    public string? Inconclusive { get; init; }

    public required ImmutableArray<RowData> Rows { get; init; }

    public IReadOnlyList<string>? Lines { get; init; }

    public int LinesLeftOut { get; init; }
}

/// <summary>One observed field beside what the model admits; no rule where the model says nothing of it.</summary>
internal sealed record RowData
{
    public required string Field { get; init; }

    public required string Observed { get; init; }

    public string? Allowed { get; init; }

    public string? Rule { get; init; }

    public bool Wrong { get; init; }

    public bool First { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(ProgramData))]
[JsonSerializable(typeof(Dictionary<string, RuleData>))]
internal sealed partial class PageDataContext : JsonSerializerContext;

/// <summary>A rule as the page shows it.</summary>
internal sealed record RuleData(string Text, string Reference, bool Should, string? Known);
