using System.Collections.Immutable;
using System.Globalization;
using HilTests.Core.Results;
using HilTests.Core.Values;

namespace HilTests.Reporting;

/// <summary>
/// What a program's sustained traffic measured in one direction. Nothing of it is judged. A program with several such steps
/// has several.
/// </summary>
/// <param name="Program">the program's name</param>
/// <param name="ProgramIndex">its place in the run</param>
/// <param name="Step">the step, counted from 1</param>
/// <param name="Direction"><c>tx</c> or <c>rx</c></param>
/// <param name="Frames">frames that arrived</param>
/// <param name="Bytes">bytes of them, Ethernet headers included</param>
/// <param name="Seconds">from the first frame sent to the last received</param>
/// <param name="Latency">from sent to received, nanoseconds</param>
/// <param name="Cells">the latencies' distribution: how many frames took more than the cell before and at most so many nanoseconds; ascending</param>
public sealed record TrafficMeasure(
    string Program, int ProgramIndex, int Step, string Direction, long Frames, long Bytes, double Seconds, LatencySummary Latency,
    ImmutableArray<(long UpTo, long Frames)> Cells)
{
    public double FramesPerSecond => Seconds > 0 ? Frames / Seconds : 0;

    public double BytesPerSecond => Seconds > 0 ? Bytes / Seconds : 0;

    /// <summary>One line for people.</summary>
    public string Words => string.Create(CultureInfo.InvariantCulture,
        $"{Direction} {FramesPerSecond:#,0} packets/s, {BytesPerSecond / 1e6:0.0} MB/s, latency p50 {Latency.P50 / 1e3:#,0} p99 {Latency.P99 / 1e3:#,0} p99.9 {Latency.P999 / 1e3:#,0} us");

    /// <summary>Everything that the programs of a run measured, in their order. Traces come from guests: what has not the form is left out.</summary>
    public static IReadOnlyList<TrafficMeasure> Of(RunResult run)
    {
        var measures = new List<TrafficMeasure>();
        for (var program = 0; program < run.Programs.Length; program++)
        {
            var entries = run.Programs[program].Trace?.Entries ?? [];
            for (var step = 0; step < entries.Length; step++)
            {
                if (entries[step].Observation is not { } observation) continue;
                foreach (var direction in (string[])["tx", "rx"])
                {
                    if (observation[direction] is RecordValue counts && observation[$"{direction}-measured"] is RecordValue measured)
                        measures.AddRange(Read(run.Programs[program].Program.Name, program, step + 1, direction, counts, measured));
                }
            }
        }
        return measures;
    }

    private static IEnumerable<TrafficMeasure> Read(string program, int index, int step, string direction, RecordValue counts, RecordValue measured)
    {
        if (measured["latency-ns"] is not RecordValue latency || latency["cells"] is not ListValue cells) yield break;
        var distribution = cells.Items.OfType<RecordValue>().Select(c => (UpTo: Number(c, "upto"), Frames: Number(c, "n"))).Where(c => c is { UpTo: >= 0, Frames: > 0 });
        yield return new TrafficMeasure(program, index, step, direction, Number(counts, "frames"), Number(measured, "bytes"), Number(measured, "us") / 1e6,
            new LatencySummary(Number(latency, "p50"), Number(latency, "p90"), Number(latency, "p99"), Number(latency, "p999"), Number(latency, "max")),
            [.. distribution.OrderBy(c => c.UpTo)]);
    }

    private static long Number(RecordValue record, string field) => record[field] is NumberValue { Number: >= 0 and var number } ? number : 0;
}

/// <summary>Percentiles of a latency, nanoseconds.</summary>
public sealed record LatencySummary(long P50, long P90, long P99, long P999, long Max);
