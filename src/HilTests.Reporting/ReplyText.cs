using HilTests.Core.Predictions;
using HilTests.Core.Results;

namespace HilTests.Reporting;

/// <summary>A block of text for a reply to the mail with the patch: plain, 76 columns wide where words allow it.</summary>
public static class ReplyText
{
    private const int Width = 76;
    private const int MostShown = 5;

    /// <summary>Writes the block.</summary>
    public static void Write(RunResult run, TextWriter writer)
    {
        if (run.Patch is not { } patch) return;
        var page = new Page(writer);
        page.Paragraph($"I ran this with hil triage on {run.Kernel.Package ?? run.Kernel.Release} ({run.Machine.Kind}, {run.Machine.Accelerator}): the same programs on the modules without and with the patch.");
        page.Paragraph($"{char.ToUpperInvariant(run.Verdict[0])}{run.Verdict[1..]}: {VerdictText.Of(run, RunTotals.Of(run))}.");
        var names = new ArchiveNames(run);
        foreach (var group in Finding.OfRun(run).Where(f => f.Class is not (FindingClass.BothDisagree or FindingClass.Observed)).GroupBy(f => (f.Class, f.Rule.Id)).Take(MostShown))
            Tell(page, run, group.OrderByDescending(f => f.Counterexample is not null).First(), names);
        if (patch.Functions.Length > 0)
        {
            page.Paragraph("Changed functions:");
            foreach (var function in patch.Functions) page.Line($"  {PatchSummary.Words(function)}");
            page.Line("");
        }
        page.Line($"kernel   {run.Kernel.Release}, {run.Kernel.Package ?? "no package"}");
        if (run.Origin.Config is { } config) page.Line($"config   {config}");
        page.Line($"patch    sha256:{patch.Hash}{(patch.BaseCommit is { } commit ? $", made on {commit}" : "")}");
        page.Line($"command  {run.Command}");
    }

    private static void Tell(Page page, RunResult run, Finding finding, ArchiveNames names)
    {
        var severity = finding.Rule.Severity == Severity.Must ? "MUST" : "SHOULD";
        page.Line($"{finding.ClassWord}: {finding.Rule.Id} ({severity}, {finding.Rule.Reference})");
        page.Paragraph(finding.Rule.Text);
        var where = finding.Class == FindingClass.Fixed ? "without the patch, in" : "in";
        page.Line($"  {where} {finding.Program.Name}, step {finding.Step}: {finding.StepText}");
        page.Line($"  allowed   {finding.Allowed}");
        page.Line($"  observed  {finding.Observed}");
        if (finding.RepeatWords is { } repeats) page.Line($"  {repeats}");
        page.Line("");
        var result = finding.ProgramIndex >= 0 ? run.Programs[finding.ProgramIndex] : null;
        if (finding.Class == FindingClass.Broken && result?.Judgement?.Verdict is Core.Judging.Verdict.Crashed && result.Trace is { } trace)
        {
            foreach (var line in trace.EndLines.Take(40)) page.Line($"  {line}");
            page.Line("");
        }
        if (finding.Counterexample is not { } small) return;
        page.Line($"The smallest program that shows it ({names.ReplayCounterexample(finding.ProgramIndex)}):");
        page.Line("");
        foreach (var line in CounterexampleText.Steps(small)) page.Line($"  {line}");
        page.Line("");
    }

    private sealed class Page(TextWriter writer)
    {
        public void Line(string text) => writer.Write(PrintableText.OneLine(text) + "\n");

        public void Paragraph(string text)
        {
            var line = "";
            foreach (var word in PrintableText.OneLine(text).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (line.Length > 0 && line.Length + 1 + word.Length > Width)
                {
                    writer.Write(line + "\n");
                    line = "";
                }
                line = line.Length == 0 ? word : $"{line} {word}";
            }
            writer.Write(line + "\n\n");
        }
    }
}
