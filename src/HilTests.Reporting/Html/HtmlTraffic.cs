using System.Globalization;
using HilTests.Core.Results;

namespace HilTests.Reporting.Html;

/// <summary>What sustained traffic measured: a table, packets a second as bars, latencies as curves over their percentiles.</summary>
internal sealed class HtmlTraffic(RunResult run)
{
    private readonly IReadOnlyList<TrafficMeasure> _measures = TrafficMeasure.Of(run);

    /// <summary>The section; empty where no program ran traffic.</summary>
    public string Write()
    {
        if (_measures.Count == 0) return "";
        var html = new HtmlText().Open("section", ("id", "traffic"), ("aria-labelledby", "traffic-title")).Element("h2", "Sustained traffic", ("id", "traffic-title"));
        html.Element("p", "Measured by the driver inside the machine, and never judged: what counts is that no frame was lost, changed, repeated or out of order.", ("class", "note"));
        Rates(html);
        foreach (var direction in (string[])["tx", "rx"]) Latencies(html, direction);
        Table(html);
        return html.Close().ToString();
    }

    private static string Name(TrafficMeasure measure) => $"{measure.Program} {measure.Direction}";

    private void Rates(HtmlText html)
    {
        const int RowHeight = 24, Left = 250, Width = 760, Right = 90;
        var most = Math.Max(1, _measures.Max(m => m.FramesPerSecond));
        html.Open("figure", ("class", "plot")).Element("figcaption", "Packets a second");
        html.Open("svg", ("viewBox", $"0 0 {Left + Width + Right} {RowHeight * _measures.Count}"), ("role", "img"), ("aria-label", "Packets a second of each program; the table below has the numbers"));
        for (var row = 0; row < _measures.Count; row++)
        {
            var (measure, y) = (_measures[row], RowHeight * row);
            var width = Width * measure.FramesPerSecond / most;
            html.Element("text", Name(measure), ("x", $"{Left - 8}"), ("y", $"{y + 16}"), ("class", "label end"));
            html.Void("rect", ("x", $"{Left}"), ("y", $"{y + 4}"), ("width", SvgPlot.Number(width)), ("height", "15"), ("class", $"bar {measure.Direction}"));
            html.Element("text", Count(measure.FramesPerSecond), ("x", SvgPlot.Number(Left + width + 6)), ("y", $"{y + 16}"), ("class", "label"));
        }
        html.Close().Close();
    }

    private void Latencies(HtmlText html, string direction)
    {
        var curves = _measures.Where(m => m.Direction == direction && m.Cells.Length > 0).Select(m => new SvgCurve(Name(m), Points(m))).ToList();
        if (curves.Count == 0) return;
        html.Open("figure", ("class", "plot")).Element("figcaption", $"Latency of {direction}, from sent to received, by percentile");
        new SvgPlot(html, $"Latency of {direction} by percentile, a curve a program; the table below has the numbers").Write(curves);
        html.Close();
    }

    /// <summary>A point for each cell: the share of frames that took longer, and how long they took at most.</summary>
    private static List<(double Beyond, double Microseconds)> Points(TrafficMeasure measure)
    {
        var (all, seen) = (measure.Cells.Sum(c => (double)c.Frames), 0.0);
        var points = new List<(double Beyond, double Microseconds)>();
        foreach (var (upTo, frames) in measure.Cells)
        {
            points.Add((1 - (seen / all), Math.Max(1, upTo) / 1e3));
            seen += frames;
        }
        points.Add((Math.Max(0.5 / all, 1e-6), Math.Max(1, measure.Latency.Max) / 1e3));
        return points;
    }

    private void Table(HtmlText html)
    {
        html.Open("div", ("class", "wide"), ("tabindex", "0"), ("role", "region"), ("aria-labelledby", "traffic-title"));
        html.Open("table", ("class", "rules measures")).Open("thead").Open("tr");
        foreach (var title in (string[])["Program", "Direction", "Frames", "Packets/s", "MB/s", "p50 µs", "p90 µs", "p99 µs", "p99.9 µs", "max µs"]) html.Element("th", title, ("scope", "col"));
        html.Close().Close().Open("tbody");
        foreach (var measure in _measures)
        {
            html.Open("tr").Open("th", ("scope", "row")).Element("a", measure.Program, ("href", $"#p{measure.ProgramIndex}")).Text($" step {measure.Step}").Close();
            html.Element("td", measure.Direction).Element("td", Count(measure.Frames)).Element("td", Count(measure.FramesPerSecond));
            html.Element("td", (measure.BytesPerSecond / 1e6).ToString("0.00", CultureInfo.InvariantCulture));
            foreach (var nanoseconds in (long[])[measure.Latency.P50, measure.Latency.P90, measure.Latency.P99, measure.Latency.P999, measure.Latency.Max]) html.Element("td", Count(nanoseconds / 1e3));
            html.Close();
        }
        html.Close().Close().Close();
    }

    private static string Count(double number) => number.ToString("#,0", CultureInfo.InvariantCulture);
}
