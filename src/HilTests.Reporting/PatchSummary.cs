using System.Globalization;
using HilTests.Core.Results;

namespace HilTests.Reporting;

/// <summary>The part of the summary about a patch: what it is, what it fixes or changes, and what the programs came to where nothing differs.</summary>
internal sealed class PatchSummary(RunResult run, TextWriter writer, SummaryOptions options)
{
    private const int MostFunctions = 12;

    private readonly PatchRecord _patch = run.Patch!;
    private readonly IReadOnlyList<Finding> _findings = Finding.OfRun(run);

    /// <summary>Writes the lines.</summary>
    public void Write()
    {
        Fact("patch", _patch.Subject);
        foreach (var author in _patch.Patches.Select(p => p.Author).OfType<string>().Distinct()) Fact("from", author);
        if (_patch.Patches.Length > 1) Fact("series", $"{_patch.Patches.Length} patches");
        if (_patch.Files.Length > 0) Fact("files", string.Join(", ", _patch.Files.Take(8)) + (_patch.Files.Length > 8 ? $" and {_patch.Files.Length - 8} more" : ""));
        foreach (var note in _patch.Notes) Fact("note", note);
        if (_patch.VerdictSeconds > 0)
        {
            var phases = string.Join(", ", _patch.Phases.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Phase} {p.Seconds:0.0}")));
            Fact("verdict", string.Create(CultureInfo.InvariantCulture, $"after {_patch.VerdictSeconds:0.0} s{(phases.Length > 0 ? $" ({phases})" : "")}"));
        }
        if (_patch.Unusable is not null) return;
        foreach (var function in _patch.Functions.Take(MostFunctions)) Fact("function", Words(function));
        if (_patch.Functions.Length > MostFunctions) Fact("", $"and {_patch.Functions.Length - MostFunctions} more changed functions; all are in the report");
        if (_patch.Turns > 0) Fact("turns", $"{_patch.Turns} of stock and patched, the same programs on both");
        Groups(FindingClass.Fixed, "fixed");
        Groups(FindingClass.ChangedWithinEnvelope, "changed");
        Groups(FindingClass.BothDisagree, "both wrong");
    }

    /// <summary>Whether a function was reached, in words.</summary>
    internal static string Words(ReachedFunction function)
    {
        var reached = function.Calls switch
        {
            null => "whether it was reached cannot be told",
            0 => "not reached by any program",
            1 => "called once",
            var calls => $"called {calls} times",
        };
        var via = function.Via.Length > 0 ? $" (inlined; counted are {function.Via})" : "";
        return $"{function.Name} in {function.File}: {reached}{via}";
    }

    private void Groups(FindingClass kind, string label)
    {
        foreach (var group in _findings.Where(f => f.Class == kind).GroupBy(f => f.Rule.Id))
        {
            var first = group.First();
            var programs = group.Select(f => f.Program.Name).Distinct().ToList();
            var known = first.Known is { } bug ? $"; a known bug, fixed in {bug.FirstFixed}" : "";
            Fact(label, $"{group.Key} in {(programs.Count == 1 ? programs[0] : $"{programs.Count} programs")}{known}");
            if (kind == FindingClass.BothDisagree && first.Known is not null && !options.Verbose) continue;
            Fact("", $"{first.Program.Name}, step {first.Step}: {first.StepText}");
            Fact("", kind == FindingClass.Fixed ? $"without the patch: {first.Difference}" : first.Difference);
        }
    }

    private void Fact(string label, string text) => writer.Write($"{label,-12}  {PrintableText.OneLine(text)}\n");
}
