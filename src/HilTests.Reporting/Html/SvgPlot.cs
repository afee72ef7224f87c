using System.Globalization;

namespace HilTests.Reporting.Html;

/// <summary>A curve of a plot.</summary>
/// <param name="Name">for the legend</param>
/// <param name="Points">the share of values that are larger, falling, above 0; and the value, microseconds, above 0</param>
internal sealed record SvgCurve(string Name, IReadOnlyList<(double Beyond, double Microseconds)> Points);

/// <summary>
/// Latencies over their percentiles as people draw HDR histograms: across, each nine of the percentile takes the same room;
/// up, each power of ten.
/// </summary>
internal sealed class SvgPlot(HtmlText html, string label)
{
    private const int Width = 1100, Height = 300, Left = 64, Right = 290, Top = 10, Bottom = 30;
    private const int Colours = 8;
    private const int LegendLine = 18;

    /// <summary>Adds the picture.</summary>
    public void Write(IReadOnlyList<SvgCurve> curves)
    {
        var values = curves.SelectMany(c => c.Points).Select(p => p.Microseconds).ToList();
        var (low, high) = (Math.Floor(Math.Log10(values.Min())), Math.Ceiling(Math.Log10(values.Max())));
        if (high <= low) high = low + 1;
        var nines = Math.Clamp(Math.Ceiling(-Math.Log10(curves.SelectMany(c => c.Points).Min(p => p.Beyond))), 1, 6);
        double X(double beyond) => Left + ((Width - Left - Right) * Math.Min(nines, -Math.Log10(beyond)) / nines);
        double Y(double value) => Height - Bottom - ((Height - Top - Bottom) * (Math.Log10(value) - low) / (high - low));
        var tall = Math.Max(Height, Top + (LegendLine * (curves.Count + 1)));
        html.Open("svg", ("viewBox", $"0 0 {Width} {tall}"), ("role", "img"), ("aria-label", label));
        for (var power = low; power <= high; power++)
        {
            var y = Y(Math.Pow(10, power));
            Line(Left, y, Width - Right, y);
            html.Element("text", Words(Math.Pow(10, power)), ("x", Number(Left - 6)), ("y", Number(y + 4)), ("class", "label end"));
        }
        foreach (var (percentile, beyond) in Percentiles.Where(p => -Math.Log10(p.Beyond) <= nines + 0.01))
        {
            Line(X(beyond), Top, X(beyond), Height - Bottom);
            html.Element("text", percentile, ("x", Number(X(beyond))), ("y", Number(Height - Bottom + 18)), ("class", "label middle"));
        }
        for (var i = 0; i < curves.Count; i++) Curve(curves[i], i, X, Y);
        html.Close();
    }

    /// <summary>A number as SVG wants it.</summary>
    public static string Number(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    private static (string Percentile, double Beyond)[] Percentiles =>
        [("0", 1), ("50", 0.5), ("90", 0.1), ("99", 0.01), ("99.9", 0.001), ("99.99", 1e-4), ("99.999", 1e-5), ("99.9999", 1e-6)];

    private void Curve(SvgCurve curve, int index, Func<double, double> x, Func<double, double> y)
    {
        var path = string.Join(' ', curve.Points.Select((p, i) => $"{(i == 0 ? 'M' : 'L')}{Number(x(p.Beyond))} {Number(y(p.Microseconds))}"));
        var colour = $"c{index % Colours}{(index >= Colours ? " dashed" : "")}";
        html.Open("path", ("d", path), ("class", $"curve {colour}")).Element("title", curve.Name).Close();
        var at = Top + (LegendLine * index) + 10;
        html.Void("line", ("x1", $"{Width - Right + 16}"), ("y1", $"{at - 4}"), ("x2", $"{Width - Right + 40}"), ("y2", $"{at - 4}"), ("class", $"curve {colour}"));
        html.Element("text", curve.Name, ("x", $"{Width - Right + 46}"), ("y", $"{at}"), ("class", "label"));
    }

    private void Line(double x1, double y1, double x2, double y2) =>
        html.Void("line", ("x1", Number(x1)), ("y1", Number(y1)), ("x2", Number(x2)), ("y2", Number(y2)), ("class", "grid"));

    private static string Words(double microseconds) => microseconds switch
    {
        >= 1e6 => $"{microseconds / 1e6:0} s",
        >= 1e3 => $"{microseconds / 1e3:0} ms",
        >= 1 => $"{microseconds:0} µs",
        _ => $"{microseconds * 1e3:0} ns",
    };
}
