using System.Globalization;
using HilTests.Core.Predictions;
using HilTests.Core.Results;

namespace HilTests.Reporting.Html;

/// <summary>The parts of the page about the run as a whole.</summary>
internal sealed class HtmlSections(RunResult run)
{
    private const int LongestConsole = 400_000;
    private readonly RunTotals _totals = RunTotals.Of(run);
    private readonly IReadOnlyList<Finding> _findings = Finding.Of(run);

    /// <summary>Verdict, sentence and the numbers one looks at first.</summary>
    public string Banner()
    {
        var tone = run.Verdict switch { "conforms" => "good", "inconclusive" or "infrastructure" or "patch-unusable" => "doubt", _ => "bad" };
        var html = new HtmlText().Open("header", ("class", $"banner {tone}")).Open("div", ("class", "inner"));
        html.Element("p", run.Command, ("class", "command"));
        html.Open("h1").Icon(tone).Element("span", run.Verdict).Close();
        html.Element("p", Sentence(), ("class", "sentence"));
        html.Open("dl", ("class", "numbers"));
        Number(html, "Kernel", run.Kernel.Release);
        Number(html, "Accelerator", run.Machine.Accelerator);
        Number(html, "Programs", Count(run.Programs.Length));
        Number(html, "Steps", Count(_totals.Steps));
        Number(html, "Findings", Count(_findings.Count(f => f.Counts)));
        Number(html, "Exact claims", Percent(_totals.ExactShare));
        Number(html, "Time", Seconds(run.Timings.Total));
        return html.Close().Close().Close().ToString();
    }

    private string Sentence()
    {
        var text = VerdictText.Of(run, _totals);
        return $"{char.ToUpperInvariant(text[0])}{text[1..]}. {_totals.OutcomeWords()}.";
    }

    /// <summary>Every finding that counts and the known bugs, a line each; SHOULD findings by rule.</summary>
    public string Findings()
    {
        if (_findings.Count == 0) return "";
        var html = new HtmlText().Open("section", ("aria-labelledby", "findings-title")).Element("h2", "Findings", ("id", "findings-title"));
        html.Open("ol", ("class", "findings"));
        foreach (var finding in _findings.Where(f => f.Counts)) FindingItem(html, finding, Label(finding), 1);
        foreach (var group in _findings.Where(f => f.Known is not null).GroupBy(f => f.Rule.Id)) FindingItem(html, group.First(), "known bug", group.Count());
        foreach (var group in _findings.Where(f => f is { Known: null, Counts: false }).GroupBy(f => (f.Rule.Id, f.Class))) FindingItem(html, group.First(), group.Key.Class == FindingClass.Observed ? "should" : Label(group.First()), group.Count());
        return html.Close().Close().ToString();
    }

    private static string Label(Finding finding) => finding.Class != FindingClass.Observed ? finding.ClassWord.Replace('-', ' ') :
        finding.Rule == Finding.Survives ? "crashed" : finding.Rule == Finding.ComesBack ? "hung" : "must";

    private void FindingItem(HtmlText html, Finding finding, string label, int times)
    {
        html.Open("li", ("class", finding.Counts ? "finding counts" : "finding"));
        html.Open("p", ("class", "what"));
        html.Element("span", label, ("class", finding.Counts ? "tag bad" : "tag"));
        html.Element("a", finding.Program.Name, ("href", $"#p{finding.ProgramIndex}")).Text(finding.Step > 0 ? $" step {finding.Step} " : " ");
        html.Element("code", finding.StepText).Close();
        html.Element("p", finding.Difference, ("class", "difference"));
        html.Open("p", ("class", "because")).Element("code", finding.Rule.Id).Text($" {finding.Rule.Text} ").Element("cite", finding.Rule.Reference).Close();
        if (finding.Known is { } known) html.Element("p", $"Fixed upstream in {known.FirstFixed}: {known.Commit} {known.Title}", ("class", "because"));
        if (finding.RepeatWords is { } repeats) html.Element("p", $"{char.ToUpperInvariant(repeats[0])}{repeats[1..]}.", ("class", "because"));
        if (finding.Counterexample is { } small) html.Element("p", $"Smallest program: {CounterexampleText.Summary(run.Programs[finding.ProgramIndex], small)}.", ("class", "because"));
        if (times > 1) html.Element("p", $"The first of {times} such findings.", ("class", "because"));
        html.Close();
    }

    /// <summary>Which rules of the models were used.</summary>
    public string Coverage()
    {
        var html = new HtmlText().Open("section", ("id", "coverage"), ("aria-labelledby", "coverage-title"));
        html.Element("h2", "Coverage", ("id", "coverage-title"));
        html.Element("p", $"{_totals.RulesUsed} of {_totals.Rules.Count} rules were used, in {Count(_totals.Claims)} claims; {Percent(_totals.ExactShare)} of the claims had exactly one admissible value.");
        if (_totals.Signals is { Used: > 0 } signals)
            html.Element("p", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Count(signals.Signals)} signals for {Count(signals.Used)} used buffers; {Count(signals.Spurious)} of them spurious: {signals.SpuriousPerThousand:0.###} per 1000 used buffers."));
        if (_totals.Rules.Count == 0) return html.Close().ToString();
        html.Open("details").Element("summary", "Every rule");
        html.Open("div", ("class", "wide"), ("tabindex", "0"), ("role", "region"), ("aria-labelledby", "coverage-title"));
        html.Open("table", ("class", "rules")).Open("thead").Open("tr");
        foreach (var title in (string[])["Rule", "Says", "Where it is written", "Uses"]) html.Element("th", title, ("scope", "col"));
        html.Close().Close().Open("tbody");
        foreach (var use in _totals.Rules.OrderBy(r => r.Uses > 0)) CoverageRow(html, use);
        html.Close().Close().Close().Close();
        Transitions(html);
        return html.Close().ToString();
    }

    private void Transitions(HtmlText html)
    {
        if (_totals.Transitions.Count == 0) return;
        html.Element("h3", "Transitions of the models", ("id", "transitions-title"));
        html.Element("p", $"{_totals.TransitionsTaken} of {_totals.Transitions.Count} transitions were taken: steps and how they ended, ends of passes, decisions to signal, ring states met by calls, sets of features.");
        html.Open("details").Element("summary", $"Every transition; {_totals.Transitions.Count - _totals.TransitionsTaken} were never taken");
        html.Open("div", ("class", "wide"), ("tabindex", "0"), ("role", "region"), ("aria-labelledby", "transitions-title"));
        html.Open("table", ("class", "rules")).Open("thead").Open("tr");
        foreach (var title in (string[])["Transition", "Taken"]) html.Element("th", title, ("scope", "col"));
        html.Close().Close().Open("tbody");
        foreach (var use in _totals.Transitions.OrderBy(t => t.Uses > 0))
        {
            html.Open("tr", ("class", use.Uses == 0 ? "never" : null));
            html.Element("th", use.Transition, ("scope", "row")).Element("td", use.Uses == 0 ? "never" : Count(use.Uses), ("class", "count"));
            html.Close();
        }
        html.Close().Close().Close().Close();
    }

    private static void CoverageRow(HtmlText html, RuleUse use)
    {
        html.Open("tr", ("class", use.Uses == 0 ? "never" : null));
        html.Open("th", ("scope", "row")).Element("code", use.Rule.Id).Close();
        html.Open("td").Element("span", use.Rule.Severity == Severity.Must ? "MUST" : "SHOULD", ("class", "severity")).Text($" {use.Rule.Text}").Close();
        html.Element("td", use.Rule.Reference).Element("td", use.Uses == 0 ? "never" : Count(use.Uses), ("class", "count"));
        html.Close();
    }

    /// <summary>Kernel, machine, times and origin.</summary>
    public string Facts()
    {
        var html = new HtmlText().Open("section", ("aria-labelledby", "facts-title")).Element("h2", "This run", ("id", "facts-title"));
        html.Open("dl", ("class", "facts"));
        foreach (var (name, value) in AllFacts()) html.Open("div").Element("dt", name).Element("dd", value).Close();
        return html.Close().Close().ToString();
    }

    private IEnumerable<(string Name, string Value)> AllFacts()
    {
        yield return ("Started", run.Started.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture));
        yield return ("Kernel", $"{run.Kernel.Release} (asked for as {run.Kernel.Name})");
        yield return ("Package", run.Kernel.Package ?? "none");
        foreach (var (module, hash) in run.Kernel.Modules) yield return ($"Module {module}", $"sha256 {hash}");
        yield return ("Machine", $"{run.Machine.Kind}, {run.Machine.Accelerator}, {run.Machine.Cpus} CPUs, {run.Machine.MemoryMiB} MiB");
        if (run.Machine.Slowdown is { } slowdown) yield return ("Slowdown", string.Create(CultureInfo.InvariantCulture, $"{slowdown:0.0} times the host's time"));
        yield return ("Build", Seconds(run.Timings.Build));
        yield return ("Boot", Seconds(run.Timings.Boot));
        yield return ("Run", Seconds(run.Timings.Run));
        yield return ("Total", Seconds(run.Timings.Total));
        if (run.Origin.Config is { } config) yield return ("Configuration", config);
        if (run.Origin.Image is { } image) yield return ("Image", image);
        if (run.Origin.Commit is { } commit) yield return ("Commit", commit);
        if (run.Infrastructure is { } infrastructure) yield return ("Infrastructure", infrastructure);
        foreach (var loss in run.Losses) yield return ("Lost", loss.Words);
        if (run.Profile is { } profile) yield return ("Profile", profile.ToString());
    }

    /// <summary>The end of the machine's whole console.</summary>
    public string Console()
    {
        if (run.Console.Length == 0) return "";
        var html = new HtmlText().Open("section", ("aria-labelledby", "console-title")).Element("h2", "Console of the machine", ("id", "console-title"));
        var tail = run.Console.Length > LongestConsole ? run.Console[^LongestConsole..] : run.Console;
        if (tail.Length < run.Console.Length) html.Element("p", $"The last {tail.Length} characters; the whole is in {ArchiveNames.ConsoleFile}.");
        html.Open("details").Element("summary", $"{Count(tail.AsSpan().Count('\n') + 1)} lines");
        return html.Element("pre", tail, ("tabindex", "0")).Close().Close().ToString();
    }

    private static void Number(HtmlText html, string name, string value) =>
        html.Open("div").Element("dt", name).Element("dd", value).Close();

    private static string Count(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Percent(double share) => share.ToString("0.0%", CultureInfo.InvariantCulture);

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");
}
