using System.Xml.Linq;
using HilTests.Core.Results;
using HilTests.Reporting;

namespace HilTests.UnitTests.Reporting;

public sealed class JUnitReportTests
{
    private static XElement Root(RunResult run)
    {
        var writer = new StringWriter();
        JUnitReport.Write(run, writer);
        return XDocument.Parse(writer.ToString()).Root!;
    }

    private static XElement Case(string name) => Root(SampleRun.Make()).Descendants("testcase").Single(c => (string?)c.Attribute("name") == name);

    [Test]
    public void Every_planned_program_is_a_case()
    {
        var run = SampleRun.Make();
        var cases = Root(run).Descendants("testcase").Select(c => (string)c.Attribute("name")!).ToList();
        Assert.That(cases, Is.EquivalentTo(run.Programs.Select(p => PrintableText.ForXml(p.Program.Name))));
    }

    [Test]
    public void The_counts_are_those_of_the_cases()
    {
        foreach (var element in Root(SampleRun.Make()).DescendantsAndSelf().Where(e => e.Attribute("tests") is not null))
        {
            Assert.That((int)element.Attribute("tests")!, Is.EqualTo(element.Descendants("testcase").Count()));
            Assert.That((int)element.Attribute("failures")!, Is.EqualTo(element.Descendants("failure").Count()));
            Assert.That((int)element.Attribute("errors")!, Is.EqualTo(element.Descendants("error").Count()));
            Assert.That((int)element.Attribute("skipped")!, Is.EqualTo(element.Descendants("skipped").Count()));
        }
    }

    [TestCase("owner-once", null)]
    [TestCase("tx-reorder", "failure")]
    [TestCase("rx-peek", "failure")]
    [TestCase("detach-in-flight", "failure")]
    [TestCase("busyloop-wide", "skipped")]
    [TestCase("events-lost", "error")]
    [TestCase("agent-failed", "error")]
    [TestCase("after-the-crash", "error")]
    public void A_program_has_the_element_of_its_outcome(string program, string? element)
    {
        var results = Case(program).Elements().Where(e => e.Name.LocalName is "failure" or "error" or "skipped").ToList();
        Assert.That(results.Select(e => e.Name.LocalName), Is.EqualTo(element is null ? Array.Empty<string>() : [element]));
        if (element is not null) Assert.That((string?)results[0].Attribute("message"), Is.Not.Empty);
    }

    [Test]
    public void A_program_after_the_crash_says_why_it_was_never_run() =>
        Assert.That((string?)Case("after-the-crash").Element("error")!.Attribute("message"), Does.Contain("rx-peek crashed the kernel"));

    [Test]
    public void A_failure_has_the_difference_the_program_and_the_replay_command()
    {
        var text = Case("tx-reorder").Element("failure")!.Value;
        Assert.That(text, Does.Contain("used[0].id was 7, allowed 4").And.Contain("vhost.tx.used-order"));
        Assert.That(text, Does.Contain("hil-program 1\nname tx-reorder\n").And.Contain("hil replay results/2026-01-31-123005/programs/tx-reorder.hil"));
    }

    [TestCase("kernel", "6.1.0-56-amd64")]
    [TestCase("commit", "4b89634")]
    [TestCase("config", "sha256:cccc")]
    [TestCase("image", "sha256:dddd")]
    public void What_the_run_was_made_of_is_a_property(string name, string begin)
    {
        foreach (var suite in Root(SampleRun.Make()).Elements("testsuite"))
        {
            var property = suite.Element("properties")!.Elements().Single(p => (string?)p.Attribute("name") == name);
            Assert.That((string?)property.Attribute("value"), Does.StartWith(begin));
        }
    }

    [Test]
    public void Characters_that_xml_does_not_allow_are_replaced()
    {
        var crashed = SampleRun.Crashing("evil") with { Console = ["a\0b\u001b[31m\ud800\uffff ]]> c"] };
        Assert.That(Root(SampleRun.Of([crashed])).Descendants("system-err").Single().Value, Is.EqualTo("a\ufffdb\ufffd[31m\ufffd\ufffd ]]> c\n"));
    }
}
