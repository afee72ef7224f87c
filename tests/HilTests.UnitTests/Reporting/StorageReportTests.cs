using System.Globalization;
using System.Xml.Linq;
using HilTests.Core.Judging;
using HilTests.Core.Results;
using HilTests.Core.Traces;
using HilTests.Models.F2fs;
using HilTests.Reporting;
using HilTests.Reporting.Html;
using HilTests.UnitTests.Models.F2fs;

namespace HilTests.UnitTests.Reporting;

/// <summary>Latencies, discards and witnesses of file system programs in the report: what was seen, and what the model allowed.</summary>
public sealed class StorageReportTests
{
    private const string Trim = "= @6+1 errno=0 len=8192 discard-ios=1 discard-sectors=16";

    [Test]
    public void A_record_is_drawn_with_the_models_bounds()
    {
        var mark = StorageMeasure.Of(Run(GoodTraces.Records)).Single().Latencies.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((mark.Class, mark.Count, mark.Peak.Observed, mark.Average.Observed), Is.EqualTo(("wr_sync_data", 1L, 20L, 20L)));
            Assert.That(mark.Peak.Low, Is.InRange(1, 20));
            Assert.That(mark.Peak.High, Is.InRange(20, 40));
            Assert.That(mark.Seconds, Is.EqualTo((1030 - 1000) / 250.0));
        }
    }

    [Test]
    public void What_lies_outside_the_bounds_is_drawn_where_it_was_seen()
    {
        var mark = StorageMeasure.Of(Run(GoodTraces.Records.Replace("wr_sync_data [20/20/1]", "wr_sync_data [80/20/1]"))).Single().Latencies.Single();

        Assert.That(mark.Peak, Is.EqualTo(mark.Peak with { Observed = 80 }).And.Matches<Banded>(b => b.High < 80));
    }

    [Test]
    public void Witnesses_of_a_trim_are_set_side_by_side()
    {
        var measure = StorageMeasure.Of(Run(GoodTraces.Steps)).Single();
        var trim = measure.Trims[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That((trim.Step, trim.Returned, trim.Issued, trim.Counted, trim.Completed), Is.EqualTo((11, 8192L, (long?)8192L, 8192L, (long?)null)));
            Assert.That(trim.Agree, Is.True);
            Assert.That(measure.Discards.Single(), Is.EqualTo(new DiscardMark(0, 0x2000 * 4096L, 8192)));
            Assert.That(measure.Others.Holes, Is.True);
        }
    }

    [TestCase("len=8192", "len=12288")]
    [TestCase("discard-sectors=16", "discard-sectors=24")]
    public void Witnesses_that_differ_are_seen_to(string right, string wrong) =>
        Assert.That(StorageMeasure.Of(Run(GoodTraces.Steps.Replace(Trim, Trim.Replace(right, wrong)))).Single().Trims[0].Agree, Is.False);

    [Test]
    public void The_disks_own_requests_count_where_it_has_them()
    {
        const string issue = "| x-1 [000] ..... 2: f2fs_issue_discard:";
        var text = GoodTraces.Steps.Replace(issue, "| x-1 [000] ..... 2: block_rq_complete: 7,0 DS () 65536 + 16 [0]\n" + issue);

        Assert.That(StorageMeasure.Of(Run(text)).Single().Trims[0].Completed, Is.EqualTo(8192));
    }

    [TestCase(nameof(GoodTraces.Records), "circle")]
    [TestCase(nameof(GoodTraces.Steps), "rect")]
    public void The_page_draws_inside_its_pictures(string trace, string shape)
    {
        var page = new StringWriter();
        HtmlReport.Write(Run(trace == nameof(GoodTraces.Steps) ? GoodTraces.Steps : GoodTraces.Records), page);
        var section = Section(page.ToString());
        var drawn = section.Descendants("svg").SelectMany(svg => svg.Descendants().Where(e => e.Name == "rect" || e.Name == "circle").Select(e => (Box: (string)svg.Attribute("viewBox")!, Shape: e))).ToList();
        Assert.That(drawn.Select(d => d.Shape.Name.LocalName), Does.Contain(shape));
        foreach (var (box, element) in drawn)
        {
            var size = box.Split(' ').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray();
            Assert.That(At(element, "x") + At(element, "cx") + At(element, "width"), Is.InRange(0, size[2]), element.ToString());
            Assert.That(At(element, "y") + At(element, "cy") + At(element, "height"), Is.InRange(0, size[3]), element.ToString());
        }
    }

    [Test]
    public void Without_a_file_system_nothing_is_said()
    {
        var page = new StringWriter();
        HtmlReport.Write(SampleRun.Make(), page);
        Assert.That(page.ToString(), Does.Not.Contain("id=\"storage\""));
    }

    private static double At(XElement element, string name) => element.Attribute(name) is { } attribute ? double.Parse(attribute.Value, CultureInfo.InvariantCulture) : 0;

    private static XElement Section(string page)
    {
        var begin = page.IndexOf("<section id=\"storage\"", StringComparison.Ordinal);
        return XElement.Parse(page[begin..(page.IndexOf("</section>", begin, StringComparison.Ordinal) + "</section>".Length)]);
    }

    private static RunResult Run(string text)
    {
        var trace = TraceText.Parse(text);
        return SampleRun.Of([new ProgramResult { Program = trace.Program, Trace = trace, Judgement = Judge.Decide(trace, new F2fsModel()) }]);
    }
}
