using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using HilTests.Core.Results;

namespace HilTests.Reporting.Html;

/// <summary>
/// The report as one self-contained page: style and script inlined, nothing loaded from outside. Programs and
/// consoles are hostile text: everything is escaped, and the page's policy allows its own script only, by hash.
/// </summary>
public static partial class HtmlReport
{
    /// <summary>Writes the page.</summary>
    public static void Write(RunResult run, TextWriter writer)
    {
        var sections = new HtmlSections(run);
        var script = Resource("report.js");
        var parts = new Dictionary<string, string>
        {
            ["title"] = HtmlText.Escape($"{run.Verdict} · {run.Kernel.Release} · hil"),
            ["style"] = Resource("report.css"),
            ["script"] = script,
            ["script-hash"] = "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script))),
            ["banner"] = sections.Banner(),
            ["findings"] = new HtmlPatch(run).Write() + sections.Findings(),
            ["programs"] = new HtmlPrograms(run).Write(),
            ["traffic"] = new HtmlTraffic(run).Write(),
            ["storage"] = new HtmlStorage(run).Write(),
            ["coverage"] = sections.Coverage(),
            ["facts"] = sections.Facts(),
            ["console"] = sections.Console(),
            ["rules"] = Rules(run),
        };
        // One pass: what is put in is never searched for placeholders again.
        writer.Write(Placeholder().Replace(Resource("report.html"), match => parts[match.Groups[1].Value]));
    }

    private static string Rules(RunResult run)
    {
        var known = Finding.Of(run).Where(f => f.Known is not null).DistinctBy(f => f.Rule.Id).ToDictionary(f => f.Rule.Id, f => f.Known!);
        var rules = run.Rules.Concat(run.Programs.SelectMany(p => p.Judgement?.Steps ?? []).SelectMany(s => s.Claims).Select(c => c.Rule))
            .DistinctBy(r => r.Id)
            .ToDictionary(r => r.Id, r => new RuleData(
                r.Text, r.Reference, r.Severity == Core.Predictions.Severity.Should, known.TryGetValue(r.Id, out var bug) ? $"{bug.Commit} {bug.Title}, fixed in {bug.FirstFixed}" : null));
        return JsonSerializer.Serialize(rules, PageDataContext.Default.DictionaryStringRuleData);
    }

    private static string Resource(string name)
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the resource '{name}' is not in {typeof(HtmlReport).Assembly.FullName}");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\{\{([a-z-]+)\}\}")]
    private static partial Regex Placeholder();
}
