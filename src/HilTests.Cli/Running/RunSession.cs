using System.Diagnostics;
using HilTests.Core.Kernel;
using HilTests.Core.Programs;
using HilTests.Core.Results;
using HilTests.Lab;
using HilTests.Lab.Host;
using HilTests.Lab.Machines;
using HilTests.Lab.Modules;
using HilTests.Lab.Pool;
using HilTests.Models;

namespace HilTests.Cli.Running;

/// <summary>
/// One run: machines are started, programs sent, traces judged, what diverged is confirmed. Whatever happens, what was
/// found so far becomes a result; only wrong usage is an exception.
/// </summary>
internal sealed class RunSession(RunSettings settings, RunPlan plan, RunProgress progress)
{
    private readonly RunLedger _ledger = new(settings);
    private readonly DateTimeOffset _started = DateTimeOffset.Now;
    private readonly long _begin = Stopwatch.GetTimestamp();
    private int _done;

    /// <summary>Runs the plan.</summary>
    /// <exception cref="Lab.Kernels.UnknownKernelException">no such kernel</exception>
    public async Task<RunResult> RunAsync(CancellationToken cancellation)
    {
        using var queue = new ProgramQueue(plan);
        var isInterrupted = false;
        try
        {
            if (settings.Machine == MachineKind.Local)
                await LocalRequirements.EnsureAsync(plan.Suites.Select(s => s.Model.Device), cancellation).ConfigureAwait(false);
            await HostRequirements.EnsureAsync(progress.Note, cancellation, forVms: settings.Machine == MachineKind.Qemu).ConfigureAwait(false);
            await using var machines = new RunMachines(await WithOwnModulesAsync(cancellation).ConfigureAwait(false), plan.Suites, _ledger, progress);
            try
            {
                await RunAllAsync(queue, machines, cancellation).ConfigureAwait(false);
                var fresh = new FreshRuns(settings, machines, _ledger);
                await new Repetition(settings, fresh, progress).RepeatAsync(queue.Programs, cancellation).ConfigureAwait(false);
                await new Shrinking(settings, machines, fresh, _ledger, progress).ShrinkAsync(queue.Programs, cancellation).ConfigureAwait(false);
            }
            finally
            {
                _ledger.Keep(machines.Lost);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            isInterrupted = true;
        }
        catch (Exception e) when (e is InfrastructureException or MachineLostException)
        {
            _ledger.Fail(e.Message);
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException or AggregateException)
        {
            // Our own side again, and less foreseen: the whole error is kept with what was found so far.
            _ledger.Fail(e.ToString());
        }
        return Compose(queue, isInterrupted);
    }

    /// <summary>Where the project's own modules cannot be built the run goes on without them: the device is not there then, and its programs are skipped.</summary>
    private async Task<RunSettings> WithOwnModulesAsync(CancellationToken cancellation)
    {
        if (settings.Machine == MachineKind.Local || plan.Suites.All(s => s.Model.Device != AsyncLinkModules.Device)) return settings;
        try
        {
            var modules = await AsyncLinkModules.BuildAsync(settings.Kernel, progress.Note, cancellation).ConfigureAwait(false);
            return settings with { ModuleOverrides = [.. settings.ModuleOverrides, .. modules] };
        }
        catch (InfrastructureException e)
        {
            progress.Note($"{AsyncLinkModules.Device} is left out: {e.Message}");
            return settings;
        }
    }

    private async Task RunAllAsync(ProgramQueue queue, RunMachines machines, CancellationToken cancellation)
    {
        // One worker's failure ends the others.
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var workers = Enumerable.Range(0, Workers).Select(_ => WorkAsync(queue, machines, all)).ToList();
        try
        {
            await foreach (var worker in Task.WhenEach(workers).ConfigureAwait(false)) await worker.ConfigureAwait(false);
        }
        catch
        {
            await all.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(workers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private int Workers => Math.Clamp(plan.Count ?? int.MaxValue, 1, settings.Jobs);

    private async Task WorkAsync(ProgramQueue queue, RunMachines machines, CancellationTokenSource all)
    {
        await using var slot = new MachineSlot(machines, settings.Fresh ? LeaseKind.Fresh : LeaseKind.Shared, _ledger, settings.Strict);
        while (queue.TryTake(out var first))
        {
            Lease lease;
            try
            {
                lease = await slot.GetAsync(all.Token).ConfigureAwait(false);
            }
            catch
            {
                queue.Return([first]);
                throw;
            }
            var isLost = await FeedAsync(slot, lease, machines.Profile, queue, first, all.Token).ConfigureAwait(false)
                || await slot.DiedLateAsync(all.Token).ConfigureAwait(false);
            if (isLost || settings.Fresh) await slot.DiscardAsync().ConfigureAwait(false);
            if (!isLost) continue;
            _ledger.Lost();
            if (_ledger.Losses < SuiteSize.MostLosses) continue;
            _ledger.Fail($"{_ledger.Losses} machines were lost; the run was given up");
            queue.Close();
        }
    }

    /// <summary>Sends a share of the programs to a machine, until the machine takes no more.</summary>
    /// <returns>whether the machine failed</returns>
    private async Task<bool> FeedAsync(
        MachineSlot slot, Lease lease, KernelProfile profile, ProgramQueue queue, QueuedProgram first, CancellationToken cancellation)
    {
        var share = settings.Fresh ? 1 : queue.Share(Workers);
        var sent = new Queue<QueuedProgram>();
        var lastReply = Stopwatch.GetTimestamp();
        try
        {
            await foreach (var reply in lease.RunManyAsync(Texts(queue, first, share, sent, profile), cancellation).ConfigureAwait(false))
            {
                var program = sent.Dequeue();
                slot.Answered(program);
                if (!program.FellSilent && reply.Outcome is AgentOutcome.MachineLost { Cause: { IsDoubtful: true } cause })
                {
                    // Once may be the fault of the emulator or of a busy host, and says nothing about the kernel; a second
                    // time, on a fresh machine, it is the kernel's.
                    program.FellSilent = true;
                    sent.Enqueue(program);
                    _ledger.Fail($"a machine fell silent or stood still in {program.Planned.Program.Device} {program.Planned.Program.Name} ({cause.Title}); the program was run again on a fresh one");
                    progress.Note($"{program.Planned.Program.Name}: {cause.Title}; trying it again on a fresh machine");
                    return true;
                }
                var read = ReplyReader.Read(program.Planned, reply, profile, settings.Strict, program.FellSilent);
                Take(program, read, Stopwatch.GetElapsedTime(lastReply));
                lastReply = Stopwatch.GetTimestamp();
                if (IsTimeUp()) queue.Close();
                if (read.IsMachineSpent || IsTimeUp()) return read.IsMachineSpent;
            }
            return false;
        }
        finally
        {
            queue.Return(sent);
        }
    }

    private IEnumerable<string> Texts(ProgramQueue queue, QueuedProgram first, int share, Queue<QueuedProgram> sent, KernelProfile profile)
    {
        var next = first;
        do
        {
            if (IsLeftOut(next, profile)) continue;
            sent.Enqueue(next);
            yield return ProgramText.Print(next.Planned.Program);
        }
        while (--share > 0 && queue.TryTake(out next));
    }

    /// <summary>A program about something that the kernel does not have is not run, and never counts as passed.</summary>
    private bool IsLeftOut(QueuedProgram program, KernelProfile profile)
    {
        if (program.Planned.Model.Lacks(profile, program.Planned.Program) is not { } why) return false;
        program.Result = program.Result with { Skipped = why };
        program.IsDone = true;
        progress.Ran(program.Result, Interlocked.Increment(ref _done), plan.Count);
        return true;
    }

    private void Take(QueuedProgram program, ReadReply read, TimeSpan time)
    {
        program.Result = read.Result with { Seconds = time.TotalSeconds };
        program.IsDone = true;
        if (read.Infrastructure is { } failure) _ledger.Fail(failure);
        progress.Ran(program.Result, Interlocked.Increment(ref _done), plan.Count);
    }

    private bool IsTimeUp() => settings.Time is { } limit && Stopwatch.GetElapsedTime(_begin) - PreparationTime() >= limit;

    private TimeSpan PreparationTime()
    {
        var (build, boot) = _ledger.Preparation;
        return TimeSpan.FromSeconds(build + boot);
    }

    /// <summary>Hand-written programs stand for a device that cannot be tested here; generated ones were never made.</summary>
    private static IEnumerable<ProgramResult> Skipped(KeyValuePair<string, string> device) =>
        ModelRegistry.Get(device.Key).HandWritten.Select(p => new ProgramResult { Program = p, Skipped = device.Value });

    private RunResult Compose(ProgramQueue queue, bool isInterrupted)
    {
        var total = Stopwatch.GetElapsedTime(_begin).TotalSeconds;
        var (build, boot) = _ledger.Preparation;
        var console = _ledger.Console;
        return new RunResult
        {
            Started = _started,
            Command = settings.Command,
            Kernel = _ledger.KernelOrUnknown,
            Machine = _ledger.Machine,
            Profile = _ledger.Profile,
            Timings = new RunTimings(build, boot, Math.Max(0, total - build - boot), total),
            Programs = [.. queue.Programs.Select(p => p.Result), .. settings.LeftOut.SelectMany(Skipped)],
            Rules = [.. plan.Suites.SelectMany(s => s.Model.Rules)],
            Transitions = [.. plan.Suites.SelectMany(s => s.Model.Transitions.Select(t => $"{s.Model.Device} {t}"))],
            Infrastructure = _ledger.Infrastructure,
            Seed = settings.Seed,
            Interrupted = isInterrupted,
            Console = console,
            Losses = _ledger.LostMachines,
            Strict = settings.Strict,
        };
    }
}
