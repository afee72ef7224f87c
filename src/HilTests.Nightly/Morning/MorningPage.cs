using System.Globalization;
using System.Text;
using HilTests.Nightly.History;
using HilTests.Nightly.Matrices;
using HilTests.Nightly.Nights;
using HilTests.Reporting.Html;

namespace HilTests.Nightly.Morning;

/// <summary>The morning page: one HTML file without a script, which loads nothing from outside.</summary>
public sealed class MorningPage
{
    private readonly MorningReport _report;
    private readonly HtmlText _html = new();
    private readonly MorningFindings _findings;

    private MorningPage(MorningReport report)
    {
        _report = report;
        _findings = new MorningFindings(report, _html);
    }

    /// <summary>Writes the page.</summary>
    public static void Write(MorningReport report, TextWriter writer)
    {
        writer.Write("<!DOCTYPE html>\n");
        writer.Write(new MorningPage(report).Build());
        writer.Write('\n');
    }

    private string Build()
    {
        var plan = _report.Night.Plan;
        _html.Open("html", ("lang", "en")).Open("head").Void("meta", ("charset", "utf-8")).Void("meta", ("name", "viewport"), ("content", "width=device-width,initial-scale=1"))
            .Void("meta", ("http-equiv", "Content-Security-Policy"), ("content", "default-src 'none'; style-src 'unsafe-inline'"))
            .Element("title", $"Night {plan.Number}: {_report.Headline}").Element("style", Style()).Close();
        _html.Open("body").Element("h1", plan.Name);
        _html.Element("p", $"Night {plan.Number}, {plan.Started.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}, {plan.Shards.Length} shards, engine {plan.Engine}", ("class", "faint"));
        var mood = _report.News.Any(n => n.Counts) ? " bad" : _report.Lost.IsEmpty ? "" : " odd";
        _html.Element("p", _report.Headline, ("class", "headline" + mood));
        _findings.Changes();
        Lost();
        new MorningMatrix(_report, _html).Write();
        _findings.StillFailing();
        Flakes();
        Audit();
        new MorningTrends(_report, _html).Write();
        Coming();
        Shards();
        return _html.Close().Close().ToString();
    }

    private static string Style()
    {
        using var stream = typeof(MorningPage).Assembly.GetManifestResourceStream("morning.css") ?? throw new InvalidOperationException("the resource 'morning.css' is missing");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private void Lost()
    {
        if (_report.Lost.IsEmpty) return;
        _html.Element("h2", "Not known: our own side failed");
        _html.Element("p", "These say nothing about any kernel, and are compared with nothing.", ("class", "faint"));
        _html.Table(["shard", "status", "attempts", "why"], _report.Lost, s => [s.Shard.Id, s.Result.Status.ToString().ToUpperInvariant(), $"{s.Attempts}", s.Result.Cause ?? s.Result.Verdict]);
    }

    private void Flakes()
    {
        var flakes = _report.Of(ChangeKind.Flaky).OrderByDescending(n => n.Change.Flake!.Rate).ToList();
        if (flakes.Count == 0) return;
        _html.Element("h2", "Flaky");
        _html.Element("p", "Both outcomes with the same kernel, configuration and hil. The interval holds the rate with 95 % confidence.", ("class", "faint"));
        _html.Table(["test", "kernel", "fails", "interval", "known"], flakes, n =>
        [
            $"{n.Test.Device} {n.Test.Name}", n.Test.Kernel, $"{n.Change.Flake!.Failed} of {n.Change.Flake.Runs} runs", $"{Percent(n.Change.Flake.Low)} to {Percent(n.Change.Flake.High)}", n.Excuse ?? "",
        ]);
    }

    private void Audit()
    {
        var mutants = _report.News.Where(n => n.Test.Kind == TestKind.Mutant && n.Change.Kind != ChangeKind.Disappeared).ToList();
        if (mutants.Count == 0) return;
        _html.Element("h2", "How sharp the judge is");
        foreach (var shard in _report.Night.Shards.Where(s => s.Shard.Kind == ShardKind.Audit)) _html.Element("p", $"{shard.Shard.Device} on {shard.Shard.KernelLabel}: {shard.Result.Verdict}");
        var against = _report.AgainstTheJudge.ToList();
        var known = mutants.Where(n => n is { FailsTonight: true, Excuse: not null }).ToList();
        if (against.Count > 0)
        {
            _html.Element("h3", "Findings against ourselves");
            _html.Table(["mutant", "became", "what"], against, n => [$"{n.Test.Device} {n.Test.Name}", MorningFindings.Word(n.Change.Kind), n.Test.Nights[0].Reason ?? ""]);
        }
        if (known.Count > 0) _html.Folded($"{known.Count} known to survive", () => _html.Table(["mutant", "why"], known, n => [$"{n.Test.Device} {n.Test.Name}", n.Excuse!]));
        var right = mutants.Where(n => !n.FailsTonight).ToList();
        _html.Folded($"{right.Count} as they should be, or not tried", () => _html.Table(["mutant", "outcome"], right, n => [$"{n.Test.Device} {n.Test.Name}", n.Test.Nights[0].Reason ?? n.Test.Nights[0].Status.ToString()]));
    }

    private void Coming()
    {
        var quiet = _report.OfKernels.Where(n => n.Change.Kind is ChangeKind.Appeared or ChangeKind.Disappeared).GroupBy(n => n.Change.Kind).OrderByDescending(g => g.Key).ToList();
        if (quiet.Count == 0) return;
        _html.Element("h2", "Came and went");
        foreach (var kind in quiet)
            _html.Folded($"{kind.Count()} {MorningFindings.Word(kind.Key)}", () => _html.Table(["test", "kernel"], kind, n => [$"{n.Test.Device} {n.Test.Name}", n.Test.Kernel]));
    }

    private void Shards()
    {
        _html.Element("h2", "Shards");
        _html.Folded($"all {_report.Night.Shards.Length}", () =>
        {
            _html.Open("div", ("class", "wide")).Open("table").Open("tr");
            foreach (var head in (string[])["shard", "status", "verdict", "kernel", "took", "node", "files"]) _html.Element("th", head);
            _html.Close();
            foreach (var shard in _report.Night.Shards) Row(shard);
            _html.Close().Close();
        });
    }

    private void Row(ShardRecord shard)
    {
        var result = shard.Result;
        _html.Open("tr").Element("td", shard.Shard.Id).Element("td", result.Status.ToString().ToUpperInvariant()).Element("td", result.Verdict)
            .Element("td", result.Origin.Package ?? result.Origin.Release ?? "").Element("td", Spans.Words(result.Seconds), ("class", "n")).Element("td", result.Node).Open("td");
        if (result.Folder.Length > 0) _html.Element("a", "report", ("href", $"{result.Folder}/{(shard.Shard.Kind == ShardKind.Audit ? "audit.html" : "report.html")}"));
        _html.Close().Close();
    }

    private static string Percent(double share) => (share * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %";
}
