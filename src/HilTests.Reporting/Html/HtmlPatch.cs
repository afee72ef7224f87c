using HilTests.Core.Results;

namespace HilTests.Reporting.Html;

/// <summary>The part of the page about the patch that was tried.</summary>
internal sealed class HtmlPatch(RunResult run)
{
    /// <summary>Empty where there is no patch.</summary>
    public string Write()
    {
        if (run.Patch is not { } patch) return "";
        var html = new HtmlText().Open("section", ("aria-labelledby", "patch-title")).Element("h2", "The patch", ("id", "patch-title"));
        html.Open("dl", ("class", "facts"));
        foreach (var (name, value) in Facts(patch)) html.Open("div").Element("dt", name).Element("dd", value).Close();
        html.Close();
        if (patch.Functions.Length > 0)
        {
            html.Element("h3", "Changed functions");
            html.Open("ul");
            foreach (var function in patch.Functions) html.Element("li", PatchSummary.Words(function));
            html.Close();
        }
        if (patch.Unusable is { } why) html.Element("pre", why, ("tabindex", "0"));
        return html.Close().ToString();
    }

    private IEnumerable<(string Name, string Value)> Facts(PatchRecord patch)
    {
        yield return ("Subject", patch.Subject);
        foreach (var author in patch.Patches.Select(p => p.Author).OfType<string>().Distinct()) yield return ("From", author);
        foreach (var (subject, number) in patch.Patches.Length > 1 ? patch.Patches.Select((p, i) => (p.Subject, i + 1)) : []) yield return ($"Patch {number}", subject);
        yield return ("Files", string.Join(", ", patch.Files));
        if (patch.BaseCommit is { } commit) yield return ("Made on", commit);
        yield return ("Hash", $"sha256 {patch.Hash}");
        foreach (var note in patch.Notes) yield return ("Note", note);
        if (patch.Turns > 0) yield return ("Turns", $"{patch.Turns} of stock and patched, the same programs on both");
        foreach (var (phase, seconds) in patch.Phases) yield return ($"Time to {phase}", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{seconds:0.0} s"));
        if (run.Programs.Length > 0) yield return ("Compared", $"{run.Programs.Count(p => p.Stock is not null)} programs on both sides");
    }
}
