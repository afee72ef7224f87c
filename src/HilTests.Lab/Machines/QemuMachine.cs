using System.Collections.Immutable;
using System.Diagnostics;
using HilTests.Core;
using HilTests.Core.Channel;
using HilTests.Lab.Diagnosis;
using HilTests.Lab.Images;
using HilTests.Lab.Machines.Templates;

namespace HilTests.Lab.Machines;

/// <summary>A VM under QEMU with the agent as its first process.</summary>
public sealed partial class QemuMachine : IMachine
{
    private readonly ConsoleCapture _console;
    private QemuProcess _qemu = null!;
    private QmpClient _monitor = null!;
    private AgentConnection _agent = null!;
    private Template? _template;
    private Task _watch = Task.CompletedTask;
    private readonly string? _debugKernel;
    private readonly IReadOnlyList<ModuleOverride> _ownOverrides;
    private FrameDecoder _decoder;

    private QemuMachine(MachineOptions options, MachineParts parts)
    {
        _console = new ConsoleCapture(options.ConsoleMirror, OnConsoleLine);
        (_debugKernel, _ownOverrides) = (parts.Kernel.DebugImage, options.ModuleOverrides);
        _decoder = new FrameDecoder(_debugKernel, _ownOverrides);
    }

    public MachineFacts Facts { get; private set; } = null!;

    public string ConsoleText => _console.Text;

    /// <summary>What was said to and by QEMU's monitor last, one message a line.</summary>
    public string MonitorLog => _monitor.Transcript;

    /// <summary>The id of QEMU's process.</summary>
    public int ProcessId => _qemu.Id;

    /// <summary>Where to type into the console; of use with <see cref="MachineOptions.ConsoleShell"/>.</summary>
    public StreamWriter ConsoleInput => _qemu.ConsoleInput;

    /// <summary>Completes with the cause once the machine is lost.</summary>
    public Task<MachineLoss> Lost => _agent.Lost;

    public Task<AgentReply> RunAsync(string programText, CancellationToken cancellation) =>
        _agent.AskAsync(FrameKind.Run, programText, cancellation);

    public IAsyncEnumerable<AgentReply> RunManyAsync(IEnumerable<string> programTexts, CancellationToken cancellation) =>
        _agent.RunManyAsync(programTexts, cancellation);

    public async Task<string> ProbeAsync(CancellationToken cancellation) =>
        (await _agent.AskAsync(FrameKind.Probe, "", cancellation).ConfigureAwait(false)).MustComplete("probe the kernel");

    public async Task<TimeSpan> MeasureWorkAsync(int rounds, CancellationToken cancellation) =>
        (await _agent.AskAsync(FrameKind.Probe, FixedWork.Request(rounds), cancellation).ConfigureAwait(false)).MustTellWork();

    public async Task<TimeSpan> PingAsync(CancellationToken cancellation)
    {
        long begin = Stopwatch.GetTimestamp();
        (await _agent.AskAsync(FrameKind.Ping, "ping", cancellation).ConfigureAwait(false)).MustComplete("ping the agent");
        return Stopwatch.GetElapsedTime(begin);
    }

    public async Task<SwapRefusal?> SwapModulesAsync(IReadOnlyList<ModuleOverride> modules, CancellationToken cancellation)
    {
        var swap = await ModuleOrder.ReadAsync(modules, cancellation).ConfigureAwait(false);
        var reply = await _agent.AskAloneAsync(FrameKind.Swap, swap.Encode(), cancellation).ConfigureAwait(false);
        var answer = SwapAnswer.Parse(reply.MustComplete("swap kernel modules"));
        if (answer.Module is null)
        {
            _decoder = new FrameDecoder(_debugKernel, modules.Count > 0 ? [.. modules, .. _ownOverrides.ExceptBy(modules.Select(m => m.Name), o => o.Name)] : _ownOverrides);
            return null;
        }
        var refusal = new SwapRefusal(answer.Module, answer.Action, answer.Errno, PrintableLine(answer.Words));
        if (!answer.IsRestored)
            _agent.Lose(new MachineLoss(MachineLossKind.ModulesGone, $"{refusal}; and the modules from before could not be put back"));
        return answer.IsRestored ? refusal : throw new MachineLostException(await Lost.ConfigureAwait(false));
    }

    /// <summary>Watches functions of loaded modules instead of those before; none ends it, which must be before modules are swapped.</summary>
    /// <returns>Each function with how often it was called since, null where the kernel refuses to watch it.</returns>
    /// <exception cref="MachineLostException">The machine was lost before it answered.</exception>
    /// <exception cref="InfrastructureException">The agent could not.</exception>
    public async Task<ImmutableArray<(WatchedFunction Function, long? Count)>> WatchAsync(IEnumerable<WatchedFunction> functions, CancellationToken cancellation) =>
        FunctionWatch.ParseAnswer((await _agent.AskAsync(FrameKind.Probe, FunctionWatch.Request(functions), cancellation).ConfigureAwait(false)).MustComplete("watch functions"));

    /// <summary>How often the watched functions were called.</summary>
    /// <exception cref="MachineLostException">The machine was lost before it answered.</exception>
    /// <exception cref="InfrastructureException">The agent could not say.</exception>
    public async Task<ImmutableArray<(WatchedFunction Function, long? Count)>> CountCallsAsync(CancellationToken cancellation) =>
        FunctionWatch.ParseAnswer((await _agent.AskAsync(FrameKind.Probe, FunctionWatch.CountRequest, cancellation).ConfigureAwait(false)).MustComplete("count calls of functions"));

    public async ValueTask DisposeAsync()
    {
        _agent?.Lose(new MachineLoss(MachineLossKind.Disposed, "the machine was switched off by its owner"));
        await _unwatched.CancelAsync().ConfigureAwait(false);
        _time?.Dispose();
        if (_qemu is not null)
            await _qemu.DisposeAsync().ConfigureAwait(false);
        if (_monitor is not null)
            await _monitor.DisposeAsync().ConfigureAwait(false);
        if (_agent is not null)
            await _agent.DisposeAsync().ConfigureAwait(false);
        await _watch.ConfigureAwait(false);
        await _watchdogCheck.ConfigureAwait(false);
        _unwatched.Dispose();
        _template?.Dispose();
    }

    private static string PrintableLine(string words) => string.Concat(words.Select(c => char.IsControl(c) ? ' ' : c));

    internal static string Name(AcceleratorChoice accelerator) => accelerator is AcceleratorChoice.Kvm ? "kvm" : "tcg";

    internal static string Tail(string console) => string.Join('\n', console.TrimEnd().Split('\n').TakeLast(40));
}
