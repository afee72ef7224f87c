using System.Globalization;

namespace HilTests.Reporting.Auditing;

/// <summary>The kill matrix as Markdown, which is also what a terminal shows.</summary>
public static class AuditText
{
    /// <summary>Totals in a few lines.</summary>
    public static void WriteTotals(AuditResult audit, TextWriter writer)
    {
        var harmless = audit.Mutants.Where(m => m.IsHarmless).ToList();
        var caught = audit.Mutants.Where(m => m.Fate == MutantFate.Caught).Select(m => m.Seconds).Order().ToList();
        long claims = audit.Mutants.Sum(m => m.Claims), exact = audit.Mutants.Sum(m => m.ExactClaims);
        writer.WriteLine($"wrong        {audit.Caught} of {audit.Catchable} caught{Also(audit)}");
        writer.WriteLine($"harmless     {harmless.Count(m => m.Fate == MutantFate.Conforms)} of {harmless.Count} conform");
        if (audit.Count(MutantFate.NotTried) is > 0 and var failed) writer.WriteLine($"not tried    {failed}, for reasons of our own");
        if (caught.Count > 0)
            writer.WriteLine(Text($"time         to catch: median {caught[caught.Count / 2]:0.00} s, longest {caught[^1]:0.0} s of device time (limit {audit.Limit.TotalSeconds:0.#} s)"));
        writer.WriteLine(Text($"build, swap  median {Median(audit.Mutants.Select(m => m.BuildSeconds)):0.0} s and {Median(audit.Mutants.Select(m => m.SwapSeconds)):0.00} s; machines {audit.Machines}; all {audit.Seconds:0} s"));
        writer.WriteLine(Text($"programs     {audit.Mutants.Sum(m => m.Programs)} judged, {audit.Mutants.Sum(m => m.Inconclusive)} inconclusive; {claims} claims, {(claims == 0 ? 0 : 100.0 * exact / claims):0.0} % exact"));
        writer.WriteLine($"kernel       {audit.Kernel}; generated programs from seed {audit.Seed}");
        if (audit.Interrupted) writer.WriteLine($"interrupted  {audit.Mutants.Length} of {audit.Planned} were tried");
    }

    /// <summary>The whole report.</summary>
    public static void WriteMarkdown(AuditResult audit, TextWriter writer)
    {
        writer.WriteLine("# Kill matrix\n\n```");
        writer.WriteLine($"{audit.Command}\n");
        WriteTotals(audit, writer);
        writer.WriteLine("```");
        foreach (var device in audit.Mutants.Select(m => m.Device).Distinct())
        {
            var mutants = audit.Mutants.Where(m => m.Device == device).ToList();
            WriteCaught(device, [.. mutants.Where(m => m is { IsHarmless: false, Fate: MutantFate.Caught })], writer);
            WriteOthers($"{device}: survived", [.. mutants.Where(m => m.Fate == MutantFate.Survived)], writer);
            WriteOthers($"{device}: not tried", [.. mutants.Where(m => m.Fate == MutantFate.NotTried)], writer);
            WriteOthers($"{device}: harmless", [.. mutants.Where(m => m.IsHarmless && m.Fate != MutantFate.NotTried)], writer);
        }
    }

    /// <summary>What a mutant came to, in a few words.</summary>
    public static string Words(AuditedMutant mutant) => mutant.Fate switch
    {
        MutantFate.Caught => $"caught: {mutant.Verdict} in {mutant.Program}, {mutant.Rule}",
        MutantFate.Survived when mutant.Equivalent.Length > 0 => $"equivalent: {mutant.Equivalent}",
        MutantFate.Survived when mutant.Survives.Length > 0 => $"survived: {mutant.Survives}",
        MutantFate.Survived when mutant.Detail.Length > 0 => $"survived; {mutant.Detail}",
        MutantFate.Survived => "survived",
        MutantFate.Conforms => "conforms",
        MutantFate.FalseAlarm => $"false alarm: {mutant.Verdict} in {mutant.Program}, {mutant.Rule}: {mutant.Detail}",
        _ => $"not tried: {mutant.Detail}",
    };

    private static void WriteCaught(string device, List<AuditedMutant> mutants, TextWriter writer)
    {
        if (mutants.Count == 0) return;
        writer.WriteLine($"\n## {device}: caught\n\n| mutant | what it breaks | verdict | program | rule | s |\n|---|---|---|---|---|---|");
        foreach (var m in mutants)
            writer.WriteLine(Text($"| {m.Name} | {Cell(m.Description)} | {m.Verdict}{Repeats(m)} | {Cell(m.Program)} | {Cell(m.Rule)} | {m.Seconds:0.00} |"));
    }

    private static void WriteOthers(string title, List<AuditedMutant> mutants, TextWriter writer)
    {
        if (mutants.Count == 0) return;
        writer.WriteLine($"\n## {title}\n\n| mutant | what it changes | outcome | programs | claims | s |\n|---|---|---|---|---|---|");
        foreach (var m in mutants)
            writer.WriteLine(Text($"| {m.Name} | {Cell(m.Description)} | {Cell(Words(m))}{Repeats(m)} | {m.Programs} | {m.Claims} | {m.Seconds:0.0} |"));
    }

    private static string Repeats(AuditedMutant m) => m.Repeats is { } r ? $" (seen again {r.Seen} of {r.Runs} times)" : "";

    private static string Also(AuditResult audit)
    {
        int equivalent = audit.Mutants.Count(m => m is { Fate: MutantFate.Survived, Equivalent.Length: > 0 });
        int survived = audit.Mutants.Count(m => m is { Fate: MutantFate.Survived, Equivalent.Length: 0 });
        return $"; {survived} survived{(equivalent > 0 ? $"; {equivalent} more are equivalent" : "")}";
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? 0 : sorted[sorted.Count / 2];
    }

    private static string Cell(string text) => PrintableText.OneLine(text).Replace("|", "\\|", StringComparison.Ordinal);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
