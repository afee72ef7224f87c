using System.Globalization;
using System.Text.Json;
using HilTests.Core.Results;

namespace HilTests.Reporting.Html;

/// <summary>
/// The list of programs with its filters. Each program is a closed &lt;details&gt; with its data as JSON beside it;
/// the script builds the steps when it is opened, so that a large run opens as quickly as a small one.
/// </summary>
internal sealed class HtmlPrograms(RunResult run)
{
    private readonly ArchiveNames _names = new(run);

    public string Write()
    {
        var html = new HtmlText();
        Filters(html);
        html.Open("ol", ("class", "programs"));
        for (var i = 0; i < run.Programs.Length; i++) Item(html, run.Programs[i], i);
        return html.Close().ToString();
    }

    private void Filters(HtmlText html)
    {
        html.Open("form", ("class", "filters"), ("id", "filters"), ("role", "search"), ("hidden", "hidden"));
        html.Open("fieldset").Element("legend", "Show");
        var first = true;
        foreach (var (value, label) in ((string, string)[])[("all", "All"), ("finding", "Findings"), ("skipped", "Skipped")])
        {
            html.Open("label").Void("input", ("type", "radio"), ("name", "show"), ("value", value), ("checked", first ? "checked" : null));
            html.Element("span", label).Close();
            first = false;
        }
        html.Close();
        html.Open("label").Text("Device ").Open("select", ("name", "device")).Element("option", "All devices", ("value", ""));
        foreach (var device in run.Programs.Select(p => p.Program.Device).Distinct()) html.Element("option", device, ("value", device));
        html.Close().Close();
        html.Open("label", ("class", "text")).Text("Search ").Void("input", ("type", "search"), ("name", "text"), ("placeholder", "name, rule or reason")).Close();
        html.Open("output", ("class", "shown"), ("aria-live", "polite")).Close();
        html.Close();
    }

    private void Item(HtmlText html, ProgramResult result, int index)
    {
        var outcome = ProgramOutcome.Of(run, result);
        var findings = Finding.OfProgram(result, index).ToList();
        var kind = outcome.Kind is OutcomeKind.Skipped or OutcomeKind.NotRun ? "skipped" : findings.Count > 0 || outcome.Kind == OutcomeKind.Inconclusive ? "finding" : "plain";
        html.Open("li", ("id", $"p{index}"), ("data-kind", kind), ("data-device", result.Program.Device), ("data-text", SearchText(result, outcome, findings)));
        html.Open("details").Open("summary");
        html.Icon(Tone(outcome.Kind));
        html.Open("span", ("class", "name")).Text(result.Program.Name).Close();
        html.Element("span", result.Program.Device, ("class", "device"));
        html.Open("span", ("class", $"outcome {Tone(outcome.Kind)}")).Text(outcome.Word);
        Labels(html, findings);
        html.Close();
        html.Element("span", Size(result), ("class", "size"));
        html.Close();
        html.Open("div", ("class", "body"));
        if (result.Program.About is { } about) html.Element("p", about, ("class", "about"));
        if (outcome.Reason is { } reason && findings.Count == 0) html.Element("p", reason, ("class", "reason"));
        foreach (var finding in findings) Difference(html, finding);
        if (result.Counterexample is { } small) Smallest(html, result, small, index);
        Replay(html, _names.ReplayCommand(index), result.Program.Name);
        html.Close();
        html.Data(JsonSerializer.Serialize(ProgramData.Of(run, result), PageDataContext.Default.ProgramData));
        html.Close().Close();
    }

    private static void Labels(HtmlText html, List<Finding> findings)
    {
        if (findings.Any(f => f.Known is not null)) html.Text(" ").Element("span", "known bug", ("class", "tag"));
        if (findings.Any(f => f is { Known: null, Counts: false })) html.Text(" ").Element("span", "should", ("class", "tag"));
    }

    private static void Difference(HtmlText html, Finding finding)
    {
        html.Open("div", ("class", finding.Counts ? "first counts" : "first"));
        var label = finding switch
        {
            { Known: not null } => "Known bug",
            { Counts: false } => "Should",
            _ when finding.Rule == Finding.Survives => "The kernel crashed",
            _ when finding.Rule == Finding.ComesBack => "It hung",
            _ => "First difference",
        };
        html.Open("p", ("class", "what")).Element("strong", label).Text(finding.Step > 0 ? $" in step {finding.Step}: " : ": ").Element("code", finding.StepText).Close();
        html.Element("p", finding.Difference, ("class", "difference"));
        html.Open("p", ("class", "because")).Element("code", finding.Rule.Id).Text($" {finding.Rule.Text} ").Element("cite", finding.Rule.Reference).Close();
        if (finding.Known is { } known) html.Element("p", $"Fixed upstream in {known.FirstFixed}: {known.Commit} {known.Title}", ("class", "because"));
        if (finding.RepeatWords is { } repeats) html.Element("p", $"{char.ToUpperInvariant(repeats[0])}{repeats[1..]}.", ("class", "because"));
        html.Close();
    }

    private void Smallest(HtmlText html, ProgramResult result, Counterexample small, int index)
    {
        html.Open("details", ("class", "smallest"), ("open", small.Fresh.Seen > 0 ? "open" : null));
        html.Element("summary", $"The smallest program: {CounterexampleText.Summary(result, small)}");
        html.Element("pre", string.Join('\n', CounterexampleText.Steps(small)), ("tabindex", "0"));
        Replay(html, _names.ReplayCounterexample(index), small.Program.Name);
        html.Close();
    }

    private static void Replay(HtmlText html, string command, string name)
    {
        html.Open("p", ("class", "replay")).Element("code", command, ("tabindex", "0"));
        html.Element("button", "Copy", ("type", "button"), ("class", "copy"), ("aria-label", $"Copy the command that runs {name} again"));
        html.Open("span", ("class", "copied"), ("role", "status")).Close().Close();
    }

    private static string Tone(OutcomeKind kind) => kind switch
    {
        OutcomeKind.Conforms => "good",
        OutcomeKind.Inconclusive or OutcomeKind.AsStock => "doubt",
        OutcomeKind.Skipped or OutcomeKind.NotRun => "none",
        _ => "bad",
    };

    private static string Size(ProgramResult result)
    {
        var steps = $"{result.Program.Steps.Length} {(result.Program.Steps.Length == 1 ? "step" : "steps")}";
        return result.Trace is null ? steps : string.Create(CultureInfo.InvariantCulture, $"{steps}, {result.Seconds:0.00} s");
    }

    private static string SearchText(ProgramResult result, ProgramOutcome outcome, IEnumerable<Finding> findings) =>
        string.Join(' ', [result.Program.Name, result.Program.About ?? "", outcome.Word, outcome.Reason ?? "", .. findings.Select(f => f.Rule.Id)]).ToLowerInvariant();
}
