using System.Collections.Immutable;
using System.CommandLine;
using HilTests.Cli.Input;
using HilTests.Cli.Output;
using HilTests.Cli.Running;
using HilTests.Core.Programs;

namespace HilTests.Cli.Commands;

/// <summary><c>hil replay</c>: runs one saved program again, on the kernel and the modules it was recorded with.</summary>
internal sealed class ReplayCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "a program or a trace, from a results folder or anywhere" };
    private readonly Option<bool> _strict = new("--strict") { Description = "known bugs of the kernel count like any other divergence" };
    private readonly ShrinkChoice _shrink = new("0");
    private readonly MachineChoice _machine = new();
    private readonly ReportChoice _report = new();

    public Command Build()
    {
        var command = new HilCommand("replay", "Runs one saved program again: same program, same kernel, same modules.", """
            hil replay results/latest/programs/tx-basic.hil
            runs tx-basic once more on the kernel of that run; refuses where the kernel or a module is another by now
            """)
        { _file, _strict };
        _shrink.AddTo(command);
        _machine.AddTo(command);
        _report.AddTo(command);
        CommandLine.RefuseOptionsAs(_file);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var output = _report.Read(parsed);
        var file = parsed.GetValue(_file)!;
        var program = ReadProgram(file, out var record);
        var named = _machine.IsKernelNamed(parsed);
        var settings = new RunSettings
        {
            Command = CommandLine.AsTyped(parsed),
            Kernel = named || record is null or { Machine: "local" } ? _machine.Kernel(parsed) : MachineChoice.Known(record.KernelName),
            Machine = record is { Machine: "local" } && !named ? MachineKind.Local : _machine.Kind(parsed),
            Accelerator = _machine.Accelerator(parsed),
            Strict = parsed.GetValue(_strict),
            ShrinkTime = _shrink.Read(parsed),
            ConsoleMirror = output.Verbose ? new TerminalMirror(Console.Error) : null,
            Expected = named ? null : record?.Kernel,
            SwappedModules = named ? [] : record?.Swapped ?? [],
        };
        var plan = RunPlan.Of([program], [], seed: 0, generated: null, endless: false);
        return await SessionRunner.RunAsync(settings, plan, output, seed: null, cancellation).ConfigureAwait(false);
    }

    private static Program ReadProgram(string file, out RecordedRun? record)
    {
        record = RecordedRun.FindFor(file);
        if (!InputFile.IsTrace(file)) return RunCommand.ReadJudged(file);
        var trace = InputFile.ReadTrace(file);
        record ??= new RecordedRun("bookworm", "qemu", new KernelRecord(trace.Profile.Release, ImmutableSortedDictionary<string, string>.Empty), []);
        // A trace that was cut does not hold the steps it never reached; the program's own file does.
        var beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, "..", "programs", Path.GetFileNameWithoutExtension(file) + ".hil");
        return File.Exists(beside) ? RunCommand.ReadJudged(beside) : RunCommand.WithModel(file, trace.Program);
    }
}
