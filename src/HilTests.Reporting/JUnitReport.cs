using System.Globalization;
using System.Text;
using System.Xml;
using HilTests.Core.Results;

namespace HilTests.Reporting;

/// <summary>
/// JUnit XML: a test suite a device, a test case a program. Every planned program appears: one that was never run
/// is an error that says why, one that was left out on purpose is skipped. A divergence, crash or hang is a failure.
/// </summary>
public static class JUnitReport
{
    /// <summary>Writes the document. Characters that XML does not allow become U+FFFD.</summary>
    public static void Write(RunResult run, TextWriter writer)
    {
        var settings = new XmlWriterSettings { Indent = true, NewLineChars = "\n", Encoding = Encoding.UTF8, CloseOutput = false };
        using (var xml = XmlWriter.Create(writer, settings))
        {
            // A TextWriter of UTF-16 strings would make the declaration say utf-16; files are UTF-8.
            xml.WriteProcessingInstruction("xml", "version=\"1.0\" encoding=\"UTF-8\"");
            var names = new ArchiveNames(run);
            var cases = run.Programs.Select((result, index) => new Case(result, index, ProgramOutcome.Of(run, result))).ToList();
            xml.WriteStartElement("testsuites");
            Attribute(xml, "name", "hil run");
            WriteCounts(xml, cases);
            foreach (var suite in cases.GroupBy(c => c.Result.Program.Device)) WriteSuite(xml, run, names, suite.Key, [.. suite]);
            xml.WriteEndElement();
        }
        writer.Write('\n');
    }

    private sealed record Case(ProgramResult Result, int Index, ProgramOutcome Outcome)
    {
        public bool IsError => Outcome.Kind is OutcomeKind.Inconclusive or OutcomeKind.NotRun;
    }

    private static void WriteCounts(XmlWriter xml, IReadOnlyList<Case> cases)
    {
        Attribute(xml, "tests", cases.Count.ToString());
        Attribute(xml, "failures", cases.Count(c => c.Outcome.IsFailure).ToString());
        Attribute(xml, "errors", cases.Count(c => c.IsError).ToString());
        Attribute(xml, "skipped", cases.Count(c => c.Outcome.Kind == OutcomeKind.Skipped).ToString());
        Attribute(xml, "time", Seconds(cases.Sum(c => c.Result.Seconds)));
    }

    private static void WriteSuite(XmlWriter xml, RunResult run, ArchiveNames names, string device, IReadOnlyList<Case> cases)
    {
        xml.WriteStartElement("testsuite");
        Attribute(xml, "name", device);
        WriteCounts(xml, cases);
        Attribute(xml, "timestamp", run.Started.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture));
        xml.WriteStartElement("properties");
        foreach (var (name, value) in Properties(run)) WriteProperty(xml, name, value);
        xml.WriteEndElement();
        foreach (var each in cases) WriteCase(xml, names, each);
        xml.WriteEndElement();
    }

    private static IEnumerable<(string Name, string Value)> Properties(RunResult run)
    {
        yield return ("kernel", run.Kernel.Release);
        yield return ("package", run.Kernel.Package ?? "unknown");
        yield return ("config", run.Origin.Config ?? "unknown");
        yield return ("image", run.Origin.Image ?? "unknown");
        yield return ("commit", run.Origin.Commit ?? "unknown");
        yield return ("machine", run.Machine.Kind);
        yield return ("accelerator", run.Machine.Accelerator);
        if (run.Patch is { } patch) yield return ("patch", $"{patch.Subject} (sha256:{patch.Hash})");
        yield return ("command", run.Command);
        foreach (var (module, hash) in run.Kernel.Modules) yield return ($"module.{module}", hash);
    }

    private static void WriteProperty(XmlWriter xml, string name, string value)
    {
        xml.WriteStartElement("property");
        Attribute(xml, "name", name);
        Attribute(xml, "value", value);
        xml.WriteEndElement();
    }

    private static void WriteCase(XmlWriter xml, ArchiveNames names, Case each)
    {
        xml.WriteStartElement("testcase");
        Attribute(xml, "classname", each.Result.Program.Device);
        Attribute(xml, "name", each.Result.Program.Name);
        Attribute(xml, "time", Seconds(each.Result.Seconds));
        var findings = Finding.OfProgram(each.Result, each.Index).ToList();
        if (each.Outcome.IsFailure) WriteBad(xml, "failure", each, FailureText(names, each, findings));
        else if (each.IsError) WriteBad(xml, "error", each, $"{each.Outcome.Reason}\n");
        else if (each.Outcome.Kind == OutcomeKind.Skipped) WriteSkipped(xml, each);
        else if (findings.Count > 0) WriteText(xml, "system-out", Describe(findings));
        if (each.Outcome.IsFailure && each.Result.Console.Length > 0) WriteText(xml, "system-err", string.Join('\n', each.Result.Console) + "\n");
        xml.WriteEndElement();
    }

    private static void WriteBad(XmlWriter xml, string element, Case each, string text)
    {
        xml.WriteStartElement(element);
        Attribute(xml, "type", each.Outcome.Word);
        Attribute(xml, "message", PrintableText.OneLine(each.Outcome.Reason ?? each.Outcome.Word));
        xml.WriteString(PrintableText.ForXml(text));
        xml.WriteEndElement();
    }

    private static void WriteSkipped(XmlWriter xml, Case each)
    {
        xml.WriteStartElement("skipped");
        Attribute(xml, "message", PrintableText.OneLine(each.Outcome.Reason!));
        xml.WriteEndElement();
    }

    private static void WriteText(XmlWriter xml, string element, string text)
    {
        xml.WriteStartElement(element);
        xml.WriteString(PrintableText.ForXml(text));
        xml.WriteEndElement();
    }

    private static string FailureText(ArchiveNames names, Case each, IReadOnlyList<Finding> findings) =>
        $"{Describe(findings)}\n{Smallest(names, each)}{Core.Programs.ProgramText.Print(each.Result.Program)}\n{names.ReplayCommand(each.Index)}\n";

    private static string Smallest(ArchiveNames names, Case each) => each.Result.Counterexample is { } small
        ? $"{CounterexampleText.Write(each.Result, small, names.ReplayCounterexample(each.Index))}\nmade smaller from:\n"
        : "";

    private static string Describe(IEnumerable<Finding> findings)
    {
        var text = new StringBuilder();
        foreach (var finding in findings)
        {
            text.Append($"step {finding.Step} ({finding.StepText}): {finding.Difference}\n");
            text.Append($"rule {finding.Rule.Id}, {finding.Rule.Severity.ToString().ToUpperInvariant()}: {finding.Rule.Text} ({finding.Rule.Reference})\n");
            if (finding.RepeatWords is { } repeats) text.Append($"{repeats}\n");
            if (finding.Known is { } known) text.Append($"known bug: {known.Commit} {known.Title}, fixed in {known.FirstFixed}\n");
        }
        return text.ToString();
    }

    private static void Attribute(XmlWriter xml, string name, string value) => xml.WriteAttributeString(name, PrintableText.ForXml(value));

    private static string Seconds(double seconds) => seconds.ToString("0.000", CultureInfo.InvariantCulture);
}
