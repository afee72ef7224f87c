using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using HilTests.Core.Results;
using HilTests.Reporting;
using HilTests.Reporting.Html;

namespace HilTests.UnitTests.Reporting;

public sealed partial class HtmlReportTests
{
    private static string Page(RunResult run)
    {
        var writer = new StringWriter();
        HtmlReport.Write(run, writer);
        return writer.ToString();
    }

    /// <summary>The page is written so that it is XML too, but for what stands in script and style elements.</summary>
    private static XElement Elements(string page) => XDocument.Parse(RawText().Replace(page["<!DOCTYPE html>".Length..], "<$1></$1>")).Root!;

    [Test]
    public void Every_element_is_closed() => Assert.That(() => Elements(Page(SampleRun.Make())), Throws.Nothing);

    [Test]
    public void Every_program_is_on_the_page()
    {
        var run = SampleRun.Make();
        var page = Elements(Page(run));
        var names = page.Descendants("span").Where(e => (string?)e.Attribute("class") == "name").Select(e => e.Value);
        Assert.That(names, Is.EqualTo(run.Programs.Select(p => PrintableText.ForXml(p.Program.Name))));
    }

    [Test]
    public void Nothing_is_loaded_from_outside()
    {
        var page = Page(SampleRun.Make());
        var links = Elements(page).DescendantsAndSelf().Attributes().Where(a => a.Name.LocalName is "src" or "href" or "action" or "srcset" or "data");
        Assert.That(links.Select(a => a.Value), Has.All.StartsWith("#"));
        Assert.That(page, Does.Not.Contain("@import").And.Not.Contain("url("));
        Assert.That(page, Does.Not.Contain("http://").And.Not.Contain("https://"));
    }

    [Test]
    public void Links_within_the_page_lead_somewhere()
    {
        var page = Elements(Page(SampleRun.Make()));
        var ids = page.DescendantsAndSelf().Attributes("id").Select(a => "#" + a.Value).ToList();
        Assert.That(ids, Is.Unique);
        Assert.That(page.Descendants().Attributes("href").Select(a => a.Value).Distinct(), Is.SubsetOf(ids));
    }

    [Test]
    public void Hostile_text_does_not_break_out()
    {
        var run = SampleRun.Make();
        run = run with { Command = SampleRun.Hostile, Console = SampleRun.Hostile, Infrastructure = SampleRun.Hostile };
        var page = Page(run);
        Assert.That(page, Does.Not.Contain("<img").And.Not.Contain("\u001b").And.Not.Contain("\0"));
        Assert.That(Elements(page).Descendants("img"), Is.Empty);
        Assert.That(ScriptEnd().Count(page), Is.EqualTo(2 + run.Programs.Length), "the page's script, its rules, and one block a program");
    }

    [Test]
    public void The_policy_names_the_script_by_its_hash()
    {
        var page = Page(SampleRun.Make());
        var script = PageScript().Match(page).Groups[1].Value;
        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(script)));
        Assert.That(page, Does.Contain($"script-src 'sha256-{hash}'"));
    }

    [Test]
    public void The_first_difference_shows_its_rule_and_the_replay_command()
    {
        var page = Elements(Page(SampleRun.Of([SampleRun.Diverging("tx-reorder")])));
        var first = page.Descendants("div").Single(e => (string?)e.Attribute("class") == "first counts").Value;
        Assert.That(first, Does.Contain("step 6").And.Contain("used[0].id was 7, allowed 4").And.Contain(SampleRun.Order.Text).And.Contain(SampleRun.Order.Reference));
        Assert.That(page.Value, Does.Contain("hil replay results/2026-01-31-123005/programs/tx-reorder.hil"));
    }

    [Test]
    public void A_large_run_is_written_quickly()
    {
        var run = SampleRun.Of([.. Enumerable.Range(0, 1000).Select(i => SampleRun.Diverging($"gen-{i}"))]);
        var clock = Stopwatch.StartNew();
        var page = Page(run);
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(10)));
        Assert.That(page, Has.Length.LessThan(12_000_000));
    }

    [GeneratedRegex(@"<(script|style)[^>]*>.*?</\1>", RegexOptions.Singleline)]
    private static partial Regex RawText();

    [GeneratedRegex("</script", RegexOptions.IgnoreCase)]
    private static partial Regex ScriptEnd();

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex PageScript();
}
