using System.Globalization;
using System.Text;
using System.Xml;
using HilTests.Nightly.Nights;
using HilTests.Reporting;

namespace HilTests.Nightly.Morning;

/// <summary>A night as JUnit XML: a suite a shard, a case a result. A shard of which nothing is known is one case with an error.</summary>
public static class MorningJUnit
{
    /// <summary>Writes the document; characters that XML does not allow become U+FFFD.</summary>
    public static void Write(MorningReport report, TextWriter writer)
    {
        var excuses = report.News.Where(n => n.Excuse is not null).ToDictionary(n => (n.Test.Series, n.Test.Kind, n.Test.Name), n => n.Excuse!);
        using (var xml = XmlWriter.Create(writer, new XmlWriterSettings { Indent = true, NewLineChars = "\n", Encoding = Encoding.UTF8, CloseOutput = false }))
        {
            xml.WriteProcessingInstruction("xml", "version=\"1.0\" encoding=\"UTF-8\"");
            xml.WriteStartElement("testsuites");
            Attribute(xml, "name", $"{report.Night.Plan.Name}, night {report.Night.Plan.Number}");
            foreach (var shard in report.Night.Shards) Suite(xml, shard, excuses);
            xml.WriteEndElement();
        }
        writer.Write('\n');
    }

    private static void Suite(XmlWriter xml, ShardRecord shard, Dictionary<(string, TestKind, string), string> excuses)
    {
        // A lost shard is one case, so that it is never a suite without failures.
        List<(TestResult Test, string? Excuse)> cases = shard.Result.IsFinal
            ? [.. shard.Result.Results.Select(t => (t, t.Status == Status.Fail ? excuses.GetValueOrDefault((shard.Shard.Series, t.Kind, t.Name)) : null))]
            : [(new TestResult(TestKind.Program, "the shard", shard.Result.Status, null, shard.Result.Cause ?? shard.Result.Verdict), null)];
        xml.WriteStartElement("testsuite");
        Attribute(xml, "name", shard.Shard.Id);
        Attribute(xml, "tests", $"{cases.Count}");
        foreach (var (name, element) in (ReadOnlySpan<(string, string)>)[("failures", "failure"), ("errors", "error"), ("skipped", "skipped")])
            Attribute(xml, name, $"{cases.Count(c => ElementOf(c.Test, c.Excuse) == element)}");
        Attribute(xml, "time", shard.Result.Seconds.ToString("0.000", CultureInfo.InvariantCulture));
        Attribute(xml, "hostname", shard.Result.Node);
        Properties(xml, shard);
        foreach (var (test, excuse) in cases) Case(xml, shard, test, excuse);
        xml.WriteEndElement();
    }

    private static void Properties(XmlWriter xml, ShardRecord shard)
    {
        var origin = shard.Result.Origin;
        xml.WriteStartElement("properties");
        foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)
            [("kernel", origin.Release), ("package", origin.Package), ("commit", origin.Project), ("accelerator", origin.Accelerator), ("series", shard.Shard.Series)])
        {
            xml.WriteStartElement("property");
            Attribute(xml, "name", name);
            Attribute(xml, "value", value ?? "unknown");
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    private static string? ElementOf(TestResult test, string? excuse) => test.Status switch
    {
        Status.Fail => excuse is null ? "failure" : "skipped",
        Status.Skip => "skipped",
        Status.Error or Status.Miss => "error",
        _ => null,
    };

    private static void Case(XmlWriter xml, ShardRecord shard, TestResult test, string? excuse)
    {
        xml.WriteStartElement("testcase");
        Attribute(xml, "classname", $"{shard.Shard.KernelLabel}.{shard.Shard.Device}.{test.Kind.ToString().ToLowerInvariant()}");
        Attribute(xml, "name", test.Name);
        if (ElementOf(test, excuse) is { } element)
        {
            xml.WriteStartElement(element);
            if (element != "skipped") Attribute(xml, "type", test.Status.ToString().ToUpperInvariant());
            Attribute(xml, "message", PrintableText.OneLine(excuse ?? test.Reason ?? test.Status.ToString()));
            if (element == "failure" && test.Finding is { } finding) xml.WriteString(PrintableText.ForXml(Words(shard.Result.Findings[finding])));
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    private static string Words(ShardFinding finding) =>
        $"{finding.Program}, step {finding.Step} ({finding.StepText}): {finding.Difference}\nrule {finding.Rule}, {finding.Severity.ToUpperInvariant()}: {finding.RuleText}\n{finding.Smallest}\n{finding.Replay}\n";

    private static void Attribute(XmlWriter xml, string name, string value) => xml.WriteAttributeString(name, PrintableText.ForXml(value));
}
