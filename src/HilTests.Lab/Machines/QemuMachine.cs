using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using HilTests.Core.Channel;
using HilTests.Lab.Accelerators;
using HilTests.Lab.Cache;
using HilTests.Lab.Diagnosis;

namespace HilTests.Lab.Machines;

/// <summary>A VM under QEMU with the agent as its first process.</summary>
public sealed class QemuMachine : IMachine
{
    /// <summary>How long the console may lag behind the monitor's news of a panic.</summary>
    private static readonly TimeSpan ConsoleLag = TimeSpan.FromMilliseconds(200);

    /// <summary>How long QEMU's process may take to end after its sockets closed.</summary>
    private static readonly TimeSpan ExitLag = TimeSpan.FromSeconds(5);

    private readonly ConsoleCapture _console;
    private QemuProcess _qemu = null!;
    private QmpClient _monitor = null!;
    private AgentConnection _agent = null!;
    private Task _watch = Task.CompletedTask;
    private readonly TaskCompletionSource<(MachineLossKind Kind, string Fallback)> _crash = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private QemuMachine(MachineOptions options) => _console = new ConsoleCapture(options.ConsoleMirror, OnConsoleLine);

    public MachineFacts Facts { get; private set; } = null!;

    public string ConsoleText => _console.Text;

    /// <summary>The id of QEMU's process.</summary>
    public int ProcessId => _qemu.Id;

    /// <summary>Where to type into the console; of use with <see cref="MachineOptions.ConsoleShell"/>.</summary>
    public StreamWriter ConsoleInput => _qemu.ConsoleInput;

    /// <summary>Completes with the cause once the machine is lost.</summary>
    public Task<MachineLoss> Lost => _agent.Lost;

    /// <summary>Builds what is needed and gives a VM whose agent answers, in the way <see cref="MachineOptions.Start"/> says.</summary>
    /// <exception cref="Kernels.UnknownKernelException">No such kernel.</exception>
    /// <exception cref="InfrastructureException">Something is missing, or no VM came up by the deadline.</exception>
    public static Task<QemuMachine> StartAsync(MachineOptions options, CancellationToken cancellation) =>
        options.Start is MachineStart.Clone
            ? throw new InfrastructureException("clones are not built yet; ask for MachineStart.Auto or Cold")
            : BootAsync(options, cancellation);

    /// <summary>Builds what is needed, boots a VM and waits for its agent.</summary>
    /// <exception cref="Kernels.UnknownKernelException">No such kernel.</exception>
    /// <exception cref="InfrastructureException">Something is missing, or the VM did not come up by the deadline; holds the console's end.</exception>
    public static async Task<QemuMachine> BootAsync(MachineOptions options, CancellationToken cancellation)
    {
        long begin = Stopwatch.GetTimestamp();
        var parts = await MachineParts.PrepareAsync(options, CacheFolder.Default(), cancellation).ConfigureAwait(false);
        var accelerator = options.Accelerator is AcceleratorChoice.Auto
            ? await AcceleratorProof.ChooseAsync(options, parts, CacheFolder.Default(), cancellation).ConfigureAwait(false)
            : options.Accelerator;
        return await BootAsync(options, parts, accelerator, Stopwatch.GetElapsedTime(begin), cancellation).ConfigureAwait(false);
    }

    internal static async Task<QemuMachine> BootAsync(
        MachineOptions options, MachineParts parts, AcceleratorChoice accelerator, TimeSpan buildTime, CancellationToken cancellation)
    {
        var machine = new QemuMachine(options);
        options.Progress?.Invoke($"booting kernel {parts.Kernel.Release} ({Name(accelerator)})");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(options.BootDeadline);
        try
        {
            NetworkStream stream;
            (machine._qemu, stream, machine._monitor) = await QemuProcess.StartAsync(
                folder => QemuCommandLine.Build(options, parts.Kernel, parts.Image.Initramfs, parts.Image.KernelParameters, Name(accelerator), folder),
                machine._console, machine.OnMonitorEvent, deadline.Token).ConfigureAwait(false);
            machine._agent = new AgentConnection(stream, options.SilenceDeadline);
            machine._watch = machine.WatchAsync();
            string hello = await machine._agent.Hello.WaitAsync(deadline.Token).ConfigureAwait(false);
            machine.Facts = Describe(options, parts, accelerator, hello, buildTime, Stopwatch.GetElapsedTime(machine._qemu.StartedAt));
            return machine;
        }
        catch (Exception e)
        {
            await machine.DisposeAsync().ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            string? why = e switch
            {
                OperationCanceledException => $"no word from the agent within {options.BootDeadline.TotalSeconds:0} s",
                MachineLostException lost => $"{lost.Loss.Kind}: {lost.Loss.Title}",
                _ => null,
            };
            if (why is null)
                throw;
            throw new InfrastructureException($"the VM with kernel {parts.Kernel.Release} did not come up under {Name(accelerator)}: {why}." +
                $"{BootFailure.Explain(machine.ConsoleText)}{parts.FindDamage()}\nThe end of its console:\n{Tail(machine.ConsoleText)}", e);
        }
    }

    public Task<AgentReply> RunAsync(string programText, CancellationToken cancellation) =>
        _agent.AskAsync(FrameKind.Run, programText, cancellation);

    public IAsyncEnumerable<AgentReply> RunManyAsync(IEnumerable<string> programTexts, CancellationToken cancellation) =>
        _agent.RunManyAsync(programTexts, cancellation);

    public async Task<string> ProbeAsync(CancellationToken cancellation) =>
        (await _agent.AskAsync(FrameKind.Probe, "", cancellation).ConfigureAwait(false)).MustComplete("probe the kernel");

    public async Task<TimeSpan> PingAsync(CancellationToken cancellation)
    {
        long begin = Stopwatch.GetTimestamp();
        (await _agent.AskAsync(FrameKind.Ping, "ping", cancellation).ConfigureAwait(false)).MustComplete("ping the agent");
        return Stopwatch.GetElapsedTime(begin);
    }

    public async ValueTask DisposeAsync()
    {
        _agent?.Lose(new MachineLoss(MachineLossKind.Disposed, "the machine was switched off by its owner"));
        if (_qemu is not null)
            await _qemu.DisposeAsync().ConfigureAwait(false);
        if (_monitor is not null)
            await _monitor.DisposeAsync().ConfigureAwait(false);
        if (_agent is not null)
            await _agent.DisposeAsync().ConfigureAwait(false);
        await _watch.ConfigureAwait(false);
    }

    internal static string Name(AcceleratorChoice accelerator) => accelerator is AcceleratorChoice.Kvm ? "kvm" : "tcg";

    internal static string Tail(string console) => string.Join('\n', console.TrimEnd().Split('\n').TakeLast(40));

    private void OnMonitorEvent(string name, JsonElement data)
    {
        switch (name)
        {
            case "GUEST_PANICKED" or "GUEST_CRASHLOADED":
                _crash.TrySetResult((MachineLossKind.Panic, "the guest's kernel panicked; its console does not say why"));
                break;
            case "WATCHDOG":
                _crash.TrySetResult((MachineLossKind.Watchdog, "the watchdog bit: the agent's heartbeat stopped"));
                break;
        }
    }

    // The monitor tells of a panic as well, unless its driver is not loaded yet or the panic comes from too deep.
    private void OnConsoleLine(string line)
    {
        if (ConsoleDiagnosis.IsPanic(line))
            _crash.TrySetResult((MachineLossKind.Panic, line.Trim()));
        else if (ConsoleDiagnosis.IsAgentFailure(line))
            _crash.TrySetResult((MachineLossKind.AgentGone, line.Trim()));
    }

    /// <summary>Waits for the first sign of the machine's end and names the cause.</summary>
    private async Task WatchAsync()
    {
        var exited = _qemu.Exited;
        await Task.WhenAny(_crash.Task, exited, _agent.Ended, _agent.Lost).ConfigureAwait(false);
        if (_agent.Lost.IsCompleted)
            return;
        if (!_crash.Task.IsCompleted)
        {
            // The channel ended: QEMU is ending too. Its console may still hold the reason.
            await Task.WhenAny(exited, _crash.Task, Task.Delay(ExitLag)).ConfigureAwait(false);
            if (exited.IsCompleted)
                await _qemu.ConsoleDrained.ConfigureAwait(false);
        }
        if (_crash.Task.IsCompletedSuccessfully)
        {
            await Task.WhenAny(exited, Task.Delay(ConsoleLag)).ConfigureAwait(false);
            var (kind, fallback) = await _crash.Task.ConfigureAwait(false);
            _agent.Lose(NameCrash(kind, fallback));
            return;
        }
        _agent.Lose(exited.IsCompleted
            ? new MachineLoss(MachineLossKind.QemuDied, $"QEMU {await _qemu.DescribeEndAsync().ConfigureAwait(false)}")
            : new MachineLoss(MachineLossKind.AgentGone, "the agent's channel closed while QEMU runs on"));
    }

    private MachineLoss NameCrash(MachineLossKind kind, string fallback)
    {
        string console = _console.Text;
        if (kind is MachineLossKind.Panic && ConsoleDiagnosis.IsInitGone(console))
            return new MachineLoss(MachineLossKind.AgentGone, $"the agent, the VM's first process, ended: {ConsoleDiagnosis.Title(console) ?? fallback}");
        return new MachineLoss(kind, kind is MachineLossKind.Panic ? ConsoleDiagnosis.Title(console) ?? fallback : fallback);
    }

    private static MachineFacts Describe(
        MachineOptions options, MachineParts parts, AcceleratorChoice accelerator, string hello, TimeSpan buildTime, TimeSpan bootTime)
    {
        var missing = parts.Image.ModulesLeftOut.Select(m => $"{m}: not part of this kernel")
            .Concat(AgentHello.FailedModules(hello));
        return new MachineFacts(parts.Kernel.Release, parts.Kernel.PackageVersion, Name(accelerator), options.Cpus, options.MemoryMiB,
            AgentHello.Build(hello), [.. missing], buildTime, bootTime);
    }
}
