using System.Collections.Immutable;
using System.Diagnostics;
using HilTests.Nightly.History;
using HilTests.Nightly.Morning;
using HilTests.Nightly.Nights;

namespace HilTests.Benchmarks.Nightly;

/// <summary>
/// A history of made-up nights, a million results by default: how long the morning page of the last one takes, and one rule's history. Prints the median of
/// five of each, with the history's size.
/// </summary>
internal static class HistoryBenchmark
{
    private const int Kernels = 5, TestsOfAShard = 200, Repetitions = 5;

    public static int Run(string[] arguments)
    {
        var nights = arguments is [var text] && int.TryParse(text, out var number) ? number : 1000;
        var folder = Directory.CreateTempSubdirectory("hil-history-").FullName;
        try
        {
            var file = Path.Combine(folder, "history.db");
            var begin = Stopwatch.GetTimestamp();
            NightRecord last = Night(1);
            using (var history = HistoryFile.Open(file))
            {
                for (var night = 1; night <= nights; night++) history.Add(last = Night(night));
            }
            Console.WriteLine($"{nights * Kernels * TestsOfAShard} results of {nights} nights written in {Stopwatch.GetElapsedTime(begin).TotalSeconds:0.0} s, {new FileInfo(file).Length / 1e6:0} MB");
            Measure("open and check the history", () => HistoryFile.Open(file).Dispose());
            using var opened = HistoryFile.Open(file);
            Measure("the morning page", () =>
            {
                using var page = new StringWriter();
                MorningPage.Write(MorningReport.Make(last, opened), page);
            });
            Measure("the history of one rule in every series", () =>
            {
                if (opened.Rule("rule.7").Sum(t => t.Nights.Count) != nights * Kernels) throw new InvalidOperationException("the history is not whole");
            });
            Measure("backup", () => HistoryFile.Backup(opened, file));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(string what, Action action)
    {
        var times = new List<double>();
        for (var i = 0; i < Repetitions; i++)
        {
            var begin = Stopwatch.GetTimestamp();
            action();
            times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }
        Console.WriteLine($"{what}: {times.Order().ElementAt(Repetitions / 2):0} ms (of {Repetitions}: {string.Join(", ", times.Select(t => $"{t:0}"))})");
    }

    private static NightRecord Night(int number)
    {
        var shards = Enumerable.Range(1, Kernels).Select(k => new Shard
        {
            Number = k,
            Id = $"{k:0000}-kernel{k}-vhost-net-1",
            Kind = ShardKind.Run,
            Kernel = $"kernel{k}",
            KernelLabel = $"kernel{k}",
            Device = "vhost-net",
            Seed = 1,
            Accelerator = "tcg",
            MemoryMiB = 512,
            LimitSeconds = 600,
            Retries = 2,
            Series = $"run kernel=kernel{k} device=vhost-net",
        }).ToImmutableArray();
        var plan = new NightPlan { Number = number, Started = DateTimeOffset.UnixEpoch.AddDays(number), Name = "made up", Command = "", Engine = "local", Shards = shards };
        return new NightRecord(plan, $"{number:0000}", [.. shards.Select(s => new ShardRecord(s, Result(s, number), 1))], true);
    }

    /// <summary>Every tenth night another kernel; now and then a rule breaks for a few nights, and one is flaky.</summary>
    private static ShardResult Result(Shard shard, int night)
    {
        var results = new List<TestResult>();
        for (var test = 0; test < TestsOfAShard; test++)
        {
            var kind = test % 2 == 0 ? TestKind.Program : TestKind.Rule;
            var isBroken = (night / 7 * 31 + test + shard.Number) % 97 == 0 || (test == 41 && night % 3 == 0);
            results.Add(new TestResult(kind, kind == TestKind.Rule ? $"rule.{test}" : $"program-{test}", isBroken ? Status.Fail : Status.Pass, null, isBroken ? "errno was 0, allowed EBUSY" : null, 0, 0, isBroken ? 0 : null));
        }
        return new ShardResult
        {
            Shard = shard.Id,
            Attempt = 1,
            Status = Status.Fail,
            Verdict = "diverges",
            Origin = new ShardOrigin("6.1.0", $"linux-image {night / 10}", null, null, $"commit{night / 4}", "", "tcg"),
            Node = "n1",
            Started = DateTimeOffset.UnixEpoch,
            Seconds = 60,
            Results = [.. results],
            Findings = [new ShardFinding { Rule = "rule.7", Severity = "must", RuleText = "text", Program = "program-8", Step = 3, StepText = "set-owner", Difference = "errno was 0, allowed EBUSY", Replay = "hil replay x", Smallest = "hil-program 1\nname x\n" }],
            Metrics = ImmutableSortedDictionary.CreateRange((KeyValuePair<string, double>[])[new("boot", 3 + (night % 10 / 10.0)), new("programs-a-second", 40 + (night % 7))]),
        };
    }
}
