using System.Globalization;
using HilTests.Nightly.History;
using HilTests.Reporting.Html;

namespace HilTests.Nightly.Morning;

/// <summary>The trends of the morning page: each number of each series over the nights, as a small curve with its ends in digits.</summary>
internal sealed class MorningTrends(MorningReport report, HtmlText html)
{
    private const int Width = 144, Height = 32, Margin = 3;

    private static readonly (string Name, string Words)[] Known =
    [
        ("boot", "Seconds to boot"), ("programs-a-second", "Programs a second"), ("catch-rate", "Share of wrong kernels caught"), ("false-alarms", "Harmless kernels blamed"),
    ];

    public void Write()
    {
        if (report.Trends.IsEmpty) return;
        html.Element("h2", "Trends");
        foreach (var (name, words) in Known)
        {
            var trends = report.Trends.Where(t => t.Name == name).ToList();
            if (trends.Count == 0) continue;
            html.Element("h3", words).Open("div", ("class", "wide")).Open("table").Open("tr");
            foreach (var head in (string[])["", "", "tonight", "least", "most", "nights"]) html.Element("th", head);
            html.Close();
            foreach (var trend in trends) Row(trend);
            html.Close().Close();
        }
    }

    private void Row(Trend trend)
    {
        html.Open("tr").Element("td", $"{trend.Device} on {trend.Kernel}", ("title", trend.Series)).Open("td");
        Curve(trend.Points);
        html.Close();
        var isTonight = trend.Points[^1].Run == report.Night.Plan.Number;
        foreach (var value in (string[])[isTonight ? Number(trend.Points[^1].Value) : "–", Number(trend.Points.Min(p => p.Value)), Number(trend.Points.Max(p => p.Value)), $"{trend.Points.Count}"])
            html.Element("td", value, ("class", "n"));
        html.Close();
    }

    private void Curve(IReadOnlyList<MetricPoint> points)
    {
        var (low, high) = (points.Min(p => p.Value), points.Max(p => p.Value));
        var (first, last) = (points[0].Run, points[^1].Run);
        double X(MetricPoint point) => last == first ? Width - Margin : Margin + ((double)(point.Run - first) / (last - first) * (Width - (2 * Margin)));
        double Y(MetricPoint point) => high <= low ? Height / 2.0 : Height - Margin - ((point.Value - low) / (high - low) * (Height - (2 * Margin)));
        html.Open("svg", ("class", "trend"), ("viewBox", $"0 0 {Width} {Height}"), ("role", "img"), ("aria-label", $"from {Number(points[0].Value)} to {Number(points[^1].Value)}"));
        html.Void("polyline", ("points", string.Join(' ', points.Select(p => $"{Number(X(p))},{Number(Y(p))}"))));
        html.Void("circle", ("cx", Number(X(points[^1]))), ("cy", Number(Y(points[^1]))), ("r", "2.5"));
        html.Close();
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
