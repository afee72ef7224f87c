using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using HilTests.Core.Devices.VhostNet.Traffic;
using HilTests.Core.Programs;
using HilTests.Core.Results;
using HilTests.Core.Traces;
using HilTests.Core.Values;
using HilTests.Reporting;
using HilTests.Reporting.Html;

namespace HilTests.UnitTests.Reporting;

/// <summary>What sustained traffic measured stands in every report, as it was measured.</summary>
public sealed class TrafficReportTests
{
    private static readonly long[] Cells = [99_999, 199_999, 1_000_000];

    [Test]
    public void Rates_and_percentiles_are_read_off_the_trace()
    {
        var measure = TrafficMeasure.Of(Run(500_000)).Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((measure.Program, measure.Step, measure.Direction, measure.Frames), Is.EqualTo(("many", 1, "tx", 1000L)));
            Assert.That((measure.FramesPerSecond, measure.BytesPerSecond), Is.EqualTo((2000.0, 128_000.0)));
            Assert.That(measure.Cells, Is.EqualTo(Cells.Select((c, i) => (c, i == 0 ? 900L : 50L))));
        }
    }

    [Test]
    public void The_page_draws_a_bar_and_a_curve_inside_the_picture()
    {
        var page = new StringWriter();
        HtmlReport.Write(Run(500_000), page);
        var section = Section(page.ToString());
        var points = ((string)section.Descendants("path").Single().Attribute("d")!).Split(' ').Select(p => double.Parse(p.TrimStart('M', 'L'), CultureInfo.InvariantCulture)).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(section.Descendants("rect").Count(), Is.EqualTo(1));
            Assert.That(points, Has.Count.EqualTo(2 * (Cells.Length + 1)).And.All.InRange(0, 1100));
            Assert.That(points.Where((_, i) => i % 2 == 0), Is.Ordered, "across, percentiles grow");
            Assert.That(points.Where((_, i) => i % 2 == 1), Is.Ordered.Descending, "up, latencies grow");
            Assert.That(section.Descendants("td").Select(c => c.Value), Does.Contain("2,000").And.Contain("150"));
        }
    }

    [Test]
    public void Summary_and_json_have_it()
    {
        var (text, json) = (new StringWriter(), new StringWriter());
        TextSummary.Write(Run(500_000), text, new SummaryOptions());
        JsonReport.Write(Run(500_000), json);
        var traffic = JsonDocument.Parse(json.ToString()).RootElement.GetProperty("traffic")[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(text.ToString(), Does.Contain("many: tx 2,000 packets/s, 0.1 MB/s, latency p50 100 p99 150 p99.9 900 us"));
            Assert.That(traffic.GetProperty("frames-per-second").GetDouble(), Is.EqualTo(2000));
            Assert.That(traffic.GetProperty("latency-ns").GetProperty("p99").GetInt64(), Is.EqualTo(150_000));
        }
    }

    [Test]
    public void A_time_of_nothing_divides_nothing() => Assert.That(TrafficMeasure.Of(Run(0)).Single().FramesPerSecond, Is.Zero);

    [Test]
    public void Without_traffic_nothing_is_said()
    {
        var page = new StringWriter();
        HtmlReport.Write(SampleRun.Make(), page);
        Assert.That(page.ToString(), Does.Not.Contain("Sustained traffic"));
    }

    [TestCase("latency-ns")]
    [TestCase("us")]
    public void A_trace_without_the_form_draws_nothing_or_zero(string field)
    {
        var measures = TrafficMeasure.Of(Run(500_000, without: field));
        Assert.That(measures.Sum(m => m.FramesPerSecond), Is.Zero);
    }

    private static XElement Section(string page)
    {
        var begin = page.IndexOf("<section id=\"traffic\"", StringComparison.Ordinal);
        return XElement.Parse(page[begin..(page.IndexOf("</section>", begin, StringComparison.Ordinal) + "</section>".Length)]);
    }

    private static RunResult Run(long microseconds, string? without = null)
    {
        var program = new Program { Name = "many", Device = "vhost-net", Steps = [new RunTraffic("b0", 1, 0, 12, false, false, null, null)] };
        var latency = Value.Record(("p50", Value.Of(100_000)), ("p90", Value.Of(110_000)), ("p99", Value.Of(150_000)), ("p999", Value.Of(900_000)), ("max", Value.Of(1_000_000)),
            ("cells", Value.List(Cells.Select((c, i) => Value.Record(("upto", Value.Of(c)), ("n", Value.Of(i == 0 ? 900 : 50)))))));
        (string, Value)[] measured = [("us", Value.Of(microseconds)), ("bytes", Value.Of(64_000)), ("latency-ns", latency)];
        var observation = new Observation
        {
            Fields = [("tx", Value.Record(("frames", Value.Of(1000)))), ("tx-measured", new RecordValue([.. measured.Where(m => m.Item1 != without)]))],
        };
        var sample = SampleRun.Make();
        var trace = new Trace { Program = program, Profile = sample.Programs.First(p => p.Trace is not null).Trace!.Profile, Entries = [new TraceEntry(program.Steps[0], observation)], End = TraceEnd.Complete };
        return SampleRun.Of([new ProgramResult { Program = program, Trace = trace }]);
    }
}
