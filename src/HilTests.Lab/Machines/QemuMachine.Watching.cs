using System.Diagnostics;
using System.Text.Json;
using HilTests.Core.Channel;
using HilTests.Lab.Diagnosis;

namespace HilTests.Lab.Machines;

/// <content>How a VM's end is noticed and named.</content>
public sealed partial class QemuMachine
{
    /// <summary>How long the console may lag behind the monitor's news of a panic.</summary>
    private static readonly TimeSpan ConsoleLag = TimeSpan.FromMilliseconds(200);

    /// <summary>How long QEMU's process may take to end after its sockets closed.</summary>
    private static readonly TimeSpan ExitLag = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A kernel that says it stands still is believed when QEMU worked for this long meanwhile: a processor that spins
    /// uses all it gets. A VM that was stopped or starved by the host got less.
    /// </summary>
    private static readonly TimeSpan WorkOfAStall = TimeSpan.FromSeconds(1.5);

    /// <summary>After the watchdog bit: the agent must answer before QEMU has worked for this long.</summary>
    private static readonly TimeSpan WorkBeforeAnAnswer = TimeSpan.FromSeconds(1);

    /// <summary>After the watchdog bit: the least and the most time that the agent gets to answer.</summary>
    private static readonly (TimeSpan Least, TimeSpan Most) TimeToAnswer = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));

    /// <summary>A QEMU that a signal stopped gets this long to be continued.</summary>
    private static readonly TimeSpan MostStopped = TimeSpan.FromSeconds(15);

    private readonly TaskCompletionSource<(MachineLossKind Kind, string Fallback)> _crash = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _unwatched = new();
    private ProcessorTime? _time;
    private Task _watchdogCheck = Task.CompletedTask;

    private void OnMonitorEvent(string name, JsonElement data)
    {
        switch (name)
        {
            case "GUEST_PANICKED" or "GUEST_CRASHLOADED":
                _crash.TrySetResult((MachineLossKind.Panic, "the guest's kernel panicked; its console does not say why"));
                break;
            case "WATCHDOG":
                // Not here: the answers to commands come on the same thread as events.
                if (_watchdogCheck.IsCompleted)
                    _watchdogCheck = Task.Run(CheckAfterWatchdogAsync);
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
        else if (ConsoleDiagnosis.StallIn(line) is { } lasted && _time?.UsedIn(lasted + TimeSpan.FromSeconds(0.5)) >= WorkOfAStall.TotalSeconds)
            _crash.TrySetResult((MachineLossKind.Stalled, line.Trim()));
    }

    private void OnStopped(TimeSpan since)
    {
        if (since > MostStopped)
            _agent?.Lose(new MachineLoss(MachineLossKind.QemuStopped, $"QEMU's process has been stopped by a signal for {since.TotalSeconds:0} s"));
    }

    /// <summary>
    /// The watchdog bites a machine that only got no time as well. QEMU has paused it: it goes on, and is asked. The
    /// watchdog's own clock runs on while the machine does not, so this may happen on any busy host.
    /// </summary>
    private async Task CheckAfterWatchdogAsync()
    {
        try
        {
            await _monitor.ExecuteAsync("cont", null, _unwatched.Token).ConfigureAwait(false);
            long begin = Stopwatch.GetTimestamp();
            var ping = _agent.AskAsync(FrameKind.Ping, "after the watchdog", _unwatched.Token);
            while (await Task.WhenAny(ping, Task.Delay(50, _unwatched.Token)).ConfigureAwait(false) != ping)
            {
                _unwatched.Token.ThrowIfCancellationRequested();
                var waited = Stopwatch.GetElapsedTime(begin);
                if (waited < TimeToAnswer.Least || (waited < TimeToAnswer.Most && _time!.UsedIn(waited) < WorkBeforeAnAnswer.TotalSeconds))
                    continue;
                _crash.TrySetResult((MachineLossKind.Watchdog, "no processor runs anything any more: the watchdog bit, and the agent does not answer"));
                return;
            }
            await SetUpAsync("watchdog=start", _unwatched.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or InfrastructureException or MachineLostException)
        {
            // The machine is gone; why is found out in another way.
        }
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
            _agent.Lose(await NameCrashAsync(kind, fallback).ConfigureAwait(false));
            return;
        }
        _agent.Lose(exited.IsCompleted
            ? new MachineLoss(MachineLossKind.QemuDied, $"QEMU {await _qemu.DescribeEndAsync().ConfigureAwait(false)}")
            : new MachineLoss(MachineLossKind.AgentGone, "the agent's channel closed while QEMU runs on"));
    }

    /// <summary>What looks like the kernel's doing may be that of a copy gone bad: the template is read byte for byte, once.</summary>
    private MachineLoss Review(MachineLoss loss) =>
        (loss.IsDoubtful || loss.Kind is MachineLossKind.Panic) && _template?.FindDamage() is { } damage
            ? new MachineLoss(MachineLossKind.TemplateDamaged, $"{damage} (seen as {loss.Kind}: {loss.Title})")
            : loss;

    private async Task<MachineLoss> NameCrashAsync(MachineLossKind kind, string fallback)
    {
        var diagnosis = ConsoleDiagnosis.OfLastProgram(_console.Text);
        if (diagnosis.Reports.FirstOrDefault(r => r.Kind is ReportKind.MemoryDeadlock) is { } memory)
            return new MachineLoss(MachineLossKind.OutOfMemory, $"the guest's memory was used up, and nothing was left that could be killed: {memory.Title}");
        if (diagnosis.Reports.FirstOrDefault(r => r.Kind is ReportKind.InitGone) is { } init)
            return new MachineLoss(MachineLossKind.AgentGone, $"the agent, the VM's first process, ended: {init.Title}");
        if (kind is MachineLossKind.AgentGone || diagnosis.Cause is not { } cause || cause.Kind.IsAboutTheGuest())
            return new MachineLoss(kind, fallback);
        if (kind is MachineLossKind.Panic && cause.Kind.IsAboutTime())
            kind = MachineLossKind.Stalled;
        return new MachineLoss(kind, cause.Title) { Details = await _decoder.DescribeAsync(cause).ConfigureAwait(false) };
    }
}
