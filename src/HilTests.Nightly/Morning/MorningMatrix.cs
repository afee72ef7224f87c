using HilTests.Nightly.History;
using HilTests.Nightly.Nights;
using HilTests.Reporting.Html;

namespace HilTests.Nightly.Morning;

/// <summary>The matrix of the morning page: kernels across, devices and their rules down. A rule that every kernel keeps is folded.</summary>
internal sealed class MorningMatrix(MorningReport report, HtmlText html)
{
    /// <summary>What a cell says, the worst first: several series of one kernel and device share it.</summary>
    private enum Cell
    {
        Fails,
        Flaky,
        Expected,
        Keeps,
        Unknown,
    }

    public void Write()
    {
        var runs = report.Night.Shards.Where(s => s.Shard.Kind == ShardKind.Run).ToList();
        if (runs.Count == 0) return;
        html.Element("h2", "Kernels, devices, rules");
        html.Element("p", "✗ broken, ~ flaky, (✗) broken and expected, ✓ kept; empty: nothing came to the rule, or its shard was lost.", ("class", "faint"));
        foreach (var device in runs.GroupBy(s => s.Shard.Device)) Device(device.Key, [.. device]);
    }

    private void Device(string device, List<ShardRecord> runs)
    {
        var kernels = runs.Select(s => s.Shard.KernelLabel).Distinct().ToList();
        var rules = report.News.Where(n => n.Test.Kind == TestKind.Rule && n.Test.Device == device && n.Change.Kind != ChangeKind.Disappeared)
            .GroupBy(n => n.Test.Name).OrderBy(g => g.Key, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.GroupBy(n => n.Test.Kernel).ToDictionary(k => k.Key, k => k.Min(Of)));
        var shown = rules.Where(r => r.Value.Values.Any(c => c < Cell.Keeps)).Select(r => r.Key).ToList();
        html.Element("h3", device);
        html.Table(["", .. kernels], shown.Prepend(""), rule =>
            rule.Length == 0 ? ["shards", .. kernels.Select(k => Shards(runs, k))] : [rule, .. kernels.Select(k => rules[rule].TryGetValue(k, out var cell) ? Mark(cell) : "")]);
        if (rules.Count == shown.Count) return;
        html.Folded($"{rules.Count - shown.Count} {(rules.Count - shown.Count == 1 ? "rule" : "rules")} that every kernel keeps", () =>
            html.Table(["rule", .. kernels], rules.Keys.Except(shown), rule => [rule, .. kernels.Select(k => rules[rule].TryGetValue(k, out var cell) ? Mark(cell) : "")]));
    }

    private static string Shards(List<ShardRecord> runs, string kernel) =>
        string.Join(", ", runs.Where(s => s.Shard.KernelLabel == kernel).CountBy(s => s.Result.Status).OrderBy(c => c.Key).Select(c => $"{c.Value} {c.Key.ToString().ToUpperInvariant()}"));

    private static Cell Of(TestNews news) => news switch
    {
        { Change.Kind: ChangeKind.Flaky } => Cell.Flaky,
        { Counts: true } => Cell.Fails,
        { FailsTonight: true } => Cell.Expected,
        _ => news.Test.Nights[0].Speaks ? Cell.Keeps : Cell.Unknown,
    };

    private static string Mark(Cell cell) => cell switch
    {
        Cell.Fails => "✗",
        Cell.Flaky => "~",
        Cell.Expected => "(✗)",
        Cell.Keeps => "✓",
        _ => "?",
    };
}
