using System.Globalization;
using HilTests.Core.Predictions;
using HilTests.Core.Results;

namespace HilTests.Reporting;

/// <summary>How the summary is written.</summary>
public sealed record SummaryOptions
{
    /// <summary>Lists what is otherwise only counted: SHOULD findings, never-used rules, programs that were not run.</summary>
    public bool Verbose { get; init; }

    public bool Colour { get; init; }
}

/// <summary>What a developer reads first: the verdict, what the run was, each finding in a few lines.</summary>
public static class TextSummary
{
    private const int MostFindings = 10;
    private const int MostOtherPrograms = 4;
    private const int MostLosses = 3;

    /// <summary>A smallest program of more steps is left to the report.</summary>
    private const int LongestShown = 40;

    /// <summary>Writes the summary as lines of plain text. No control character of a program or console gets through.</summary>
    public static void Write(RunResult run, TextWriter writer, SummaryOptions options)
    {
        var page = new Page(run, writer, options);
        page.WriteVerdict();
        page.WriteFacts();
        if (run.Patch is not null) new PatchSummary(run, writer, options).Write();
        page.WriteFindings();
        page.WriteKnownBugs();
        page.WriteShould();
        page.WriteNotRun();
        page.WriteTraffic();
        page.WriteCoverage();
    }

    private sealed class Page(RunResult run, TextWriter writer, SummaryOptions options)
    {
        private readonly Palette _palette = new(options.Colour);
        private readonly RunTotals _totals = RunTotals.Of(run);
        private readonly ArchiveNames _names = new(run);
        private readonly IReadOnlyList<Finding> _findings = Finding.Of(run);

        public void WriteVerdict()
        {
            var word = run.Verdict switch
            {
                "conforms" => _palette.Good("conforms"),
                "inconclusive" or "infrastructure" or "patch-unusable" => _palette.Doubtful(run.Verdict),
                var bad => _palette.Bad(bad),
            };
            Line($"{_palette.Strong(word)}: {VerdictText.Of(run, _totals)}");
            Line("");
        }

        public void WriteFacts()
        {
            var package = run.Kernel.Package is { } name ? $" ({name})" : "";
            Fact("kernel", $"{run.Kernel.Release}{package}");
            var slowdown = run.Machine.Slowdown is { } factor ? $", {factor:0.0} times slower than the host" : "";
            Fact("machine", $"{run.Machine.Kind}, {run.Machine.Accelerator}, {run.Machine.Cpus} CPUs, {run.Machine.MemoryMiB} MiB{slowdown}");
            if (run.Seed is { } seed) Fact("seed", $"{seed}; with --seed {seed} the same programs are made again");
            Fact("programs", $"{run.Programs.Length}: {_totals.OutcomeWords()}");
            Fact("time", string.Create(CultureInfo.InvariantCulture,
                $"{run.Timings.Total:0.0} s (build {run.Timings.Build:0.0}, boot {run.Timings.Boot:0.0}, run {run.Timings.Run:0.0})"));
            if (run.Infrastructure is { } infrastructure) Fact("broken", infrastructure);
            foreach (var loss in run.Losses.Take(MostLosses)) Fact("lost", loss.Words);
            if (run.Losses.Length > MostLosses) Fact("lost", $"and {run.Losses.Length - MostLosses} more machines; `losses` in result.json has all");
            if (run.Interrupted) Fact("broken", "interrupted; this is what was found so far");
        }

        public void WriteFindings()
        {
            var groups = _findings.Where(f => f.Counts).GroupBy(f => (f.Rule.Id, f.Field, f.Rule == Finding.Survives ? f.Observed : "")).ToList();
            foreach (var group in groups.Take(MostFindings)) WriteGroup([.. group]);
            if (groups.Count <= MostFindings) return;
            Line("");
            Line($"… and {groups.Count - MostFindings} more, all in the report");
        }

        private void WriteGroup(IReadOnlyList<Finding> group)
        {
            var first = group[0];
            Line("");
            Line($"{_palette.Bad(first.Rule.Id)}  {_palette.Strong(first.Program.Device)} {Safe(first.Program.Name)}, step {first.Step}: {Safe(first.StepText)}");
            Line($"    {Safe(first.Difference)}");
            Line($"    {_palette.Faint(Safe($"{first.Rule.Text} ({first.Rule.Reference})"))}");
            if (first.RepeatWords is { } repeats) Line($"    {repeats}");
            if (group.Count > 1) Line($"    also in {Safe(OtherPrograms(group))}");
            Line($"    {_names.ReplayCommand(first.ProgramIndex)}");
            if (group.FirstOrDefault(f => f.Counterexample is not null) is { } shrunk) WriteCounterexample(shrunk);
        }

        private void WriteCounterexample(Finding finding)
        {
            var result = run.Programs[finding.ProgramIndex];
            var small = finding.Counterexample!;
            Line($"    smallest program ({Safe(finding.Program.Name)}): {Safe(CounterexampleText.Summary(result, small))}");
            if (small.Fresh.Seen > 0 && (options.Verbose || small.Program.Steps.Length <= LongestShown))
            {
                foreach (var line in CounterexampleText.Steps(small))
                    Line($"      {(line.StartsWith('#') ? _palette.Faint(Safe(line)) : Safe(line))}");
            }
            Line($"    {_names.ReplayCounterexample(finding.ProgramIndex)}");
        }

        private static string OtherPrograms(IReadOnlyList<Finding> group)
        {
            var others = group.Skip(1).Select(f => f.Program.Name).ToList();
            var named = string.Join(", ", others.Take(MostOtherPrograms));
            return others.Count > MostOtherPrograms ? $"{named} and {others.Count - MostOtherPrograms} more" : named;
        }

        public void WriteKnownBugs()
        {
            var bugs = _findings.Where(f => f.Known is not null && f.Class is FindingClass.Observed).GroupBy(f => f.Rule.Id).ToList();
            if (bugs.Count > 0) Line("");
            foreach (var group in bugs)
            {
                var bug = group.First().Known!;
                Fact("known bug", $"{group.Key} in {Programs(group)}: fixed in {bug.FirstFixed} by {bug.Commit ?? "a commit not identified"} ({bug.Title}){(bug.StateLost ? "; the rest of a program is not judged" : "")}");
            }
        }

        public void WriteShould()
        {
            var should = _findings.Where(f => f.Known is null && f.Rule.Severity == Severity.Should && f.Class is FindingClass.Observed).ToList();
            if (should.Count == 0) return;
            var rules = should.GroupBy(f => f.Rule.Id).ToList();
            Line("");
            Fact("should", $"{should.Count} {(should.Count == 1 ? "finding" : "findings")} of {rules.Count} SHOULD {(rules.Count == 1 ? "rule" : "rules")}; the verdict does not depend on them");
            if (!options.Verbose) return;
            foreach (var rule in rules) Fact("", $"{rule.Key} in {Programs(rule)}: {rule.First().Difference}");
        }

        public void WriteNotRun()
        {
            if (!options.Verbose) return;
            foreach (var (result, outcome) in run.Programs.Select(p => (p, ProgramOutcome.Of(run, p))))
            {
                if (outcome.Kind is OutcomeKind.Skipped or OutcomeKind.NotRun or OutcomeKind.Inconclusive)
                    Fact(outcome.Word, $"{result.Program.Device} {result.Program.Name}: {outcome.Reason}");
            }
        }

        /// <summary>The quickest of each direction; with everything, all.</summary>
        public void WriteTraffic()
        {
            var measures = TrafficMeasure.Of(run);
            if (measures.Count == 0) return;
            Line("");
            var shown = options.Verbose ? measures : [.. measures.GroupBy(m => m.Direction).Select(g => g.MaxBy(m => m.FramesPerSecond)!)];
            foreach (var measure in shown) Fact("traffic", $"{measure.Program}: {measure.Words}");
            if (shown.Count < measures.Count) Fact("", $"the quickest of {measures.Count}; all are in the report");
        }

        public void WriteCoverage()
        {
            Line("");
            Fact("rules", $"{_totals.RulesUsed} of {_totals.Rules.Count} used");
            if (options.Verbose)
                foreach (var never in _totals.Rules.Where(r => r.Uses == 0)) Fact("", $"never used: {never.Rule.Id}");
            if (_totals.Transitions.Count > 0) Fact("transitions", $"{_totals.TransitionsTaken} of {_totals.Transitions.Count} taken");
            if (options.Verbose)
                foreach (var never in _totals.Transitions.Where(t => t.Uses == 0)) Fact("", $"never taken: {never.Transition}");
            Fact("claims", string.Create(CultureInfo.InvariantCulture, $"{_totals.Claims}, {_totals.ExactShare:0.0%} with exactly one admissible value"));
            if (_totals.Signals.Used > 0)
                Fact("signals", string.Create(CultureInfo.InvariantCulture, $"{_totals.Signals.Signals} for {_totals.Signals.Used} used buffers; {_totals.Signals.Spurious} spurious, {_totals.Signals.SpuriousPerThousand:0.###} per 1000 used buffers"));
            if (run is { Folder: not null, Patch: not null }) Fact("for a mail", _names.InFolder(ArchiveNames.ReplyFile));
            if (run.Folder is not null) Fact("report", _names.InFolder(ArchiveNames.ReportFile));
        }

        private static string Programs(IEnumerable<Finding> findings)
        {
            var count = findings.Select(f => f.ProgramIndex).Distinct().Count();
            return count == 1 ? findings.First().Program.Name : $"{count} programs";
        }

        private void Fact(string label, string text) => Line($"{label,-12}  {Safe(text)}");

        private void Line(string text) => writer.Write(text + "\n");

        private static string Safe(string text) => PrintableText.OneLine(text);
    }
}
