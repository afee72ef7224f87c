using System.Globalization;
using System.Text;
using HilTests.Core.Judging;
using HilTests.Core.Programs;
using HilTests.Core.Results;
using HilTests.Core.Shrinking;

namespace HilTests.Reporting;

/// <summary>A small program as text: a program file whose comments mark the first wrong step and say what is wrong there.</summary>
public static class CounterexampleText
{
    /// <summary>How it was found, one line: <c>31 steps became 9 in 4.2 s, 180 programs tried; seen on a fresh machine</c>.</summary>
    public static string Summary(ProgramResult result, Counterexample counterexample)
    {
        var ended = counterexample.Ended ? "" : ", then the time was up";
        var fresh = (counterexample.Fresh.Seen, counterexample.Fresh.Runs) switch
        {
            (0, var runs) => $"not seen on {runs} fresh machines",
            (_, 1) => "seen on a fresh machine",
            var (seen, runs) => $"seen {seen} of {runs} times on fresh machines",
        };
        return string.Create(CultureInfo.InvariantCulture,
            $"{result.Program.Steps.Length} steps became {counterexample.Program.Steps.Length} in {counterexample.Seconds:0.0} s, {counterexample.Tried} programs tried{ended}; {fresh}");
    }

    /// <summary>A program file: the program, with comments on how it was found and what is wrong.</summary>
    public static string Write(ProgramResult result, Counterexample counterexample, string replay)
    {
        var lines = ProgramText.Print(counterexample.Program).TrimEnd('\n').Split('\n');
        var text = new StringBuilder();
        text.Append(lines[0]).Append('\n');
        text.Append(Comment(Summary(result, counterexample))).Append('\n');
        text.Append(Comment($"run it again: {replay}")).Append('\n');
        foreach (var line in lines[1..^counterexample.Program.Steps.Length].Concat(Steps(counterexample))) text.Append(line).Append('\n');
        return text.ToString();
    }

    /// <summary>The steps, a line each; the first wrong one has a comment before it, and what was allowed, observed and broken behind it.</summary>
    public static IEnumerable<string> Steps(Counterexample counterexample)
    {
        var (program, verdict) = (counterexample.Program, counterexample.Judgement.Verdict);
        var wrong = DivergenceClass.WrongStep(verdict);
        for (var step = 1; step <= program.Steps.Length; step++)
        {
            if (step == wrong) yield return Comment($"the first wrong step, number {wrong}:");
            yield return ProgramText.PrintStep(program.Device, program.Steps[step - 1]);
            if (step != wrong) continue;
            foreach (var line in Explain(verdict)) yield return Comment("  " + line);
        }
        // A kernel that dies after the last step.
        if (wrong <= program.Steps.Length) yield break;
        foreach (var line in Explain(verdict)) yield return Comment(line);
    }

    private static IEnumerable<string> Explain(Verdict verdict) => verdict switch
    {
        Verdict.Diverges { Discrepancy: var wrong } =>
        [
            $"allowed   {wrong.Field} = {wrong.Allowed}",
            $"observed  {wrong.Field} = {wrong.Observed}",
            $"rule      {wrong.Rule.Id}: {wrong.Rule.Text} ({wrong.Rule.Reference})",
        ],
        Verdict.Crashed crashed => [$"observed  {crashed.Title}", $"rule      {Finding.Survives.Id}: {Finding.Survives.Text}"],
        Verdict.Hung hung => [$"observed  no return: {hung.Where}", $"rule      {Finding.ComesBack.Id}: {Finding.ComesBack.Text}"],
        _ => [],
    };

    private static string Comment(string line) => "# " + PrintableText.OneLine(line);
}
