using System.Collections.Immutable;
using HilTests.Nightly.Nights;

namespace HilTests.UnitTests.Nightly;

/// <summary>Nights that were never run: what the history and the morning are tried on.</summary>
internal static class MadeNights
{
    public const string Hostile = "</pre><script>alert(1)</script> & \" ' \0";

    public static ShardOrigin Origin(string package = "linux-image 6.1.170-1") => new("6.1.0-50-amd64", package, null, null, "0123abc", "", "tcg");

    /// <summary>A night of a matrix with two kernels and two devices.</summary>
    /// <param name="number">Which.</param>
    /// <param name="result">The result of a shard; null for one that was never run.</param>
    public static NightRecord Night(int number, Func<Shard, ShardResult?> result)
    {
        var matrix = MatrixFileTests.Parse("""
            hil-matrix: 1
            name: two kernels
            owners: {net: net@example.org}
            kernels: [{name: bookworm}, {name: sid}]
            suites: [{device: vhost-net, owner: net}, {device: f2fs}]
            audits: [{device: f2fs, kernel: bookworm}]
            known-bugs: [{rule: f2fs.expected, reason: old, link: https://example.org/bug, expires: 2026-06-01}]
            """);
        var plan = new NightPlan
        {
            Number = number,
            Started = new DateTimeOffset(2026, 1, 1, 2, 0, 0, TimeSpan.Zero).AddDays(number),
            Name = matrix.Name,
            Command = "hil nightly m.yaml",
            Engine = "local",
            Shards = Planning.Shards(matrix, new PlanningFacts { Night = number }),
            KnownBugs = matrix.KnownBugs,
            Owners = matrix.Owners,
        };
        return new NightRecord(plan, $"/lab/nights/{number:0000}", [.. plan.Shards.Select(s => new ShardRecord(s, result(s) ?? Missing(s), 1))], true);
    }

    /// <summary>A shard whose rules all held but some.</summary>
    public static ShardResult Result(Shard shard, ShardOrigin origin, string[] kept, params string[] broken) => new()
    {
        Shard = shard.Id,
        Attempt = 1,
        Status = broken.Length > 0 ? Status.Fail : Status.Pass,
        Verdict = broken.Length > 0 ? "diverges" : "conforms",
        Origin = origin,
        Node = "n1",
        Started = DateTimeOffset.UnixEpoch,
        Seconds = 30,
        Folder = $"shards/{shard.Id}/attempt-1",
        Results = [.. kept.Select(r => new TestResult(TestKind.Rule, r, Status.Pass)), .. broken.Select((r, i) => new TestResult(TestKind.Rule, r, Status.Fail, null, "errno was 0, allowed EBUSY", 3, 3, i))],
        Findings = [.. broken.Select(Finding)],
        Metrics = ImmutableSortedDictionary.CreateRange((KeyValuePair<string, double>[])[new("boot", 3.5 + (shard.Number / 10.0)), new("programs-a-second", 40)]),
    };

    private static ShardFinding Finding(string rule) => new()
    {
        Rule = rule,
        Severity = "must",
        RuleText = "A device has one owner (linux/vhost.h)",
        Program = "owner-first",
        Step = 3,
        StepText = "set-owner",
        Difference = "errno was 0, allowed EBUSY",
        Replay = "hil replay results/x.hil",
        Smallest = $"hil-program 1\nname owner-first\n{Hostile}",
        Console = ["[    1.0] " + Hostile],
        Seen = 3,
        Runs = 3,
    };

    private static ShardResult Missing(Shard shard) => new() { Shard = shard.Id, Attempt = 0, Status = Status.Miss, Verdict = "infrastructure", Cause = "the night ended before it began" };
}
