using System.Collections.Immutable;
using System.Diagnostics;
using HilTests.Cli.Running;
using HilTests.Core.Results;
using HilTests.Lab;
using HilTests.Lab.Host;
using HilTests.Lab.Machines;
using HilTests.Lab.Modules;
using HilTests.Lab.Mutation;
using HilTests.Lab.Patches;
using HilTests.Lab.Pool;

namespace HilTests.Cli.Triaging;

/// <summary>
/// A triage: the patch is read and built while a VM comes up and looks which programs come to what it changes; then stock and patched modules run the
/// same programs in turn in one VM, until the first finding or until the time is up; a finding is repeated on both sides and made smaller. Whatever
/// happens, what was found so far becomes a result; only input that cannot be read is an exception.
/// </summary>
internal sealed class TriageSession(TriageSettings settings, RunProgress progress)
{
    private readonly DateTimeOffset _started = DateTimeOffset.Now;
    private readonly long _begin = Stopwatch.GetTimestamp();
    private readonly TriagePhases _phases = new();
    private readonly RunLedger _ledger = new(new RunSettings { Command = settings.Command, Kernel = settings.Kernel });
    private readonly BothBuilds _builds = new(settings, progress.Note);
    private PatchRecord _patch = null!;
    private IReadOnlyList<TriagePrograms> _devices = [];
    private TurnOutcome _turns = new();

    /// <summary>The modules of both sides, for the result's folder; empty where nothing was built.</summary>
    public ImmutableArray<BuiltPair> Pairs { get; private set; } = [];

    /// <summary>Reads the patch and tries it.</summary>
    /// <param name="input">Standard input.</param>
    /// <param name="cancellation">Ends it; what was found so far is the result.</param>
    /// <exception cref="PatchInputException">The patch cannot be read.</exception>
    /// <exception cref="Lab.Kernels.UnknownKernelException">No such kernel.</exception>
    public async Task<RunResult> RunAsync(Stream input, CancellationToken cancellation)
    {
        var isInterrupted = false;
        var mails = await new PatchReader(input).ReadAsync(settings.Patches, cancellation).ConfigureAwait(false);
        _patch = new PatchRecord { Subject = mails[0].Subject, Patches = [.. mails.Select(m => (m.Subject, m.Author))], Hash = "" };
        try
        {
            var series = PatchSeries.Of(mails);
            _patch = Describe(series);
            var files = await TouchedFiles.OfAsync(series, cancellation).ConfigureAwait(false);
            _patch = _patch with { Files = files };
            await HostRequirements.EnsureAsync(progress.Note, cancellation).ConfigureAwait(false);
            await TryAsync(series, files, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            isInterrupted = true;
        }
        catch (PatchException e)
        {
            _patch = _patch with { Unusable = e.Message };
        }
        catch (Exception e) when (e is InfrastructureException or MachineLostException)
        {
            _ledger.Fail(e.Message);
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException)
        {
            // Our own side again, and less foreseen: the whole error is kept with what was found so far.
            _ledger.Fail(e.ToString());
        }
        return Compose(isInterrupted);
    }

    private static PatchRecord Describe(PatchSeries series) => new()
    {
        Subject = series.Subject,
        Patches = [.. series.Patches.Select(p => (p.Subject, p.Author))],
        MessageId = series.Patches[0].MessageId,
        BaseCommit = series.Patches.Select(p => p.BaseCommit).FirstOrDefault(c => c is not null),
        Hash = series.Hash,
        Notes = series.Notes,
    };

    private async Task TryAsync(PatchSeries series, ImmutableArray<string> files, CancellationToken cancellation)
    {
        _phases.Begin("read");
        var patch = await _builds.PlanAsync(series, files, cancellation).ConfigureAwait(false);
        _patch = _patch with { Notes = [.. _patch.Notes, .. patch.Plan.Notes], Functions = [.. patch.Changed.Functions.Select(f => new ReachedFunction(f.File, f.Name, null, 0, ""))] };
        var changed = patch.Changed.Functions.Select(f => f.Name).ToHashSet();
        var known = MutantSet.Folder(SourceTree.Find());
        _devices = [.. patch.Plan.Folders.Select(f => new TriagePrograms(f.Device, settings.Seed, CatchRecord.Read(known, f.Device).Of(changed)))];
        var options = new MachineOptions { Kernel = settings.Kernel, Accelerator = settings.Accelerator, Progress = progress.Note, ConsoleMirror = settings.ConsoleMirror };
        await using var pool = new MachinePool(PoolOptions.ForThisHost(options, jobs: 2) with { Progress = progress.Note, Spares = 1 });
        try
        {
            var scout = new Scout(pool, options, progress.Note);
            _phases.Begin("build");
            Pairs = await BuildAndScoutAsync(scout, patch, cancellation).ConfigureAwait(false);
            _phases.Begin("boot");
            var plans = Pairs.Select(p => WatchPlan.Of(patch.Changed.Functions, p.Patched, patch.Sources)).ToList();
            _turns.Scouted = scout.Programs;
            var sides = new TriageSides(settings, pool, options, Pairs, plans, _ledger, progress);
            await using (sides.ConfigureAwait(false))
            {
                await sides.DescribeAsync([.. _devices.Select(d => d.Suite)], cancellation).ConfigureAwait(false);
                _phases.Begin("run");
                await sides.TakeTurnsAsync(_devices, _turns, cancellation).ConfigureAwait(false);
                _patch = _patch with { VerdictSeconds = Stopwatch.GetElapsedTime(_begin).TotalSeconds, LoadFailure = _turns.LoadFailure };
                _phases.Begin("shrink");
                await sides.ShrinkAsync(_turns, cancellation).ConfigureAwait(false);
            }
            _patch = _patch with { Functions = TurnOutcome.Reached(patch.Changed.Functions, plans, sides.PatchedCalls, scout.Programs) };
        }
        finally
        {
            _phases.End();
            _ledger.Keep(pool.Lost);
        }
    }

    /// <summary>The scout has a processor that a build with few files leaves idle; it stops once the modules are there.</summary>
    private async Task<ImmutableArray<BuiltPair>> BuildAndScoutAsync(Scout scout, PatchUnderTest patch, CancellationToken cancellation)
    {
        using var built = new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var scouting = scout.RunAsync(_devices, patch.Changed.Functions, settings.Time / 2, built.Token, stop.Token);
        try
        {
            return await Task.Run(() => _builds.BuildAsync(patch, cancellation), cancellation).ConfigureAwait(false);
        }
        catch
        {
            // Nobody needs a machine for a patch that cannot be used.
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            await built.CancelAsync().ConfigureAwait(false);
            await scouting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private RunResult Compose(bool isInterrupted)
    {
        var total = Stopwatch.GetElapsedTime(_begin).TotalSeconds;
        var suites = _devices.Select(d => d.Suite).ToList();
        if (_turns.Infrastructure is { } broken) _ledger.Fail(broken);
        var verdict = _patch.VerdictSeconds > 0 ? _patch.VerdictSeconds : total;
        var phases = _phases.All;
        return new RunResult
        {
            Started = _started,
            Command = settings.Command,
            Kernel = _ledger.KernelOrUnknown,
            Machine = _ledger.Machine,
            Profile = _ledger.Profile,
            Timings = new RunTimings(phases.GetValueOrDefault("build"), phases.GetValueOrDefault("boot"), phases.GetValueOrDefault("run") + phases.GetValueOrDefault("shrink"), total),
            Programs = [.. _turns.Programs.Select(p => p.Result)],
            Rules = [.. suites.SelectMany(s => s.Model.Rules)],
            Transitions = [.. suites.SelectMany(s => s.Model.Transitions.Select(t => $"{s.Model.Device} {t}"))],
            Infrastructure = _ledger.Infrastructure,
            Seed = settings.Seed,
            Interrupted = isInterrupted,
            Console = _ledger.Console,
            Losses = _ledger.LostMachines,
            Patch = _patch with
            {
                VerdictSeconds = verdict,
                Phases = [.. phases.Select(p => (p.Key, p.Value))],
                Notes = [.. _patch.Notes, .. _builds.Remarks.Distinct()],
                Changes = [.. _turns.Changes],
                Turns = _turns.Turns,
            },
        };
    }
}
