using HilTests.Reporting.Html;

namespace HilTests.Nightly.Morning;

/// <summary>Tables and folded parts of the morning page.</summary>
internal static class PageTables
{
    /// <summary>Rows beyond this stand in the history only; the page says how many.</summary>
    public const int MostRows = 200;

    /// <summary>A table that scrolls sideways on a narrow screen.</summary>
    public static void Table<T>(this HtmlText html, string[] heads, IEnumerable<T> rows, Func<T, string[]> cells)
    {
        var all = rows.ToList();
        html.Open("div", ("class", "wide")).Open("table").Open("tr");
        foreach (var head in heads) html.Element("th", head);
        html.Close();
        foreach (var row in all.Take(MostRows))
        {
            html.Open("tr");
            foreach (var cell in cells(row)) html.Element("td", cell);
            html.Close();
        }
        html.Close().Close();
        if (all.Count > MostRows) html.Element("p", $"… and {all.Count - MostRows} more, which are in the history.", ("class", "faint"));
    }

    /// <summary>A part that opens when it is touched.</summary>
    public static void Folded(this HtmlText html, string summary, Action content)
    {
        html.Open("details").Element("summary", summary);
        content();
        html.Close();
    }
}
