using HilTests.Core.Results;

namespace HilTests.Reporting;

/// <summary>
/// KTAP version 1 (Documentation/dev-tools/ktap.rst): one group of subtests a device, one test a program, always
/// with a plan, so that a reader notices what is missing.
/// </summary>
public static class KtapReport
{
    /// <summary>Writes the whole report.</summary>
    public static void Write(RunResult run, TextWriter writer)
    {
        var names = new ArchiveNames(run);
        var groups = run.Programs.Select((result, index) => (result, index)).GroupBy(p => p.result.Program.Device).ToList();
        writer.Write("KTAP version 1\n");
        if (run.Patch?.Unusable is { } unusable) writer.Write($"1..0 # SKIP the patch cannot be used: {Description(unusable)}\n");
        else writer.Write($"1..{groups.Count}\n");
        if (run.Patch is { } patch) Comment(writer, "", $"patch: {patch.Subject}");
        foreach (var finding in run.Patch is null ? [] : Finding.OfRun(run)) Comment(writer, "", $"{finding.ClassWord}: {finding.Rule.Id}: {finding.Difference}");
        Comment(writer, "", $"kernel {run.Kernel.Release}, {run.Machine.Kind} with {run.Machine.Accelerator}");
        if (run.Infrastructure is { } infrastructure) Comment(writer, "", $"infrastructure: {infrastructure}");
        foreach (var loss in run.Losses) Comment(writer, "", $"lost {loss.Words}");
        var number = 0;
        foreach (var group in groups) WriteDevice(run, writer, names, ++number, group.Key, [.. group]);
    }

    private static void WriteDevice(
        RunResult run, TextWriter writer, ArchiveNames names, int number, string device, IReadOnlyList<(ProgramResult Result, int Index)> programs)
    {
        writer.Write("  KTAP version 1\n");
        writer.Write($"  1..{programs.Count}\n");
        var bad = 0;
        var skipped = 0;
        for (var i = 0; i < programs.Count; i++)
        {
            var (result, index) = programs[i];
            var outcome = ProgramOutcome.Of(run, result);
            foreach (var finding in Finding.OfProgram(result, index)) WriteFinding(writer, result, finding, names);
            writer.Write("  " + ResultLine(i + 1, result, outcome) + "\n");
            if (!IsOk(outcome)) bad++;
            if (outcome.Kind == OutcomeKind.Skipped) skipped++;
        }
        var directive = skipped == programs.Count ? " # SKIP every program was skipped" : "";
        writer.Write($"{(bad == 0 ? "ok" : "not ok")} {number} {Description(device)}{directive}\n");
    }

    private static void WriteFinding(TextWriter writer, ProgramResult result, Finding finding, ArchiveNames names)
    {
        var label = finding.Known is { } known
            ? $"known bug, fixed in {known.FirstFixed} ({known.Commit ?? "commit not identified"} {known.Title})"
            : finding.Rule.Severity.ToString().ToUpperInvariant();
        Comment(writer, "  ", $"{finding.Program.Name}: step {finding.Step} ({finding.StepText}): {finding.Difference}");
        Comment(writer, "  ", $"{finding.Program.Name}: {label}: {finding.Rule.Id}: {finding.Rule.Text} ({finding.Rule.Reference})");
        if (finding.RepeatWords is { } repeats) Comment(writer, "  ", $"{finding.Program.Name}: {repeats}");
        Comment(writer, "  ", $"{finding.Program.Name}: {names.ReplayCommand(finding.ProgramIndex)}");
        if (finding.Counterexample is not { } small) return;
        Comment(writer, "  ", $"{finding.Program.Name}: smallest program: {CounterexampleText.Summary(result, small)}");
        foreach (var line in CounterexampleText.Steps(small)) Comment(writer, "  ", $"{finding.Program.Name}:   {line}");
        Comment(writer, "  ", $"{finding.Program.Name}: {names.ReplayCounterexample(finding.ProgramIndex)}");
    }

    private static bool IsOk(ProgramOutcome outcome) => outcome.Kind is OutcomeKind.Conforms or OutcomeKind.Skipped or OutcomeKind.AsStock;

    private static string ResultLine(int number, ProgramResult result, ProgramOutcome outcome)
    {
        var reason = PrintableText.OneLine(outcome.Reason ?? "").Replace('#', '+');
        var tail = outcome.Kind switch
        {
            OutcomeKind.Conforms => "",
            OutcomeKind.Skipped => $" # SKIP {reason}",
            OutcomeKind.Hung => $" # TIMEOUT {reason}",
            OutcomeKind.Inconclusive => $" # ERROR inconclusive: {reason}",
            OutcomeKind.NotRun => $" # ERROR {reason}",
            _ => $" # {outcome.Word}: {reason}",
        };
        return $"{(IsOk(outcome) ? "ok" : "not ok")} {number} {Description(result.Program.Name)}{tail}";
    }

    /// <summary>A description must not hold the hash sign that begins a directive.</summary>
    private static string Description(string name) => PrintableText.OneLine(name).Replace('#', '+').Trim();

    private static void Comment(TextWriter writer, string indent, string text) =>
        writer.Write($"{indent}# {PrintableText.OneLine(text)}\n");
}
