using System.Globalization;
using HilTests.Core.Devices.F2fs;
using HilTests.Core.Results;

namespace HilTests.Reporting.Html;

/// <summary>Pictures of file system programs: latencies with the model's band behind, discards on the disk over time, what the witnesses say of each FITRIM.</summary>
internal sealed class HtmlStorage(RunResult run)
{
    private const int Width = 1100, Left = 130, Right = 20;

    /// <summary>So many programs at most are drawn, those with the most to show.</summary>
    private const int MostDrawn = 8;

    private readonly IReadOnlyList<StorageMeasure> _measures = StorageMeasure.Of(run);

    /// <summary>The section; empty where no program shows anything.</summary>
    public string Write()
    {
        if (_measures.Count == 0) return "";
        var html = new HtmlText().Open("section", ("id", "storage"), ("aria-labelledby", "storage-title")).Element("h2", "Latencies and discards", ("id", "storage-title"));
        foreach (var measure in Most(m => m.Latencies.Length)) Latencies(html, measure);
        foreach (var measure in Most(m => m.Discards.Length)) Discards(html, measure);
        Witnesses(html);
        return html.Close().ToString();
    }

    private IEnumerable<StorageMeasure> Most(Func<StorageMeasure, int> size) =>
        _measures.Where(m => size(m) > 0).OrderByDescending(size).Take(MostDrawn).OrderBy(m => m.ProgramIndex);

    private static void Caption(HtmlText html, StorageMeasure measure, string about) =>
        html.Open("figcaption").Element("a", measure.Program, ("href", $"#p{measure.ProgramIndex}")).Text($": {about}").Close();

    /// <summary>A strip for each class; in it, for each record, what the model allows as a bar and what was seen as a dot.</summary>
    private static void Latencies(HtmlText html, StorageMeasure measure)
    {
        const int Strip = 64, Bottom = 26, Slot = 12;
        var classes = IoClasses.Names.Where(name => measure.Latencies.Any(m => m.Class == name)).ToList();
        var (end, most) = (Math.Max(0.1, measure.Latencies.Max(m => m.Seconds)), Math.Max(1, measure.Latencies.Max(m => Math.Max(m.Peak.Observed, m.Peak.High))));
        double X(double seconds) => Left + Slot + ((Width - Left - Right - (2 * Slot)) * seconds / end);
        html.Open("figure", ("class", "plot"));
        Caption(html, measure, "latency by class, a record at a time; bars are what the model allows, ● the peak, ○ the average, ms");
        html.Open("svg", ("viewBox", $"0 0 {Width} {(Strip * classes.Count) + Bottom}"), ("role", "img"), ("aria-label", $"Latencies of {measure.Program}; the program's steps below have the numbers"));
        for (var row = 0; row < classes.Count; row++)
        {
            var floor = (Strip * (row + 1)) - 8;
            double Y(long milliseconds) => floor - ((Strip - 18) * milliseconds / (double)most);
            Line(html, Left, floor, Width - Right, floor);
            html.Element("text", classes[row], ("x", $"{Left - 34}"), ("y", $"{floor - 18}"), ("class", "label end"));
            html.Element("text", $"{most}", ("x", $"{Left - 6}"), ("y", $"{floor - Strip + 24}"), ("class", "label end")).Element("text", "0", ("x", $"{Left - 6}"), ("y", $"{floor + 4}"), ("class", "label end"));
            foreach (var mark in measure.Latencies.Where(m => m.Class == classes[row])) Mark(html, mark, X(mark.Seconds), Y, row);
        }
        Times(html, end, X, (Strip * classes.Count) + Bottom - 8);
        html.Close().Close();
    }

    private static void Mark(HtmlText html, LatencyMark mark, double x, Func<long, double> y, int row)
    {
        html.Open("g", ("class", $"c{row % 8}")).Element("title", string.Create(CultureInfo.InvariantCulture,
            $"{mark.Class} after {mark.Seconds:0.00} s: {mark.Count} of them, peak {mark.Peak.Observed} ms ({mark.Peak.Low} to {mark.Peak.High}), average {mark.Average.Observed} ms ({mark.Average.Low} to {mark.Average.High})"));
        foreach (var (value, shift, filled) in ((Banded, double, bool)[])[(mark.Peak, -4, true), (mark.Average, 4, false)])
        {
            var top = y(value.High);
            html.Void("rect", ("x", SvgPlot.Number(x + shift - 3)), ("y", SvgPlot.Number(top - 2)), ("width", "6"), ("height", SvgPlot.Number(y(value.Low) - top + 4)), ("class", "band"));
            html.Void("circle", ("cx", SvgPlot.Number(x + shift)), ("cy", SvgPlot.Number(y(value.Observed))), ("r", "3"), ("class", filled ? "dot" : "ring"));
        }
        html.Close();
    }

    /// <summary>Up the disk's addresses, across time: each stretch at the moment when the disk had discarded it.</summary>
    private static void Discards(HtmlText html, StorageMeasure measure)
    {
        const int Height = 240, Top = 8, Bottom = 26;
        var end = Math.Max(0.1, measure.Discards.Max(d => d.Seconds));
        var size = Math.Max(1, Math.Max(measure.DiskBytes, measure.Discards.Max(d => d.Start + d.Length)));
        double X(double seconds) => Left + ((Width - Left - Right - 6) * seconds / end);
        double Y(long address) => Height - Bottom - ((Height - Top - Bottom) * (address / (double)size));
        html.Open("figure", ("class", "plot"));
        Caption(html, measure, "what was discarded, where on the disk and when");
        html.Open("svg", ("viewBox", $"0 0 {Width} {Height}"), ("role", "img"), ("aria-label", $"Discards of {measure.Program} on the disk's addresses over time"));
        foreach (var quarter in Enumerable.Range(0, 5))
        {
            var address = size / 4 * quarter;
            Line(html, Left, Y(address), Width - Right, Y(address));
            html.Element("text", $"{address >> 20} MiB", ("x", $"{Left - 8}"), ("y", SvgPlot.Number(Y(address) + 4)), ("class", "label end"));
        }
        foreach (var discard in measure.Discards)
        {
            var top = Y(discard.Start + discard.Length);
            html.Open("rect", ("x", SvgPlot.Number(X(discard.Seconds))), ("y", SvgPlot.Number(top)), ("width", "6"), ("height", SvgPlot.Number(Math.Max(1, Y(discard.Start) - top))), ("class", "discard"));
            html.Element("title", string.Create(CultureInfo.InvariantCulture, $"{discard.Length} bytes at {discard.Start} after {discard.Seconds:0.00} s")).Close();
        }
        Times(html, end, X, Height - 8);
        html.Close().Close();
    }

    private void Witnesses(HtmlText html)
    {
        var trims = _measures.Where(m => m.Trims.Length > 0).ToList();
        if (trims.Count == 0) return;
        var all = trims.SelectMany(m => m.Trims).ToList();
        html.Element("h3", $"What the witnesses say of each FITRIM: {all.Count(t => t.Agree)} of {all.Count} agree", ("id", "witnesses-title"));
        html.Element("p", "Bytes. A command that the disk fails is issued and not returned. The counter and the holes of the disk's file are compared over the whole program.", ("class", "note"));
        html.Open("div", ("class", "wide"), ("tabindex", "0"), ("role", "region"), ("aria-labelledby", "witnesses-title")).Open("table", ("class", "rules measures")).Open("thead").Open("tr");
        foreach (var title in (string[])["Program", "Returned", "Issued", "Disk's counter", "Requests", "fs discard", "Holes", ""]) html.Element("th", title, ("scope", "col"));
        html.Close().Close().Open("tbody");
        foreach (var measure in trims)
        {
            foreach (var trim in measure.Trims)
            {
                html.Open("tr").Open("th", ("scope", "row")).Element("a", measure.Program, ("href", $"#p{measure.ProgramIndex}")).Text($" step {trim.Step}").Close();
                foreach (var bytes in (long?[])[trim.Returned, trim.Issued, trim.Counted, trim.Completed]) html.Element("td", bytes?.ToString("#,0", CultureInfo.InvariantCulture) ?? "–");
                html.Element("td", Held(measure.Others.Counter)).Element("td", Held(measure.Others.Holes));
                Bars(html, trim, all.Max(t => t.Returned));
                html.Close();
            }
        }
        html.Close().Close().Close();
    }

    private static string Held(bool? held) => held switch { true => "agrees", false => "differs", _ => "–" };

    /// <summary>A bar for each witness, on a scale of roots so that a block can be seen beside a disk.</summary>
    private static void Bars(HtmlText html, TrimWitnesses trim, long most)
    {
        const int Wide = 160, Thick = 4;
        long?[] witnesses = [trim.Returned, trim.Issued, trim.Counted, trim.Completed];
        html.Open("td", ("class", "plot")).Open("svg", ("viewBox", $"0 0 {Wide} {Thick * witnesses.Length}"), ("role", "img"), ("class", "bars"), ("aria-label", trim.Agree ? "the witnesses agree" : "the witnesses differ"));
        for (var i = 0; i < witnesses.Length; i++)
        {
            if (witnesses[i] is not { } bytes) continue;
            var width = Wide * Math.Cbrt(Math.Min(1, bytes / (double)Math.Max(1, most)));
            html.Void("rect", ("x", "0"), ("y", $"{Thick * i}"), ("width", SvgPlot.Number(width)), ("height", $"{Thick - 1}"), ("class", trim.Agree ? "bar tx" : "bar odd"));
        }
        html.Close().Close();
    }

    private static void Times(HtmlText html, double end, Func<double, double> x, int y)
    {
        foreach (var part in Enumerable.Range(0, 5))
            html.Element("text", string.Create(CultureInfo.InvariantCulture, $"{end * part / 4:0.00} s"), ("x", SvgPlot.Number(x(end * part / 4))), ("y", $"{y}"), ("class", part == 4 ? "label end" : "label middle"));
    }

    private static void Line(HtmlText html, double x1, double y1, double x2, double y2) =>
        html.Void("line", ("x1", SvgPlot.Number(x1)), ("y1", SvgPlot.Number(y1)), ("x2", SvgPlot.Number(x2)), ("y2", SvgPlot.Number(y2)), ("class", "grid"));
}
