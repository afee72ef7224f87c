using System.Globalization;
using HilTests.Reporting.Html;

namespace HilTests.Reporting.Auditing;

/// <summary>The kill matrix as one HTML page that loads nothing from outside.</summary>
public static class AuditHtml
{
    private const string Style = """
        body{font:15px/1.45 system-ui,sans-serif;margin:2rem;color:#1a1a1a;background:#fff}
        pre{background:#f4f4f4;padding:1rem;overflow-x:auto}
        table{border-collapse:collapse;width:100%}
        th,td{border-bottom:1px solid #ddd;padding:.3rem .6rem;text-align:left;vertical-align:top}
        td.number{text-align:right;font-variant-numeric:tabular-nums}
        .bad{background:#fdecea}
        @media(prefers-color-scheme:dark){body{background:#161616;color:#eee}pre{background:#222}.bad{background:#4a1f1b}th,td{border-color:#444}}
        """;

    /// <summary>Writes the page.</summary>
    public static void Write(AuditResult audit, TextWriter writer)
    {
        using var totals = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        AuditText.WriteTotals(audit, totals);
        var page = new HtmlText();
        page.Open("html", ("lang", "en")).Open("head").Void("meta", ("charset", "utf-8")).Element("title", "Kill matrix").Element("style", Style).Close();
        page.Open("body").Element("h1", "Kill matrix").Element("p", audit.Command).Element("pre", totals.ToString());
        page.Open("table").Open("thead").Open("tr");
        foreach (var head in (string[])["mutant", "what it changes", "outcome", "programs", "claims", "device s"]) page.Element("th", head);
        page.Close().Close().Open("tbody");
        foreach (var mutant in audit.Mutants.OrderByDescending(m => m.IsFailure).ThenBy(m => m.Fate)) Row(page, mutant);
        page.Close().Close().Close().Close();
        writer.Write("<!DOCTYPE html>\n");
        writer.Write(page.ToString());
        writer.Write('\n');
    }

    private static void Row(HtmlText page, AuditedMutant mutant)
    {
        page.Open("tr", ("class", mutant.IsFailure ? "bad" : null));
        page.Element("td", $"{mutant.Device} {mutant.Name}").Element("td", mutant.Description).Element("td", AuditText.Words(mutant), ("title", mutant.Detail));
        foreach (var number in (string[])[$"{mutant.Programs}", $"{mutant.Claims}", mutant.Seconds.ToString("0.00", CultureInfo.InvariantCulture)])
            page.Element("td", number, ("class", "number"));
        page.Close();
    }
}
