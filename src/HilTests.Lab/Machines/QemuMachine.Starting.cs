using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using HilTests.Core.Channel;
using HilTests.Lab.Accelerators;
using HilTests.Lab.Cache;
using HilTests.Lab.Machines.Templates;

namespace HilTests.Lab.Machines;

/// <content>How a VM comes to be: by a boot, or as a copy of one that was booted before.</content>
public sealed partial class QemuMachine
{
    /// <summary>A copy answers in a tenth of a second; on a machine with much other work in a few seconds.</summary>
    private static readonly TimeSpan CloneDeadline = TimeSpan.FromSeconds(20);

    /// <summary>As many bytes as the kernel's own seed has.</summary>
    private const int SeedBytes = 32;

    /// <summary>Builds what is needed and gives a VM whose agent answers, in the way <see cref="MachineOptions.Start"/> says.</summary>
    /// <exception cref="Kernels.UnknownKernelException">No such kernel.</exception>
    /// <exception cref="InfrastructureException">Something is missing, or no VM came up by the deadline.</exception>
    public static async Task<QemuMachine> StartAsync(MachineOptions options, CancellationToken cancellation)
    {
        long begin = Stopwatch.GetTimestamp();
        var cache = CacheFolder.Default();
        var (parts, accelerator) = await PrepareAsync(options, cache, cancellation).ConfigureAwait(false);
        return options.Start is MachineStart.Cold
            ? await BootAsync(options, parts, accelerator, Stopwatch.GetElapsedTime(begin), cancellation).ConfigureAwait(false)
            : await StartAsync(options, parts, accelerator, new TemplateStore(cache, options.Progress), begin, cancellation).ConfigureAwait(false);
    }

    /// <summary>Builds what is needed and starts nothing: kernel, agent, image.</summary>
    /// <returns>the agent's folder in the cache</returns>
    /// <exception cref="Kernels.UnknownKernelException">No such kernel.</exception>
    /// <exception cref="InfrastructureException">Something is missing.</exception>
    public static async Task<string> BuildAsync(MachineOptions options, CancellationToken cancellation)
    {
        var cache = CacheFolder.Default();
        var parts = await MachineParts.PrepareAsync(options, cache, cancellation).ConfigureAwait(false);
        return cache.PathOf("agents", parts.AgentBuild);
    }

    /// <summary>Builds what is needed, boots a VM and waits for its agent.</summary>
    /// <exception cref="Kernels.UnknownKernelException">No such kernel.</exception>
    /// <exception cref="InfrastructureException">Something is missing, or the VM did not come up by the deadline; holds the console's end.</exception>
    public static Task<QemuMachine> BootAsync(MachineOptions options, CancellationToken cancellation) =>
        StartAsync(options with { Start = MachineStart.Cold }, cancellation);

    /// <summary>A clone of a template from this store where one can be had, else a boot.</summary>
    internal static async Task<QemuMachine> StartAsync(
        MachineOptions options, MachineParts parts, AcceleratorChoice accelerator, TemplateStore store, long begin, CancellationToken cancellation)
    {
        string reason;
        try
        {
            return await store.CloneAsync(options, parts, accelerator, template =>
                CloneAsync(options, parts, accelerator, template, Stopwatch.GetElapsedTime(begin), cancellation), cancellation).ConfigureAwait(false);
        }
        catch (InfrastructureException e) when (options.Start is MachineStart.Auto)
        {
            reason = e.Message.Split('\n')[0];
        }
        options.Progress?.Invoke($"no clone: {reason}; this machine is booted instead");
        return await BootAsync(options, parts, accelerator, Stopwatch.GetElapsedTime(begin), cancellation).ConfigureAwait(false);
    }

    internal static Task<QemuMachine> BootAsync(
        MachineOptions options, MachineParts parts, AcceleratorChoice accelerator, TimeSpan buildTime, CancellationToken cancellation) =>
        BootAsync(options, parts, accelerator, buildTime, folder =>
            QemuCommandLine.Boot(options, parts.Kernel, parts.Image.Initramfs, parts.Image.KernelParameters, Name(accelerator), folder), cancellation);

    /// <summary>Boots a machine whose memory is a file, to be copied; of the disks it has the ports only.</summary>
    internal static Task<QemuMachine> BootTemplateAsync(
        MachineOptions options, MachineParts parts, AcceleratorChoice accelerator, string memory, CancellationToken cancellation) =>
        BootAsync(options with { Disks = [] }, parts, accelerator, TimeSpan.Zero, folder =>
            QemuCommandLine.Template(options, parts.Kernel, parts.Image.Initramfs, parts.Image.KernelParameters, Name(accelerator), folder, memory), cancellation);

    /// <summary>
    /// Writes the state of the machine's devices to a file; with the memory that lies in a file already, it is all there
    /// is. The machine stands still afterwards. It is not told to stop before: a copy would stand still as well.
    /// </summary>
    /// <returns>The agent's hello.</returns>
    internal async Task<string> SaveAsync(string stateFile, CancellationToken cancellation)
    {
        var (listener, path) = _qemu.Listen("state.sock");
        using var listening = listener;
        await _monitor.ExecuteAsync([IgnoreShared(), ("migrate", new JsonObject { ["uri"] = $"unix:{path}" })], cancellation).ConfigureAwait(false);
        using var socket = await listener.AcceptAsync(cancellation).ConfigureAwait(false);
        await using var stream = new NetworkStream(socket);
        await using (var file = new FileStream(stateFile, FileMode.CreateNew, FileAccess.Write))
        {
            await stream.CopyToAsync(file, cancellation).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }
        while (true)
        {
            var status = await _monitor.ExecuteAsync("query-migrate", null, cancellation).ConfigureAwait(false);
            switch (status.GetProperty("status").GetString())
            {
                case "completed":
                    return await _agent.Hello.ConfigureAwait(false);
                case "failed" or "cancelled":
                    throw new InfrastructureException($"QEMU could not write the state of its devices: {status}");
            }
            await Task.Delay(5, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<(MachineParts Parts, AcceleratorChoice Accelerator)> PrepareAsync(MachineOptions options, CacheFolder cache, CancellationToken cancellation)
    {
        if (options.Disks.FirstOrDefault(d => !File.Exists(d.Path)) is { } missing)
            throw new InfrastructureException($"the machine's disk {missing.Path} is not there");
        var parts = await MachineParts.PrepareAsync(options, cache, cancellation).ConfigureAwait(false);
        var accelerator = options.Accelerator is AcceleratorChoice.Auto
            ? await AcceleratorProof.ChooseAsync(options, parts, cache, cancellation).ConfigureAwait(false)
            : options.Accelerator;
        return (parts, accelerator);
    }

    private static async Task<QemuMachine> BootAsync(
        MachineOptions options, MachineParts parts, AcceleratorChoice accelerator, TimeSpan buildTime, Func<string, QemuCommand> command, CancellationToken cancellation)
    {
        var machine = new QemuMachine(options, parts);
        options.Progress?.Invoke($"booting kernel {parts.Kernel.Release} ({Name(accelerator)})");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(options.BootDeadline);
        try
        {
            await machine.LaunchAsync(options, accelerator, command, deadline.Token).ConfigureAwait(false);
            await machine._monitor.ExecuteAsync("qmp_capabilities", null, deadline.Token).ConfigureAwait(false);
            string hello = await machine._agent.Hello.WaitAsync(deadline.Token).ConfigureAwait(false);
            await machine.AwaitDisksAsync(options, areToBeAdded: false, deadline.Token).ConfigureAwait(false);
            machine.Facts = machine.Describe(options, parts, accelerator, hello, buildTime);
            return machine;
        }
        catch (Exception e)
        {
            await machine.DisposeAsync().ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            if (WhyNot(e, $"no word from the agent within {options.BootDeadline.TotalSeconds:0} s") is not { } why)
                throw;
            throw new InfrastructureException($"the VM with kernel {parts.Kernel.Release} did not come up under {Name(accelerator)}: {why}." +
                $"{BootFailure.Explain(machine.ConsoleText)}{parts.FindDamage()}\nThe end of its console:\n{Tail(machine.ConsoleText)}", e);
        }
    }

    private static async Task<QemuMachine> CloneAsync(
        MachineOptions options, MachineParts parts, AcceleratorChoice accelerator, Template template, TimeSpan buildTime, CancellationToken cancellation)
    {
        var machine = new QemuMachine(options, parts) { _template = template };
        machine._console.Begin(template.Console);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(CloneDeadline);
        try
        {
            await machine.LaunchAsync(options, accelerator, folder =>
                QemuCommandLine.Clone(options, Name(accelerator), folder, template.Memory, template.State), deadline.Token).ConfigureAwait(false);
            await machine.RestoreAsync(options, deadline.Token).ConfigureAwait(false);
            machine.Facts = machine.Describe(options, parts, accelerator, template.Hello, buildTime) with { Start = MachineStart.Clone };
            return machine;
        }
        catch (Exception e)
        {
            // A QEMU that cannot read the state ends; what it said last is the better reason.
            if (e is InfrastructureException && machine._agent is { } agent && await Task.WhenAny(agent.Lost, Task.Delay(ExitLag, cancellation)).ConfigureAwait(false) == agent.Lost)
                e = new MachineLostException(await agent.Lost.ConfigureAwait(false));
            await machine.DisposeAsync().ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            if (WhyNot(e, $"no answer from its agent within {CloneDeadline.TotalSeconds:0} s") is { } why)
                throw new InfrastructureException($"the clone of {template.Folder} did not come up: {why}", e);
            throw;
        }
    }

    private async Task LaunchAsync(MachineOptions options, AcceleratorChoice accelerator, Func<string, QemuCommand> command, CancellationToken cancellation)
    {
        var confinement = Confinement.For(Name(accelerator));
        if (confinement.Weakness is { } weakness)
            options.Progress?.Invoke(weakness);
        (_qemu, var stream, _monitor) = await QemuProcess.StartAsync(command, confinement, _console, OnMonitorEvent, cancellation).ConfigureAwait(false);
        _agent = new AgentConnection(stream, options.SilenceDeadline, Review);
        _time = new ProcessorTime(_qemu.Id, OnStopped);
        _watch = WatchAsync();
    }

    /// <summary>
    /// Feeds the copy its state and tells it what it cannot know. The first request is on its way before the copy runs;
    /// its answer says that it does. The clock is told last, when nothing lies between sending and setting any more.
    /// </summary>
    private async Task RestoreAsync(MachineOptions options, CancellationToken cancellation)
    {
        var seeded = SetUpAsync($"seed={RandomNumberGenerator.GetHexString(2 * SeedBytes)}", cancellation);
        await _monitor.ExecuteAsync(
            [("qmp_capabilities", null), IgnoreShared(), ("migrate-incoming", new JsonObject { ["uri"] = $"fd:{QemuCommandLine.StateDescriptor}" })],
            cancellation).ConfigureAwait(false);
        await seeded.ConfigureAwait(false);
        await AwaitDisksAsync(options, areToBeAdded: true, cancellation).ConfigureAwait(false);
        long nanoseconds = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        await SetUpAsync(string.Create(CultureInfo.InvariantCulture, $"clock-ns={nanoseconds}"), cancellation).ConfigureAwait(false);
    }

    /// <summary>One after the other, so that the guest names them in their order.</summary>
    private async Task AwaitDisksAsync(MachineOptions options, bool areToBeAdded, CancellationToken cancellation)
    {
        for (int i = 0; i < options.Disks.Count; i++)
        {
            if (areToBeAdded)
            {
                await _monitor.ExecuteAsync("device_add", new JsonObject
                {
                    ["driver"] = "virtio-blk-pci",
                    ["drive"] = QemuCommandLine.DiskNode(i),
                    ["bus"] = QemuCommandLine.DiskPort(i),
                    ["serial"] = QemuCommandLine.DiskSerial(i),
                }, cancellation).ConfigureAwait(false);
            }
            await SetUpAsync($"disk={QemuCommandLine.DiskSerial(i)}", cancellation).ConfigureAwait(false);
        }
    }

    private async Task SetUpAsync(string line, CancellationToken cancellation) =>
        (await _agent.AskAsync(FrameKind.Setup, line, cancellation).ConfigureAwait(false)).MustComplete("set the machine up");

    private static (string Command, JsonObject Arguments) IgnoreShared() => ("migrate-set-capabilities", new JsonObject
    {
        ["capabilities"] = new JsonArray(new JsonObject { ["capability"] = "x-ignore-shared", ["state"] = true }),
    });

    private static string? WhyNot(Exception e, string tooLate) => e switch
    {
        OperationCanceledException => tooLate,
        MachineLostException lost => $"{lost.Loss.Kind}: {lost.Loss.Title}",
        _ => null,
    };

    private MachineFacts Describe(MachineOptions options, MachineParts parts, AcceleratorChoice accelerator, string hello, TimeSpan buildTime)
    {
        var missing = parts.Image.ModulesLeftOut.Select(m => $"{m}: not part of this kernel")
            .Concat(AgentHello.FailedModules(hello));
        return new MachineFacts(parts.Kernel.Release, parts.Kernel.PackageVersion, Name(accelerator), options.Cpus, options.MemoryMiB,
            AgentHello.Build(hello), [.. missing], buildTime, Stopwatch.GetElapsedTime(_qemu.StartedAt));
    }
}
