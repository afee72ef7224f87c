using System.CommandLine;
using System.Globalization;
using HilTests.Lab;
using HilTests.Lab.Cache;
using HilTests.Lab.Host;
using HilTests.Lab.Kernels;
using HilTests.Lab.Machines;
using HilTests.Lab.Pool;
using HilTests.Models;

namespace HilTests.Cli.Commands;

/// <summary><c>hil doctor</c>: what this machine lacks, and the command that mends it. Installs nothing.</summary>
internal sealed class DoctorCommand
{
    private readonly MachineChoice _machine = new();

    public Command Build()
    {
        var command = new HilCommand("doctor", "Says what this machine lacks and the command that mends it, and boots a VM to prove the rest.", """
            hil doctor
            prints one line for each thing that is needed; exit code 4 where one is missing
            """);
        _machine.AddTo(command, withMachine: false);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var kernel = _machine.Kernel(parsed);
        var all = HostRequirements.Check();
        foreach (var one in all) Tell(one.Present ? "ok" : one.Required ? "missing" : "absent", one.Name, one.Detail);
        var missing = all.Where(r => r is { Required: true, Present: false }).ToList();
        var remedies = all.Where(r => !r.Present && r.Remedy.Length > 0).OrderByDescending(r => r.Required).Select(r => r.Remedy).Distinct().ToList();
        if (remedies.Count > 0)
        {
            Console.Out.WriteLine();
            Console.Out.WriteLine("To mend that, run:");
            foreach (var remedy in remedies) Console.Out.WriteLine($"  {remedy}");
        }
        await TellLocalAsync(cancellation).ConfigureAwait(false);
        if (missing.Count > 0) return ExitCode.Infrastructure;
        return await BootAsync(kernel, _machine.Accelerator(parsed), cancellation).ConfigureAwait(false);
    }

    /// <summary>Nothing of this is missed by anybody who tests in VMs, so it does not change the exit code.</summary>
    private static async Task TellLocalAsync(CancellationToken cancellation)
    {
        Console.Out.WriteLine();
        Console.Out.WriteLine("This machine's own devices (--machine local):");
        var found = await LocalRequirements.CheckMachineAsync(cancellation).ConfigureAwait(false);
        foreach (var one in found.Concat(ModelRegistry.Devices.SelectMany(LocalRequirements.CheckDevice)))
            Tell(one.Present ? "ok" : "absent", one.Name, one.Present || one.Remedy.Length == 0 ? one.Detail : $"{one.Detail}; {one.Remedy}");
        Console.Out.WriteLine();
    }

    private static async Task<int> BootAsync(string kernel, AcceleratorChoice accelerator, CancellationToken cancellation)
    {
        var names = KernelList.Load(SourceTree.Find());
        if (names.Split(kernel) is not null && new KernelStore(names, CacheFolder.Default(), null).Prepared(kernel) is null)
        {
            Tell("later", "a VM that boots", $"not tried: kernel {kernel} is not here yet; `hil kernels fetch {kernel}` gets it");
            return ExitCode.Conforms;
        }
        var capacity = MachineCapacity.OfThisHost(new MachineOptions());
        Tell("ok", "VMs at once", $"{capacity.Machines}: {capacity.Why}; `hil run --jobs N` overrides it");
        var options = new MachineOptions { Kernel = kernel, Accelerator = accelerator, Progress = text => Console.Error.WriteLine($"hil: {text}") };
        await using var machine = await QemuMachine.BootAsync(options, cancellation).ConfigureAwait(false);
        var seconds = machine.Facts.BootTime.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        Tell("ok", "a VM that boots", $"kernel {machine.Facts.KernelRelease} under {machine.Facts.Accelerator} in {seconds} s");
        foreach (var module in machine.Facts.ModulesMissing) Tell("absent", "kernel module", module);
        return ExitCode.Conforms;
    }

    private static void Tell(string state, string name, string detail) => Console.Out.WriteLine($"{state,-8} {name}: {detail}");
}
