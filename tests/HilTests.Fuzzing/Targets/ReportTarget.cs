using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using HilTests.Cli.Running;
using HilTests.Core.Kernel;
using HilTests.Core.Results;
using HilTests.Lab.Machines;
using HilTests.Models;
using HilTests.Reporting;
using HilTests.Reporting.Html;

namespace HilTests.Fuzzing.Targets;

/// <summary>Reports of what a guest sent: each format stays whole, nothing commands a terminal or a page.</summary>
internal sealed partial class ReportTarget : FuzzTarget
{
    private static readonly string[] Traces = [.. SeedCorpus.Traces];

    public override string Name => "report";

    public override int Share => 3;

    public override IReadOnlyList<byte[]> Corpus { get; } = SeedCorpus.Bytes([.. SeedCorpus.Traces, .. SeedCorpus.Consoles]);

    public override IReadOnlyList<string> Words => SeedCorpus.Words;

    public override void Feed(byte[] message)
    {
        var run = RunOf(Encoding.UTF8.GetString(message));
        CheckXml(Written(run, JUnitReport.Write), "JUnit");
        CheckXml(Elements(Written(run, HtmlReport.Write)), "HTML");
        using (JsonDocument.Parse(Written(run, JsonReport.Write)))
        {
        }
        CheckPlain(Written(run, KtapReport.Write), "KTAP");
        CheckPlain(Written(run, static (r, w) => TextSummary.Write(r, w, new SummaryOptions { Verbose = true })), "summary");
    }

    private static RunResult RunOf(string text)
    {
        var program = SeedCorpus.ProgramOf(Traces[text.Length % Traces.Length]);
        var planned = new PlannedProgram(program, ModelRegistry.Get(program.Device).Model);
        var profile = KernelProfile.Of(("release", Core.Values.Value.Text(First(text))));
        var lines = text.Split('\n').ToImmutableArray();
        var results = new[]
        {
            ReplyReader.Read(planned, new AgentReply(text, new AgentOutcome.Completed()), profile, strict: true),
            ReplyReader.Read(planned, new AgentReply("", new AgentOutcome.MachineLost(new MachineLoss(MachineLossKind.Panic, First(text)))), profile, strict: true),
            ReplyReader.Read(planned, new AgentReply("", new AgentOutcome.AgentError(text)), profile, strict: true),
        };
        return new RunResult
        {
            Started = DateTimeOffset.UnixEpoch,
            Command = "hil run",
            Kernel = new KernelFacts("bookworm", First(text), null, ImmutableSortedDictionary<string, string>.Empty),
            Machine = new Core.Results.MachineFacts("qemu", "tcg", 2, 512, null),
            Profile = profile,
            Timings = new RunTimings(0, 0, 0, 0),
            Programs = [.. results.Select(r => r.Result with { Console = lines })],
            Infrastructure = results.Select(r => r.Infrastructure).FirstOrDefault(i => i is not null),
            Console = text,
            Strict = true,
        };
    }

    private static string First(string text) => text[..Math.Min(200, text.Length)];

    private static string Written(RunResult run, Action<RunResult, TextWriter> write)
    {
        var writer = new StringWriter();
        write(run, writer);
        return writer.ToString();
    }

    /// <summary>The page is XML too, but for what stands in script and style elements.</summary>
    private static string Elements(string page) => RawText().Replace(page["<!DOCTYPE html>".Length..], "<$1></$1>");

    [GeneratedRegex(@"<(script|style)[^>]*>.*?</\1>", RegexOptions.Singleline)]
    private static partial Regex RawText();

    private static void CheckXml(string text, string format)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
            while (reader.Read())
            {
            }
        }
        catch (XmlException e)
        {
            throw new FuzzException($"the {format} report is not whole: {e.Message}", e);
        }
    }

    private static void CheckPlain(string text, string format)
    {
        foreach (var c in text)
            if (c != '\n' && char.IsControl(c)) throw new FuzzException($"the {format} report holds the control character U+{(int)c:x4}");
    }
}
