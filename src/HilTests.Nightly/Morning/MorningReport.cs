using System.Collections.Immutable;
using HilTests.Nightly.History;
using HilTests.Nightly.Matrices;
using HilTests.Nightly.Nights;

namespace HilTests.Nightly.Morning;

/// <summary>A test of tonight and what became of it.</summary>
/// <param name="Test">The test with its nights.</param>
/// <param name="Change">What became of it.</param>
/// <param name="Finding">What was found; null where nothing was.</param>
/// <param name="Excuse">Why a failure does not count: a bug that the matrix expects, one that hil knows, a SHOULD. Null where it does.</param>
/// <param name="Expired">A failure that the matrix expected until a day that is over.</param>
public sealed record TestNews(TestHistory Test, Change Change, ShardFinding? Finding, string? Excuse, ExpectedBug? Expired)
{
    /// <summary>Whether it failed tonight.</summary>
    public bool FailsTonight => Change.Kind != ChangeKind.Disappeared && Test.Nights[0].Failed;

    /// <summary>Whether somebody has to look at it: once is enough, also where it comes and goes.</summary>
    public bool Counts => FailsTonight && Excuse is null;
}

/// <summary>A series' numbers over the nights.</summary>
public sealed record Trend(string Kernel, string Device, string Series, string Name, IReadOnlyList<MetricPoint> Points);

/// <summary>Everything that the morning has to say of a night; the page, the mail and the other formats tell it each in its way.</summary>
public sealed record MorningReport
{
    public required NightRecord Night { get; init; }

    /// <summary>Every test of the series that ran, those that matter most first.</summary>
    public required ImmutableArray<TestNews> News { get; init; }

    /// <summary>Shards of which nothing is known: our own side failed, or they were never run.</summary>
    public required ImmutableArray<ShardRecord> Lost { get; init; }

    public required ImmutableArray<Trend> Trends { get; init; }

    /// <summary>The first night in which a test ever failed, by the test's number; for those that fail tonight.</summary>
    public required IReadOnlyDictionary<long, int> FirstFailures { get; init; }

    /// <summary>The day of a night, for those that are spoken of.</summary>
    public required IReadOnlyDictionary<int, string> Days { get; init; }

    /// <summary>What is said of kernels: all but the mutants.</summary>
    public IEnumerable<TestNews> OfKernels => News.Where(n => n.Test.Kind != TestKind.Mutant);

    /// <summary>Mutants on which the judge was wrong, and nobody knew that it would be.</summary>
    public IEnumerable<TestNews> AgainstTheJudge => News.Where(n => n.Test.Kind == TestKind.Mutant && n is { FailsTonight: true, Excuse: null });

    /// <summary>Tests of kernels that became this, without those whose failure is excused.</summary>
    public IEnumerable<TestNews> Of(ChangeKind kind) => OfKernels.Where(n => n.Change.Kind == kind && (n.Excuse is null || kind == ChangeKind.Flaky));

    /// <summary>One line: <c>2 regressions, 1 fixed; of 1 of 14 shards nothing is known</c>.</summary>
    public string Headline
    {
        get
        {
            (ChangeKind Kind, string One, string Many)[] words =
            [
                (ChangeKind.Regression, "regression", "regressions"), (ChangeKind.NewFailure, "new failure", "new failures"), (ChangeKind.Unclear, "unclear", "unclear"),
                (ChangeKind.Flaky, "flaky", "flaky"), (ChangeKind.Fixed, "fixed", "fixed"), (ChangeKind.StillFailing, "still failing", "still failing"),
            ];
            var parts = words.Select(w => (Word: w, N: Of(w.Kind).Count())).Where(w => w.N > 0).Select(w => $"{w.N} {(w.N == 1 ? w.Word.One : w.Word.Many)}").ToList();
            if (AgainstTheJudge.Count() is > 0 and var survivors) parts.Add($"{survivors} against the judge");
            var said = parts.Count > 0 ? string.Join(", ", parts) : Lost.Length == Night.Shards.Length ? "nothing was tested" : "nothing changed, nothing fails";
            return Lost.IsEmpty ? said : $"{said}; of {Lost.Length} of {Night.Shards.Length} shards nothing is known";
        }
    }

    /// <summary>Puts a night beside its past.</summary>
    /// <param name="night">The night, which is in the history.</param>
    /// <param name="history">The history.</param>
    public static MorningReport Make(NightRecord night, HistoryStore history)
    {
        var run = night.Plan.Number;
        var lastRuns = new Dictionary<string, int?>();
        var news = new List<TestNews>();
        foreach (var test in history.Tests(run, night.Plan.Nights))
        {
            var change = Change.Of(run, test.Nights);
            // A mutant is on every few nights only: that it is not on tonight is no news. Nor is what went away long ago.
            if (change.Kind == ChangeKind.Disappeared && (test.Kind == TestKind.Mutant || test.Nights[0].Run != LastRun(test.Series))) continue;
            var finding = change.Kind != ChangeKind.Disappeared && test.Nights[0].Finding is { } id ? history.Finding(id) : null;
            news.Add(Judge(night.Plan, test, change, finding));
        }
        var first = news.Where(n => n.FailsTonight).Select(n => n.Test.Test).Distinct().ToDictionary(t => t, t => history.FirstFailure(t) ?? run);
        var spoken = first.Values.Concat(news.SelectMany(n => (int?[])[n.Change.Since, n.Change.FirstBad]).OfType<int>()).Append(run).Distinct();
        return new MorningReport
        {
            Night = night,
            News = [.. news.OrderBy(n => n.Change.Kind).ThenBy(n => n.Test.Kind == TestKind.Rule ? 0 : 1).ThenBy(n => n.Test.Name, StringComparer.Ordinal).ThenBy(n => n.Test.Kernel, StringComparer.Ordinal)],
            Lost = [.. night.Shards.Where(s => !s.Result.IsFinal)],
            Trends = [.. night.Shards.SelectMany(s => history.Metrics(s.Shard.Series, run, night.Plan.Nights).Select(m => new Trend(s.Shard.KernelLabel, s.Shard.Device, s.Shard.Series, m.Key, m.Value)))],
            FirstFailures = first,
            Days = spoken.ToDictionary(n => n, n => history.Day(n) ?? "unknown"),
        };

        int? LastRun(string series)
        {
            if (!lastRuns.TryGetValue(series, out var last)) lastRuns[series] = last = history.LastRunOfSeriesBefore(series, run);
            return last;
        }
    }

    private static TestNews Judge(NightPlan plan, TestHistory test, Change change, ShardFinding? finding)
    {
        if (!test.Nights[0].Failed) return new TestNews(test, change, finding, null, null);
        var rule = test.Kind == TestKind.Rule ? test.Name : finding?.Rule ?? "";
        var expected = plan.KnownBugs.Where(b => b.Concerns(test.Kernel, test.Device, rule, finding?.Program ?? test.Name)).ToList();
        var today = DateOnly.FromDateTime(plan.Started.Date);
        if (expected.FirstOrDefault(b => today < b.Expires) is { } holds) return new TestNews(test, change, finding, $"expected until {holds.Expires:yyyy-MM-dd}: {holds.Reason} ({holds.Link})", null);
        // What the matrix gave a day counts from that day on, also where hil knows the bug.
        return expected.Count > 0 ? new TestNews(test, change, finding, null, expected[0]) : new TestNews(test, change, finding, test.Nights[0].Known, null);
    }
}
