using System.Collections.Immutable;
using System.Globalization;
using HilTests.Core.Devices.F2fs;
using HilTests.Core.Judging;
using HilTests.Core.Results;
using HilTests.Core.Values;

namespace HilTests.Reporting;

/// <summary>A value with the model's bounds of it. Times in ms.</summary>
public readonly record struct Banded(long Observed, long Low, long High);

/// <summary>One class of one latency record.</summary>
/// <param name="Seconds">when the record was made, from the first record of the program</param>
/// <param name="Class">the class's name in the record</param>
/// <param name="Count">how many it counts</param>
/// <param name="Peak">the longest time, ms</param>
/// <param name="Average">the average time, ms</param>
public sealed record LatencyMark(double Seconds, string Class, long Count, Banded Peak, Banded Average);

/// <summary>A stretch of the disk that was discarded.</summary>
/// <param name="Seconds">when, from the first line of the trace that has a time</param>
/// <param name="Start">bytes from the disk's beginning</param>
/// <param name="Length">bytes</param>
public readonly record struct DiscardMark(double Seconds, long Start, long Length);

/// <summary>What the witnesses say of one FITRIM, in bytes; null where a witness was not heard.</summary>
/// <param name="Step">the step, counted from 1</param>
/// <param name="Returned">the call's own result</param>
/// <param name="Issued">what the block layer took, from the trace</param>
/// <param name="Counted">growth of the disk's counter</param>
/// <param name="Completed">the disk's completed requests</param>
public sealed record TrimWitnesses(int Step, long Returned, long? Issued, long Counted, long? Completed)
{
    /// <summary>Whether all that were heard say the same.</summary>
    public bool Agree => Counted == Returned && (Issued ?? Returned) == Returned && (Completed ?? Returned) == Returned;
}

/// <summary>What a program on a file system shows of latencies and discards. All of it is in its trace and its judgement.</summary>
public sealed record StorageMeasure(string Program, int ProgramIndex)
{
    private const int SectorBytes = 512;

    public ImmutableArray<LatencyMark> Latencies { get; private init; } = [];

    public ImmutableArray<DiscardMark> Discards { get; private init; } = [];

    public ImmutableArray<TrimWitnesses> Trims { get; private init; } = [];

    /// <summary>The disk's size in bytes.</summary>
    public long DiskBytes { get; private init; }

    /// <summary>How the counter <c>fs discard</c> compared with the trace, and the holes of the disk's file: null where they were not compared.</summary>
    public (bool? Counter, bool? Holes) Others { get; private init; }

    /// <summary>Every program of the run that shows something.</summary>
    public static IReadOnlyList<StorageMeasure> Of(RunResult run)
    {
        var measures = new List<StorageMeasure>();
        for (var i = 0; i < run.Programs.Length; i++)
        {
            var result = run.Programs[i];
            if (result is not { Judgement: { } judgement, Trace.Program.Device: "f2fs" }) continue;
            var measure = Of(result, judgement, i);
            if (measure.Latencies.Length + measure.Discards.Length + measure.Trims.Length > 0) measures.Add(measure);
        }
        return measures;
    }

    private static StorageMeasure Of(ProgramResult result, Judgement judgement, int index)
    {
        var trace = result.Trace!;
        var hz = trace.Profile["hz"] is NumberValue { Number: > 0 and <= 10_000 and var ticks } ? (int)ticks : 1;
        var lines = new TraceReading(hz);
        foreach (var entry in trace.Entries) lines.Read(entry.Observation);
        var claims = judgement.Steps.SelectMany(s => s.Claims).ToList();
        return new StorageMeasure(result.Program.Name, index)
        {
            Latencies = LatenciesOf(judgement, hz),
            Discards = [.. lines.Discards],
            Trims = TrimsOf(result, judgement, lines),
            DiskBytes = (long)(trace.Program.Steps.OfType<DiskStep>().FirstOrDefault()?.Mebibytes ?? 0) << 20,
            Others = (Held(claims, "counters.discard"), Held(claims, "holes")),
        };
    }

    private static bool? Held(List<Core.Predictions.ClaimResult> claims, string field)
    {
        var about = claims.Where(c => c.Field == field).ToList();
        return about.Count == 0 ? null : about.All(c => c.Satisfied);
    }

    private static ImmutableArray<LatencyMark> LatenciesOf(Judgement judgement, int hz)
    {
        var marks = new List<LatencyMark>();
        long? first = null;
        foreach (var step in judgement.Steps)
        {
            var claims = step.Claims.DistinctBy(c => c.Field).ToDictionary(c => c.Field);
            for (var k = 0; claims.TryGetValue($"records[{k}].jiffies", out var time); k++)
            {
                if (!Number(time.Observed, out var jiffies)) continue;
                first ??= jiffies;
                foreach (var name in IoClasses.Names)
                {
                    if (claims.TryGetValue($"latency[{k}].{name}.count", out var count) && Number(count.Observed, out var counted) && counted > 0
                        && Band(claims.GetValueOrDefault($"latency[{k}].{name}.peak")) is { } peak && Band(claims.GetValueOrDefault($"latency[{k}].{name}.average")) is { } average)
                        marks.Add(new LatencyMark((jiffies - first.Value) / (double)hz, name, counted, peak, average));
                }
            }
        }
        return [.. marks];
    }

    private static ImmutableArray<TrimWitnesses> TrimsOf(ProgramResult result, Judgement judgement, TraceReading lines)
    {
        var issued = new Dictionary<long, long>();
        foreach (var step in judgement.Steps)
        {
            var claims = step.Claims.DistinctBy(c => c.Field).ToDictionary(c => c.Field);
            for (var i = 0; claims.TryGetValue($"discards[{i}].step", out var of); i++)
            {
                if (Number(of.Observed, out var number) && claims.TryGetValue($"discards[{i}].bytes", out var bytes) && Number(bytes.Observed, out var sum)) issued[number] = sum;
            }
        }
        var trims = new List<TrimWitnesses>();
        var entries = result.Trace!.Entries;
        for (var i = 0; i < entries.Length; i++)
        {
            if (entries[i] is not { Step: FitrimStep, Observation: { } observation }) continue;
            if (observation["len"] is not NumberValue { Number: > 0 and var length } || observation["discard-sectors"] is not NumberValue { Number: >= 0 and var sectors } || !NoError(observation["errno"])) continue;
            trims.Add(new TrimWitnesses(i + 1, length, issued.TryGetValue(i + 1, out var said) ? said : null, sectors * SectorBytes, lines.CompletedIn(i + 1)));
        }
        return [.. trims];
    }

    private static bool NoError(Value? errno) => errno is NumberValue { Number: 0 };

    /// <summary>The numbers of a set's words: <c>16</c>, <c>12 to 20</c>, <c>12 or 16</c>; what has no upper end is not drawn.</summary>
    private static Banded? Band(Core.Predictions.ClaimResult? claim)
    {
        if (claim is null || !Number(claim.Observed, out var observed) || claim.Allowed.StartsWith("at least", StringComparison.Ordinal)) return null;
        var numbers = claim.Allowed.Split(' ').Select(word => Number(word, out var number) ? number : -1).Where(n => n >= 0).ToList();
        return numbers.Count == 0 ? null : new Banded(observed, numbers.Min(), numbers.Max());
    }

    private static bool Number(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
