using System.Collections.Immutable;
using HilTests.Core.Kernel;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Traces;

namespace HilTests.Core.Judging;

/// <summary>Compares a trace with a model. Pure; an archived trace gives the same judgement again.</summary>
public static class Judge
{
    /// <summary>Judges a trace.</summary>
    /// <param name="trace">what was observed</param>
    /// <param name="model">the model of the trace's device</param>
    /// <param name="strict">whether known bugs count like any other divergence</param>
    /// <exception cref="ProfileException">when the trace's profile lacks what the model needs</exception>
    /// <exception cref="ArgumentException">when the model is of another device, or the agent failed (not the kernel)</exception>
    public static Judgement Decide(Trace trace, IDeviceModel model, bool strict = false)
    {
        if (model.Device != trace.Program.Device)
            throw new ArgumentException($"a {trace.Program.Device} trace cannot be judged by the {model.Device} model", nameof(model));
        if (trace.End == TraceEnd.AgentFailed)
            throw new ArgumentException($"the agent failed, this trace says nothing about the kernel: {string.Join("; ", trace.EndLines)}", nameof(trace));
        var bugs = strict ? ImmutableDictionary<string, KnownBug>.Empty : KnownBugs.Of(trace.Profile);
        var steps = ImmutableArray.CreateBuilder<StepJudgement>();
        var remarks = ImmutableArray.CreateBuilder<Remark>();
        Verdict? verdict = null;
        var run = model.Begin(trace.Profile, trace.Program);
        foreach (var (step, observation) in trace.Entries)
        {
            if (observation is null) break;
            var judged = run.Advance(step, observation, rule => bugs.TryGetValue(rule.Id, out var bug) && !bug.StateLost);
            steps.Add(judged);
            AddRemarks(remarks, judged, trace.Program.Device, step, steps.Count, bugs);
            if (judged.Inconclusive is { } why) verdict = new Verdict.Inconclusive($"step {steps.Count}: {why}");
            if (judged.Discrepancy is { } wrong)
            {
                var described = Describe(wrong, trace.Program.Device, step, steps.Count);
                if (bugs.GetValueOrDefault(wrong.Rule.Id) is { } known)
                {
                    // Whatever comes after it cannot be told apart from the bug's own consequences.
                    remarks.Add(new Remark(described, known));
                    break;
                }
                verdict = new Verdict.Diverges(described);
            }
            if (verdict is not null) break;
        }
        return new Judgement { Verdict = verdict as Verdict.Diverges ?? Ending(trace) ?? verdict ?? new Verdict.Conforms(), Steps = steps.ToImmutable(), Remarks = remarks.ToImmutable() };
    }

    private static Verdict? Ending(Trace trace)
    {
        return trace.End switch
        {
            TraceEnd.Crashed => new Verdict.Crashed(trace.EndLines.FirstOrDefault("the kernel died; nothing says of what"), trace.Entries.Count(e => e.Observation is not null) + 1),
            TraceEnd.Hung => new Verdict.Hung(trace.Entries.Length, string.Join(" < ", trace.EndLines)),
            TraceEnd.Complete when !IsWhole(trace) => new Verdict.Inconclusive("the trace says that it is complete, but its steps are not those of the program"),
            TraceEnd.Cut => new Verdict.Inconclusive($"the trace ends after step {trace.Entries.Length} of {trace.Program.Steps.Length}"),
            _ => null,
        };
    }

    private static bool IsWhole(Trace trace) => trace.Entries.Length == trace.Program.Steps.Length
        && trace.Entries.Zip(trace.Program.Steps).All(pair => pair.First.Observation is not null && pair.First.Step.Equals(pair.Second));

    private static void AddRemarks(
        ImmutableArray<Remark>.Builder remarks, StepJudgement judged, string device, Step step, int number, IReadOnlyDictionary<string, KnownBug> bugs)
    {
        foreach (var claim in judged.Claims)
        {
            if (claim.Satisfied || claim.Equals(judged.Discrepancy)) continue;
            var known = bugs.GetValueOrDefault(claim.Rule.Id);
            // One that loses the state is a finding of its own, once.
            if (known is { StateLost: true }) continue;
            if (known is not null || claim.Rule.Severity == Severity.Should)
                remarks.Add(new Remark(Describe(claim, device, step, number), known));
        }
    }

    private static Discrepancy Describe(ClaimResult claim, string device, Step step, int number) =>
        new(number, ProgramText.PrintStep(device, step), claim.Field, claim.Allowed, claim.Observed, claim.Rule);
}
