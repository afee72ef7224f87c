using System.Text.Json;
using System.Text.Json.Serialization;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Results;
using HilTests.Core.Shrinking;

namespace HilTests.Reporting;

/// <summary>The object that <c>--json</c> writes, schema <c>hil-result/1</c>; docs/reports.md describes it.</summary>
public static class JsonReport
{
    public const string Schema = "hil-result/1";

    /// <summary>Writes the object, indented, with a newline at its end.</summary>
    public static void Write(RunResult run, TextWriter writer)
    {
        writer.Write(JsonSerializer.Serialize(Describe(run), JsonReportContext.Default.JsonResult));
        writer.Write('\n');
    }

    private static JsonResult Describe(RunResult run)
    {
        var names = new ArchiveNames(run);
        var totals = RunTotals.Of(run);
        return new JsonResult(
            Schema,
            run.Verdict,
            new JsonKernel(run.Kernel.Release, run.Kernel.Package, run.Kernel.Modules),
            run.Patch is { } patch ? Describe(patch) : null,
            new JsonMachine(run.Machine.Accelerator, run.Machine.Cpus, run.Machine.MemoryMiB, run.Machine.Slowdown),
            new JsonCounts(totals.ProgramsRun, totals.Steps, totals.Claims),
            new JsonTimings(Round(run.Timings.Build), Round(run.Timings.Boot), Round(run.Timings.Run), Round(run.Timings.Total), run.Patch is { } timed ? Round(timed.VerdictSeconds) : null, run.Patch?.Phases.ToDictionary(p => p.Phase, p => Round(p.Seconds))),
            [.. Finding.Of(run).Select(f => Describe(f, names))],
            Attempts(run),
            run.Seed,
            Coverage(totals),
            new JsonSignals(totals.Signals.Used, totals.Signals.Signals, totals.Signals.Spurious, Round(totals.Signals.SpuriousPerThousand)),
            run.Losses.IsEmpty ? null : [.. run.Losses.Select(l => new JsonLoss(l.Machine, l.Cause, l.Program))],
            Traffic(run));
    }

    private static JsonTraffic[]? Traffic(RunResult run)
    {
        var measures = TrafficMeasure.Of(run)
            .Select(m => new JsonTraffic(m.Program, m.Step, m.Direction, m.Frames, m.Bytes, Round(m.Seconds), Math.Round(m.FramesPerSecond), m.Latency))
            .ToArray();
        return measures.Length == 0 ? null : measures;
    }

    private static JsonCoverage Coverage(RunTotals totals) => new(
        new JsonCovered(totals.RulesUsed, totals.Rules.Count, [.. totals.Rules.Where(r => r.Uses == 0).Select(r => r.Rule.Id)]),
        new JsonCovered(totals.TransitionsTaken, totals.Transitions.Count, [.. totals.Transitions.Where(t => t.Uses == 0).Select(t => t.Transition)]),
        Math.Round(totals.ExactShare, 4));

    private static JsonPatch Describe(PatchRecord patch) => new(
        patch.Subject,
        [.. patch.Files],
        $"sha256:{patch.Hash}",
        [.. patch.Patches.Select(p => p.Author).OfType<string>().Distinct()],
        patch.MessageId,
        patch.BaseCommit,
        [.. patch.Functions.Select(f => new JsonFunction(f.File, f.Name, f.Calls, f.Via.Length > 0 ? f.Via : null))],
        [.. patch.Notes],
        patch.Unusable ?? patch.LoadFailure);

    private static double Round(double seconds) => Math.Round(seconds, 3);

    private static JsonFinding Describe(Finding finding, ArchiveNames names) => new(
        finding.Program.Device,
        finding.Rule.Id,
        finding.Rule.Severity == Severity.Must ? "must" : "should",
        finding.ClassWord,
        finding.Known is { } known ? new JsonKnown(known.Commit, known.Title, known.FirstFixed.ToString()) : null,
        finding.Program.Name,
        finding.Step,
        WithField(finding, finding.Allowed),
        WithField(finding, finding.Observed),
        names.ReplayCommand(finding.ProgramIndex),
        finding.Counterexample is { } small ? Describe(small, finding.ProgramIndex, names) : null);

    private static JsonCounterexample Describe(Counterexample small, int program, ArchiveNames names) => new(
        small.Program.Steps.Length,
        DivergenceClass.WrongStep(small.Judgement.Verdict),
        ProgramText.Print(small.Program),
        small.Tried,
        Round(small.Seconds),
        small.Ended,
        new JsonSeen(small.Fresh.Seen, small.Fresh.Runs),
        names.ReplayCounterexample(program));

    private static string WithField(Finding finding, string value) => finding.Field.Length == 0 ? value : $"{finding.Field} = {value}";

    private static JsonAttempt[]? Attempts(RunResult run)
    {
        var repeated = run.Programs.Where(p => p.Repeats.Runs > 0)
            .Select(p => new JsonAttempt(p.Program.Device, p.Program.Name, p.Repeats.Seen, p.Repeats.Runs, p.StockRepeats.Runs > 0 ? new JsonSeen(p.StockRepeats.Seen, p.StockRepeats.Runs) : null))
            .ToArray();
        return repeated.Length == 0 ? null : repeated;
    }
}

internal sealed record JsonResult(
    string Schema,
    string Verdict,
    JsonKernel Kernel,
    JsonPatch? Patch,
    JsonMachine Machine,
    JsonCounts Counts,
    JsonTimings Timings,
    IReadOnlyList<JsonFinding> Findings,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<JsonAttempt>? Attempts,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ulong? Seed,
    JsonCoverage Coverage,
    JsonSignals Signals,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<JsonLoss>? Losses,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<JsonTraffic>? Traffic);

internal sealed record JsonKernel(string Release, string? Package, IReadOnlyDictionary<string, string> Modules);

internal sealed record JsonPatch(
    string? Subject,
    IReadOnlyList<string> Files,
    string Hash,
    IReadOnlyList<string> Authors,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? MessageId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? BaseCommit,
    IReadOnlyList<JsonFunction> Functions,
    IReadOnlyList<string> Notes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Unusable);

internal sealed record JsonFunction(string File, string Name, long? Calls, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Via);

internal sealed record JsonMachine(string Accelerator, int Cpus, int Memory, double? Slowdown);

internal sealed record JsonCounts(int Programs, int Steps, int Events);

internal sealed record JsonTimings(
    double Build,
    double Boot,
    double Run,
    double Total,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Verdict,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, double>? Phases);

internal sealed record JsonKnown(string? Commit, string Title, string FirstFixed);

internal sealed record JsonFinding(
    string Device,
    string Rule,
    string Severity,
    string Class,
    JsonKnown? Known,
    string Program,
    int Step,
    string Allowed,
    string Observed,
    string Replay,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonCounterexample? Counterexample);

internal sealed record JsonCounterexample(int Steps, int Step, string Program, int Tried, double Seconds, bool Ended, JsonSeen Fresh, string Replay);

internal sealed record JsonCoverage(JsonCovered Rules, JsonCovered Transitions, double ExactShare);

internal sealed record JsonSignals(long UsedBuffers, long Signals, long Spurious, double SpuriousPerThousand);

internal sealed record JsonCovered(int Used, int Of, IReadOnlyList<string> Never);

internal sealed record JsonSeen(int Seen, int Runs);

internal sealed record JsonAttempt(
    string Device, string Program, int Seen, int Runs, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonSeen? Stock);

internal sealed record JsonLoss(int Machine, string Cause, string? Program);

internal sealed record JsonTraffic(
    string Program, int Step, string Direction, long Frames, long Bytes, double Seconds, double FramesPerSecond, LatencySummary LatencyNs);

[JsonSourceGenerationOptions(WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower)]
[JsonSerializable(typeof(JsonResult))]
internal sealed partial class JsonReportContext : JsonSerializerContext;
