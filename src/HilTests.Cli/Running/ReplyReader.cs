using System.Collections.Immutable;
using HilTests.Core.Judging;
using HilTests.Core.Kernel;
using HilTests.Core.Results;
using HilTests.Core.Traces;
using HilTests.Core.Values;
using HilTests.Lab.Diagnosis;
using HilTests.Lab.Machines;

namespace HilTests.Cli.Running;

/// <summary>What a reply came to.</summary>
/// <param name="Result">the program with its trace and, where it could be judged, its judgement</param>
/// <param name="Infrastructure">what went wrong on our own side; null where nothing did</param>
/// <param name="IsMachineSpent">whether the machine takes no more programs: it is lost, or a step hangs in it</param>
internal sealed record ReadReply(ProgramResult Result, string? Infrastructure, bool IsMachineSpent);

/// <summary>Turns what a machine answered into a judged result. A lost machine is a verdict only where the kernel died.</summary>
internal static class ReplyReader
{
    private const int LongestQuote = 400;

    /// <summary>Reads and judges one reply.</summary>
    /// <param name="planned">the program that was sent</param>
    /// <param name="reply">what came back</param>
    /// <param name="profile">the kernel, for a trace that was cut before its first line</param>
    /// <param name="strict">whether known bugs count</param>
    /// <param name="fellSilent">whether another machine fell silent or stood still with this very program: then it is the kernel's doing</param>
    public static ReadReply Read(PlannedProgram planned, AgentReply reply, KernelProfile profile, bool strict, bool fellSilent = false)
    {
        var result = new ProgramResult { Program = planned.Program };
        switch (reply.Outcome)
        {
            case AgentOutcome.AgentError error:
                return new ReadReply(result, $"the agent could not run {Describe(planned)}: {error.Text}", false);
            case AgentOutcome.MachineLost { Cause: var cause } when IsDeath(cause, fellSilent):
                return Judged(planned, result, Died(Parse(planned, reply, profile), cause), strict) with { IsMachineSpent = true };
            case AgentOutcome.MachineLost { Cause: { Kind: MachineLossKind.ChannelSilent } silence } when fellSilent:
                var hung = Parse(planned, reply, profile) with { End = TraceEnd.Hung, EndLines = [$"two machines in a row fell silent here: {silence.Title}"] };
                return Judged(planned, result, hung, strict) with { IsMachineSpent = true };
            case AgentOutcome.MachineLost { Cause: var loss }:
                var cut = Parse(planned, reply, profile);
                return new ReadReply(
                    result with { Trace = cut with { EndLines = [$"the machine was lost ({loss.Kind}): {loss.Title}"] } },
                    $"the machine was lost in {Describe(planned)}, {StepReached(cut)} ({loss.Kind}): {loss.Title}", true);
            default:
                return Judged(planned, result, Parse(planned, reply, profile), strict);
        }
    }

    /// <summary>Judges a trace, an archived one for instance.</summary>
    public static ReadReply Judged(PlannedProgram planned, ProgramResult result, Trace trace, bool strict)
    {
        result = result with { Trace = trace };
        if (trace.End == TraceEnd.AgentFailed)
            return new ReadReply(result, $"the agent failed in {Describe(planned)}: {string.Join("; ", trace.EndLines)}", false);
        try
        {
            var judgement = Judge.Decide(trace, planned.Model, strict);
            return new ReadReply(result with { Judgement = judgement }, null, trace.End == TraceEnd.Hung);
        }
        catch (ProfileException e)
        {
            return new ReadReply(result, $"{Describe(planned)} cannot be judged: {e.Message}", trace.End == TraceEnd.Hung);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException))
        {
            // A model that fails is our own fault; its program and the whole error are kept.
            return new ReadReply(result, $"the model failed on {Describe(planned)}: {e}", trace.End == TraceEnd.Hung);
        }
    }

    /// <summary>The trace with the crash in it, so that it can be judged again; one that cannot be read stays as it is.</summary>
    public static Trace Died(Trace trace, MachineLoss cause) => trace.End == TraceEnd.AgentFailed ? trace : trace.CrashedBy(cause.Title, cause.Details);

    /// <summary>
    /// Adds what the kernel said against itself while the program ran: warnings, reports of lockdep and the sanitizers, an
    /// oops that it lived through. The first makes the program "crashed" unless it diverged before; all are findings.
    /// </summary>
    /// <param name="planned">the program</param>
    /// <param name="result">how it went otherwise</param>
    /// <param name="console">its lines of the console</param>
    /// <param name="strict">whether known bugs count</param>
    public static ProgramResult WithComplaints(PlannedProgram planned, ProgramResult result, ImmutableArray<string> console, bool strict)
    {
        var complaints = ConsoleDiagnosis.Of(string.Join('\n', console)).Complaints.ToList();
        if (complaints.Count == 0 || result.Trace is not { End: not (TraceEnd.Crashed or TraceEnd.AgentFailed) } trace) return result;
        result = result with { Complaints = [.. complaints.Select(c => c.Title)] };
        if (result.Judgement?.Verdict is Verdict.Diverges or Verdict.Hung) return result;
        var first = complaints[0];
        return Judged(planned, result, trace.CrashedBy(first.Title, first.Lines.Prepend("the kernel said so and went on:")), strict).Result;
    }

    private static bool IsDeath(MachineLoss loss, bool isSecondTime) =>
        loss.Kind is MachineLossKind.Panic || (isSecondTime && loss.Kind is (MachineLossKind.Watchdog or MachineLossKind.Stalled));

    private static Trace Parse(PlannedProgram planned, AgentReply reply, KernelProfile profile)
    {
        if (reply.TraceText.Length == 0)
            return new Trace { Program = planned.Program, Profile = profile, Entries = [], End = TraceEnd.Cut };
        try
        {
            return TraceText.Parse(reply.TraceText, planned.Program);
        }
        catch (TextFormatException e)
        {
            // Both ends are ours: a trace that cannot be read says nothing about the kernel.
            return new Trace
            {
                Program = planned.Program,
                Profile = profile,
                Entries = [],
                End = TraceEnd.AgentFailed,
                EndLines = [Shortened($"its trace cannot be read: {e.Message}"), .. reply.TraceText.Split('\n').Skip(Math.Max(0, e.Line - 1)).Take(1).Select(Shortened)],
            };
        }
    }

    /// <summary>The guest may have sent a line of any length.</summary>
    private static string Shortened(string line) => line.Length <= LongestQuote ? line : $"{line.AsSpan(0, LongestQuote)} …";

    private static string StepReached(Trace cut) => cut.Entries.IsEmpty ? "before its first step" : $"step {cut.Entries.Length}";

    private static string Describe(PlannedProgram planned) => $"{planned.Program.Device} {planned.Program.Name}{(planned.Program.Seed is { } seed ? $" (seed {seed})" : "")}";
}
