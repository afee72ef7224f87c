using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using HilTests.Cli.Input;
using HilTests.Cli.Output;
using HilTests.Cli.Running;
using HilTests.Core.Judging;
using HilTests.Core.Results;
using HilTests.Models;

namespace HilTests.Cli.Commands;

/// <summary><c>hil judge</c>: judges archived traces again, by the models of today, without a machine.</summary>
internal sealed class JudgeCommand
{
    private readonly Argument<string[]> _traces = new("TRACE") { Arity = ArgumentArity.OneOrMore, Description = "trace files" };
    private readonly Option<bool> _strict = new("--strict") { Description = "known bugs of the kernel count like any other divergence" };
    private readonly ReportChoice _report = new();

    public Command Build()
    {
        var command = new HilCommand("judge", "Judges archived traces again, without a VM.", """
            hil judge results/latest/traces/*.trace
            compares every trace of the last run with the models as they are now
            """)
        { _traces, _strict };
        _report.AddTo(command, withFolder: false);
        CommandLine.RefuseOptionsAs(_traces);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var begin = Stopwatch.GetTimestamp();
        var output = _report.Read(parsed);
        var results = ImmutableArray.CreateBuilder<ProgramResult>();
        string? infrastructure = null;
        foreach (var file in parsed.GetValue(_traces)!)
        {
            var trace = InputFile.ReadTrace(file);
            var planned = new PlannedProgram(RunCommand.WithModel(file, trace.Program), ModelRegistry.Get(trace.Program.Device).Model);
            var read = ReplyReader.Judged(planned, new ProgramResult { Program = trace.Program }, trace, parsed.GetValue(_strict));
            results.Add(read.Result);
            infrastructure ??= read.Infrastructure is { } failure ? $"{file}: {failure}" : null;
            if (!output.Quiet) Tell(file, read, ResultKeeper.TakesStandardOutput(output) ? Console.Error : Console.Out);
        }
        var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        var profile = results[0].Trace!.Profile;
        return new ResultKeeper(output).Finish(new RunResult
        {
            Started = DateTimeOffset.Now,
            Command = CommandLine.AsTyped(parsed),
            Kernel = new KernelFacts("archive", profile.Release, null, ImmutableSortedDictionary<string, string>.Empty),
            Machine = new MachineFacts("archive", "none", 0, 0, null),
            Profile = profile,
            Timings = new RunTimings(0, 0, seconds, seconds),
            Programs = results.ToImmutable(),
            Rules = [.. results.Select(r => r.Program.Device).Distinct().SelectMany(d => ModelRegistry.Get(d).Model.Rules)],
            Transitions = [.. results.Select(r => r.Program.Device).Distinct().SelectMany(d => ModelRegistry.Get(d).Model.Transitions.Select(t => $"{d} {t}"))],
            Infrastructure = infrastructure,
            Strict = parsed.GetValue(_strict),
        });
    }

    private static void Tell(string file, ReadReply read, TextWriter writer)
    {
        var words = read.Result.Judgement?.Verdict switch
        {
            null => $"not judged: {read.Infrastructure}",
            Verdict.Diverges diverges => $"diverges: {diverges.Discrepancy}",
            Verdict.Crashed crashed => $"crashed: in step {crashed.Step}: {crashed.Title}",
            Verdict.Hung hung => $"hung: step {hung.Step} did not come back: {hung.Where}",
            Verdict.Inconclusive inconclusive => $"inconclusive: {inconclusive.Why}",
            var other => other.Word,
        };
        writer.WriteLine($"{file}: {words}");
    }
}
