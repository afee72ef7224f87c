using System.CommandLine;
using System.Security.Cryptography;
using HilTests.Cli.Input;
using HilTests.Cli.Output;
using HilTests.Cli.Running;
using HilTests.Core;
using HilTests.Core.Programs;
using HilTests.Lab.Host;
using HilTests.Lab.Machines;
using HilTests.Lab.Pool;
using HilTests.Models;

namespace HilTests.Cli.Commands;

/// <summary><c>hil run</c>: boots what it needs, runs programs on the device and on the model, judges, reports.</summary>
internal sealed class RunCommand
{
    private readonly Argument<string[]> _what = new("SUITE|PROGRAM")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "a device's suite by its name, or program files; nothing: the suites of all devices",
    };

    private readonly Option<string[]> _device = new("--device") { HelpName = "NAME", Description = "run this device's suite; may be given more than once" };
    private readonly Option<ulong?> _seed = new("--seed") { HelpName = "N", Description = "seed of the generated programs; default random, and printed" };
    private readonly Option<int?> _programs = new("--programs") { HelpName = "N", Description = "generated programs a device, beside the hand-written ones" };
    private readonly Option<string?> _time = new("--time") { HelpName = "60s", Description = "go on generating programs for this long (ms, s, m, h)" };
    private readonly Option<int?> _jobs = new("--jobs", "-j") { HelpName = "N", Description = "machines that work at once; default: as many as cores and memory carry, see `hil doctor`; 1 with -v" };
    private readonly Option<bool> _fresh = new("--fresh") { Description = "every program gets a machine of its own that nothing ran on before" };
    private readonly Option<bool> _strict = new("--strict") { Description = "known bugs of the kernel count like any other divergence" };
    private readonly ShrinkChoice _shrink = new("30s");
    private readonly MachineChoice _machine = new();
    private readonly ReportChoice _report = new();

    /// <summary>The command for the command line.</summary>
    public Command Build()
    {
        var command = new HilCommand("run", "Runs programs on the device and on the model, and judges.", """
            hil run vhost-net --programs 1000 --seed 42
            boots a VM, runs the hand-written programs of vhost-net and 1000 made from seed 42, says where kernel and model differ
            """)
        { _what, _device, _seed, _programs, _time, _jobs, _fresh, _strict };
        _shrink.AddTo(command);
        _machine.AddTo(command);
        _report.AddTo(command);
        CommandLine.RefuseOptionsAs(_what);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_programs) is < 0) result.AddError("--programs: a number from 0 up is needed");
            if (result.GetValue(_jobs) is < 1 or > 64) result.AddError("--jobs: a number from 1 to 64 is needed");
            if (result.GetValue(_time) is { } time && !Duration.TryParse(time, out _)) result.AddError($"--time: '{time}' is no span of time such as 60s, 5m or 1h");
            if (result.GetValue(_time) is not null && result.GetValue(_programs) is not null) result.AddError("--time and --programs both say how much to run; give one of them");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var output = _report.Read(parsed);
        var seed = parsed.GetValue(_seed);
        var time = parsed.GetValue(_time) is { } text && Duration.TryParse(text, out var span) ? span : (TimeSpan?)null;
        var kernel = _machine.Kernel(parsed);
        if (_machine.Kind(parsed) == MachineKind.Local && parsed.GetValue(_jobs) > 1)
            throw new UsageException("--jobs: this machine is there only once; leave it out with --machine local");
        var leftOut = LeftOut(parsed);
        var plan = Plan(parsed, leftOut.Keys, seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)), time is not null, out var usedSeed);
        var settings = new RunSettings
        {
            Command = CommandLine.AsTyped(parsed) + (usedSeed is not null && seed is null ? $" --seed {usedSeed}" : ""),
            Kernel = kernel,
            Machine = _machine.Kind(parsed),
            Accelerator = _machine.Accelerator(parsed),
            Jobs = parsed.GetValue(_jobs) ?? DefaultJobs(_machine.Kind(parsed), output.Verbose),
            Fresh = parsed.GetValue(_fresh),
            Time = time,
            Strict = parsed.GetValue(_strict),
            ConsoleMirror = output.Verbose ? new TerminalMirror(Console.Error) : null,
            LeftOut = leftOut,
            Seed = usedSeed,
            ShrinkTime = _shrink.Read(parsed),
        };
        return await SessionRunner.RunAsync(settings, plan, output, usedSeed, cancellation).ConfigureAwait(false);
    }

    // This machine is there only once; and the consoles of several machines at once cannot be read.
    private static int DefaultJobs(MachineKind kind, bool isVerbose) =>
        kind == MachineKind.Local || isVerbose ? 1 : MachineCapacity.OfThisHost(new MachineOptions()).Machines;

    /// <summary>
    /// On this very machine, what nobody named is skipped where the machine lacks something for it; unless that leaves
    /// nothing, which is refused later, with all the reasons.
    /// </summary>
    private Dictionary<string, string> LeftOut(ParseResult parsed)
    {
        var isNamed = (parsed.GetValue(_device)?.Length ?? 0) + (parsed.GetValue(_what)?.Length ?? 0) > 0;
        if (isNamed || _machine.Kind(parsed) != MachineKind.Local) return [];
        var reasons = ModelRegistry.Usual.Select(d => (Device: d, Why: LocalRequirements.WhyNot(d))).Where(d => d.Why is not null).ToDictionary(d => d.Device, d => d.Why!);
        return reasons.Count == ModelRegistry.Usual.Count ? [] : reasons;
    }

    private RunPlan Plan(ParseResult parsed, IEnumerable<string> leftOut, ulong seed, bool endless, out ulong? usedSeed)
    {
        var devices = new List<string>();
        var files = new List<Program>();
        foreach (var device in parsed.GetValue(_device) ?? [])
            devices.Add(ModelRegistry.Devices.Contains(device) ? device : throw Unknown("device", device));
        foreach (var word in parsed.GetValue(_what) ?? [])
        {
            if (ModelRegistry.Devices.Contains(word)) devices.Add(word);
            else if (File.Exists(word)) files.Add(ReadJudged(word));
            else throw Unknown("suite or program file", word);
        }
        if (devices.Count + files.Count == 0) devices.AddRange(ModelRegistry.Usual.Except(leftOut));
        usedSeed = devices.Count > 0 ? seed : null;
        if (endless && devices.Count == 0) throw new UsageException("--time needs a suite to generate programs from; name a device");
        return RunPlan.Of(files, [.. devices.Distinct()], seed, parsed.GetValue(_programs), endless);
    }

    /// <summary>Reads a program whose device there is a model for.</summary>
    /// <exception cref="UsageException">it cannot be read, or there is no model</exception>
    internal static Program ReadJudged(string file) => WithModel(file, InputFile.ReadProgram(file));

    /// <summary>The program, if there is a model for its device.</summary>
    /// <exception cref="UsageException">there is none</exception>
    internal static Program WithModel(string file, Program program) => ModelRegistry.Devices.Contains(program.Device)
        ? program
        : throw new UsageException($"{file}: there is no model of {program.Device} to judge it by; there are models of {string.Join(", ", ModelRegistry.Devices)}");

    private static UsageException Unknown(string kind, string name)
    {
        var near = Spelling.Near(name, ModelRegistry.Devices);
        var hint = near.Count > 0 ? $"; did you mean {string.Join(" or ", near)}?" : "";
        return new UsageException($"no {kind} '{name}'{hint} Devices are: {string.Join(", ", ModelRegistry.Devices)}".Replace("' Devices", "'. Devices"));
    }
}
