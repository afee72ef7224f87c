using System.Globalization;
using HilTests.Nightly.History;
using HilTests.Nightly.Matrices;
using HilTests.Nightly.Nights;
using HilTests.Reporting;

namespace HilTests.Nightly.Morning;

/// <summary>The morning as a text mail: headers, then what changed, what fails, what is not known. Ready for <c>sendmail -t</c>.</summary>
public static class MorningMail
{
    private const int MostListed = 60;

    private static readonly (ChangeKind Kind, string Title)[] Sections =
    [
        (ChangeKind.Regression, "Regressions"), (ChangeKind.NewFailure, "New failures"), (ChangeKind.Unclear, "Another outcome, and more than one thing differs"),
        (ChangeKind.Fixed, "Fixed"), (ChangeKind.StillFailing, "Still failing"), (ChangeKind.Flaky, "Flaky"),
    ];

    /// <summary>Writes the mail, to the owners of what fails.</summary>
    /// <param name="report">What the morning has to say.</param>
    /// <param name="page">Where the page is.</param>
    /// <param name="writer">Gets the mail.</param>
    public static void Write(MorningReport report, string page, TextWriter writer)
    {
        var plan = report.Night.Plan;
        var owners = report.News.Where(n => n.Counts).Select(n => plan.Owners.GetValueOrDefault(n.Test.Owner, "")).Where(a => a.Length > 0).Distinct().Order(StringComparer.Ordinal).ToList();
        if (owners.Count > 0) writer.Write($"To: {PrintableText.OneLine(string.Join(", ", owners))}\n");
        writer.Write($"Subject: [hil] {PrintableText.OneLine(plan.Name)}, night {plan.Number}: {report.Headline}\n");
        writer.Write("MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\nAuto-Submitted: auto-generated\n\n");
        writer.Write($"{report.Headline}\n\n{plan.Name}, night {plan.Number} of {plan.Started.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}, {plan.Shards.Length} shards\nThe page: {page}\n");
        foreach (var (kind, title) in Sections) Section(title, [.. report.Of(kind)], writer);
        Listed("Not known, since our own side failed", [.. report.Lost.Select(s => $"{s.Shard.Id}: {s.Result.Status.ToString().ToUpperInvariant()}: {PrintableText.OneLine(s.Result.Cause ?? s.Result.Verdict)}")], writer);
        Listed("How sharp the judge is", [.. report.Night.Shards.Where(s => s.Shard.Kind == ShardKind.Audit && s.Result.IsFinal)
            .Select(s => $"{s.Shard.Device} on {s.Shard.KernelLabel}: {s.Result.Verdict}, {Spans.Words(s.Result.Seconds)}")], writer);
        Listed("Findings against ourselves", [.. report.AgainstTheJudge.Select(n => $"{n.Test.Device} {n.Test.Name}: {PrintableText.OneLine(n.Test.Nights[0].Reason ?? "")}")], writer);
    }

    private static void Section(string title, List<TestNews> all, TextWriter writer)
    {
        if (all.Count == 0) return;
        writer.Write($"\n{title} ({all.Count})\n");
        foreach (var news in all.Take(MostListed))
        {
            writer.Write($"  {news.Test.Device} on {news.Test.Kernel}: {PrintableText.OneLine(news.Test.Name)}{(news.Change.Differs.Count > 0 ? $" [{string.Join(", ", news.Change.Differs)}]" : "")}\n");
            if (news.Change.Flake is { } flake) writer.Write(string.Create(CultureInfo.InvariantCulture, $"      fails {flake.Failed} of {flake.Runs} runs, {flake.Low * 100:0.#} to {flake.High * 100:0.#} %\n"));
            if (!news.FailsTonight || news.Finding is not { } finding) continue;
            writer.Write($"      {PrintableText.OneLine(finding.Program)}, step {finding.Step}: {PrintableText.OneLine(finding.Difference)}\n      {finding.Replay}\n");
        }
        if (all.Count > MostListed) writer.Write($"  … and {all.Count - MostListed} more\n");
    }

    private static void Listed(string title, List<string> lines, TextWriter writer)
    {
        if (lines.Count == 0) return;
        writer.Write($"\n{title} ({lines.Count})\n");
        foreach (var line in lines.Take(MostListed)) writer.Write($"  {line}\n");
        if (lines.Count > MostListed) writer.Write($"  … and {lines.Count - MostListed} more\n");
    }
}
