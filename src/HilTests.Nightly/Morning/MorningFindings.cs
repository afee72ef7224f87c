using HilTests.Nightly.History;
using HilTests.Nightly.Nights;
using HilTests.Reporting.Html;

namespace HilTests.Nightly.Morning;

/// <summary>The parts of the morning page that tell what was found: first what changed, later what stayed.</summary>
internal sealed class MorningFindings(MorningReport report, HtmlText html)
{
    /// <summary>So many of a kernel and device are shown whole; a kernel that gets everything wrong needs no more.</summary>
    private const int MostWhole = 40;

    /// <summary>The word for a change.</summary>
    public static string Word(ChangeKind kind) => kind switch
    {
        ChangeKind.NewFailure => "new failure",
        ChangeKind.StillFailing => "still failing",
        ChangeKind.StillPassing => "still passing",
        _ => kind.ToString().ToLowerInvariant(),
    };

    /// <summary>What is another than it was.</summary>
    public void Changes()
    {
        html.Element("h2", "What changed");
        var kinds = ((ChangeKind[])[ChangeKind.Regression, ChangeKind.NewFailure, ChangeKind.Unclear, ChangeKind.Fixed]).Where(k => report.Of(k).Any()).ToList();
        if (kinds.Count == 0) html.Element("p", "Nothing: every test that could be compared did what it did before.");
        foreach (var kind in kinds) Groups(kind);
    }

    /// <summary>What was wrong before; what is excused, folded.</summary>
    public void StillFailing()
    {
        if (report.Of(ChangeKind.StillFailing).Any())
        {
            html.Element("h2", "Still failing");
            Groups(ChangeKind.StillFailing);
        }
        var excused = report.OfKernels.Where(n => n is { FailsTonight: true, Excuse: not null } && n.Change.Kind != ChangeKind.Flaky).ToList();
        if (excused.Count == 0) return;
        html.Element("h2", "Fails, and is expected to");
        html.Folded($"{excused.Count} known", () => html.Table(["test", "kernel", "became", "why"], excused, n => [$"{n.Test.Device} {n.Test.Name}", n.Test.Kernel, Word(n.Change.Kind), n.Excuse!]));
    }

    private void Groups(ChangeKind kind)
    {
        foreach (var group in report.Of(kind).GroupBy(n => (n.Test.Kernel, n.Test.Device)))
        {
            html.Open("h3").Element("span", Word(kind), ("class", $"tag {Mood(kind)}")).Text($" {group.Key.Device} on {group.Key.Kernel}").Close();
            if (kind == ChangeKind.Fixed) Fixed([.. group]);
            else Group([.. group]);
        }
    }

    private void Fixed(List<TestNews> news)
    {
        html.Open("ul");
        foreach (var each in news.Take(PageTables.MostRows)) html.Element("li", $"{each.Test.Kind.ToString().ToLowerInvariant()} {each.Test.Name}: {Compared(each)}");
        html.Close();
    }

    private void Group(List<TestNews> news)
    {
        // Rules first: many programs that break one rule are one finding.
        var rules = news.Where(n => n.Test.Kind == TestKind.Rule).ToList();
        var told = rules.Select(r => r.Test.Name).ToHashSet();
        foreach (var each in rules.Concat(news.Where(n => n.Test.Kind != TestKind.Rule && !(n.Finding is { } finding && told.Contains(finding.Rule)))).Take(MostWhole)) Whole(each);
        if (news.Count(n => n.Test.Kind == TestKind.Program) is var programs and > 0)
            html.Folded($"{programs} programs", () => html.Element("p", string.Join(", ", news.Where(n => n.Test.Kind == TestKind.Program).Select(p => p.Test.Name).Distinct().Take(PageTables.MostRows))));
    }

    private void Whole(TestNews news)
    {
        html.Open("article").Open("p").Element("strong", news.Test.Name).Text(" ");
        if (news.Test.Owner.Length > 0) html.Element("span", news.Test.Owner, ("class", "tag")).Text(" ");
        NightMarks.Write(html, report.Night.Plan.Number, news.Test.Nights);
        html.Close();
        html.Element("p", Compared(news), ("class", "faint"));
        if (news.Expired is { } expired) html.Element("p", $"It was expected until {expired.Expires:yyyy-MM-dd} ({expired.Reason}, {expired.Link}); that day is over.", ("class", "faint"));
        if (news.Finding is { } finding) Found(finding, news.Test);
        else if (news.Test.Nights[0].Reason is { } reason) html.Element("p", reason);
        html.Close();
    }

    private void Found(ShardFinding finding, TestHistory test)
    {
        html.Element("p", $"{finding.Program}, step {finding.Step} ({finding.StepText}): {finding.Difference}");
        html.Element("p", $"{finding.Severity.ToUpperInvariant()}: {finding.RuleText}{(finding.Runs > 0 ? $" Seen {finding.Seen} of {finding.Runs} times." : "")}", ("class", "faint"));
        html.Open("p").Element("code", finding.Replay).Close();
        html.Folded("smallest program", () => html.Element("pre", finding.Smallest));
        if (!finding.Console.IsEmpty) html.Folded("console", () => html.Element("pre", string.Join('\n', finding.Console)));
        if (report.Night.Shards.FirstOrDefault(s => s.Shard.Series == test.Series) is { Result.Folder: { Length: > 0 } folder })
            html.Open("p").Element("a", "the whole report of the shard", ("href", $"{folder}/report.html")).Close();
    }

    private string Compared(TestNews news)
    {
        var change = news.Change;
        var words = change.Since is { } since ? $"compared with night {Night(since)}" : "never seen before";
        if (change.Since is not null)
        {
            words += change.Differs.Count switch
            {
                0 => ", nothing else differs",
                1 => $", only this differs: {change.Differs[0]}",
                _ => $", and {change.Differs.Count} things differ ({string.Join(", ", change.Differs)}), so that nobody can say which did it",
            };
        }
        if (change.FirstBad is { } bad) words += $"; fails since night {Night(bad)}";
        if (report.FirstFailures.TryGetValue(news.Test.Test, out var first) && first != change.FirstBad) words += $", first seen in night {Night(first)}";
        return words;
    }

    private string Night(int run) => $"{run} ({report.Days.GetValueOrDefault(run, "unknown")})";

    private static string Mood(ChangeKind kind) => kind switch
    {
        ChangeKind.Fixed => "good",
        ChangeKind.Unclear => "odd",
        _ => "bad",
    };
}
