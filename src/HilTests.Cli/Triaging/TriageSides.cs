using System.Diagnostics;
using HilTests.Cli.Running;
using HilTests.Core.Channel;
using HilTests.Core.Judging;
using HilTests.Core.Kernel;
using HilTests.Core.Results;
using HilTests.Core.Shrinking;
using HilTests.Lab.Images;
using HilTests.Lab.Machines;
using HilTests.Lab.Modules;
using HilTests.Lab.Pool;
using HilTests.Models;

namespace HilTests.Cli.Triaging;

/// <summary>Both sides in one VM: takes turns, confirms what speaks against the patch on fresh machines, makes it smaller.</summary>
internal sealed class TriageSides : IAsyncDisposable
{
    /// <summary>Programs of the first turn; those that reach the change come first.</summary>
    private const int FirstShare = 6;

    /// <summary>What a turn of one side should take.</summary>
    private static readonly TimeSpan TurnTime = TimeSpan.FromSeconds(3);

    private const int LargestShare = 400;

    /// <summary>Programs looked at again that differ within what is allowed, and how often each must differ in the same way.</summary>
    private const int MostEnvelope = 6;
    private const int EnvelopeRuns = 3;

    private readonly TriageSettings _settings;
    private readonly MachinePool _pool;
    private readonly ModuleMachine _machine;
    private readonly RunLedger _ledger;
    private readonly RunProgress _progress;
    private readonly ModuleSide _stock;
    private readonly ModuleSide _patched;
    private readonly RunSettings _stockRun;
    private readonly RunSettings _patchedRun;
    private int _done;

    public TriageSides(
        TriageSettings settings, MachinePool pool, MachineOptions options, IReadOnlyList<BuiltPair> pairs, IReadOnlyList<WatchPlan> watched, RunLedger ledger, RunProgress progress)
    {
        (_settings, _pool, _ledger, _progress) = (settings, pool, ledger, progress);
        _machine = new ModuleMachine(pool, options);
        ModuleOverride[] stock = [.. pairs.SelectMany(p => p.Stock.ToOverrides())], patched = [.. pairs.SelectMany(p => p.Patched.ToOverrides())];
        _stock = new ModuleSide(_machine, stock, []);
        _patched = new ModuleSide(_machine, patched, [.. watched.SelectMany(p => p.All).Distinct().Take(FunctionWatch.Most)]);
        _stockRun = new RunSettings
        {
            Command = settings.Command,
            Kernel = settings.Kernel,
            Accelerator = settings.Accelerator,
            ConsoleMirror = settings.ConsoleMirror,
            ShrinkTime = settings.ShrinkTime,
            ConfirmsCold = false,
            SwappedModules = stock,
        };
        _patchedRun = _stockRun with { SwappedModules = patched };
    }

    /// <summary>Calls of watched functions on the patched side.</summary>
    public IReadOnlyDictionary<WatchedFunction, long?> PatchedCalls => _patched.Calls;

    /// <summary>Starts the machine and says what it is.</summary>
    public async Task DescribeAsync(IReadOnlyList<DeviceSuite> suites, CancellationToken cancellation)
    {
        var lease = await _machine.GetAsync(cancellation).ConfigureAwait(false);
        var facts = await KernelRecord.DescribeAsync(_patchedRun, lease.Machine.Facts, suites, cancellation).ConfigureAwait(false);
        var profile = KernelProfile.Parse((await lease.Machine.ProbeAsync(cancellation).ConfigureAwait(false)).Trim());
        _ledger.Booted(lease.Machine.Facts, facts, profile, slowdown: null);
    }

    /// <summary>Stock and patched in turn, each device's programs, until something speaks against the patch or the time is up.</summary>
    public async Task TakeTurnsAsync(IReadOnlyList<TriagePrograms> devices, TurnOutcome outcome, CancellationToken cancellation)
    {
        var begin = Stopwatch.GetTimestamp();
        var limit = _settings.Time * devices.Count;
        using var source = RunPlan.InTurns([.. devices.Select(d => d.InOrder())]).GetEnumerator();
        for (var share = FirstShare; Stopwatch.GetElapsedTime(begin) < limit || outcome.Turns == 0;)
        {
            var programs = new List<PlannedProgram>();
            while (programs.Count < share && source.MoveNext()) programs.Add(source.Current);
            var turn = Stopwatch.GetTimestamp();
            await TurnAsync(programs, outcome, cancellation).ConfigureAwait(false);
            if (outcome.Broken.Count > 0 || outcome.LoadFailure is not null || outcome.Infrastructure is not null) break;
            // A turn costs two swaps, so it should be worth it; and the last one should end in time.
            var each = Stopwatch.GetElapsedTime(turn) / (2.0 * programs.Count);
            var left = (limit - Stopwatch.GetElapsedTime(begin)) / 2;
            share = Math.Clamp((int)((left < TurnTime ? left : TurnTime) / each), 1, Math.Min(LargestShare, share * 4));
        }
        if (outcome.Broken.Count > 0) await ConfirmAsync(outcome, cancellation).ConfigureAwait(false);
        else if (outcome.LoadFailure is null) await CompareWithinEnvelopeAsync(outcome, cancellation).ConfigureAwait(false);
    }

    /// <summary>Makes the findings smaller, on the patched side.</summary>
    public async Task ShrinkAsync(TurnOutcome outcome, CancellationToken cancellation)
    {
        if (outcome.Broken.Count == 0 || _settings.ShrinkTime <= TimeSpan.Zero) return;
        await using var machines = new RunMachines(_patchedRun, Suites(outcome), _ledger, _progress, _pool);
        var fresh = new FreshRuns(_patchedRun, machines, _ledger);
        await new Shrinking(_patchedRun, machines, fresh, _ledger, _progress).ShrinkAsync(outcome.Broken, cancellation).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _machine.DisposeAsync();

    private static List<DeviceSuite> Suites(TurnOutcome outcome) => [.. outcome.Programs.Select(p => p.Planned.Program.Device).Distinct().Select(ModelRegistry.Get)];

    private async Task TurnAsync(IReadOnlyList<PlannedProgram> programs, TurnOutcome outcome, CancellationToken cancellation)
    {
        var hadPatched = outcome.Turns > 0;
        var one = await _stock.RunAsync(programs, cancellation).ConfigureAwait(false);
        if ((one.LoadFailure ?? one.Infrastructure) is { } broken)
        {
            outcome.Infrastructure = one.LoadFailure is null ? broken : $"the stock modules, built in the same way, cannot be loaded: {broken}";
            return;
        }
        var late = hadPatched ? await AfterTheFactAsync(one, cancellation).ConfigureAwait(false) : [];
        var other = await _patched.RunAsync(programs, cancellation).ConfigureAwait(false);
        outcome.Turns++;
        (outcome.LoadFailure, outcome.Infrastructure) = (other.LoadFailure, other.Infrastructure);
        var stock = one.Ran.ToDictionary(p => p.Planned, p => p.Result);
        foreach (var program in other.Ran)
        {
            if (late.TryGetValue(program.Planned, out var died) && program.Result.Judgement?.Verdict is Verdict.Conforms) program.Result = died;
            program.Result = program.Result with { Stock = stock.GetValueOrDefault(program.Planned) };
            program.IsDone = true;
            outcome.Programs.Add(program);
            _progress.Ran(program.Result, ++_done, null);
            if (program.Result.Stock is { Judgement.Verdict: not Verdict.Inconclusive } && Speaks(program.Result)) outcome.Broken.Add(program);
        }
    }

    private static bool Speaks(ProgramResult patched) =>
        patched.Judgement is { } judgement && DivergenceClass.Of(judgement.Verdict) is not null && !Comparison.IsExcused(patched);

    /// <summary>
    /// A stock module with which the kernel dies where the patched one was loaded before: if it lives on a machine that never had the patched one,
    /// that was the patch, after it was unloaded.
    /// </summary>
    private async Task<Dictionary<PlannedProgram, ProgramResult>> AfterTheFactAsync(SideBatch stock, CancellationToken cancellation)
    {
        var late = new Dictionary<PlannedProgram, ProgramResult>();
        foreach (var program in stock.Ran.Where(p => p.Result.Judgement?.Verdict is Verdict.Crashed or Verdict.Hung).ToList())
        {
            await _machine.DiscardAsync().ConfigureAwait(false);
            var again = await _stock.RunAsync([program.Planned], cancellation).ConfigureAwait(false);
            if (again is not { LoadFailure: null, Infrastructure: null, Ran: [{ Result.Judgement.Verdict: Verdict.Conforms } calm] }) continue;
            late[program.Planned] = program.Result with { Console = [.. program.Result.Console, "the patched modules had been unloaded; on a machine that never had them the stock ones do well"] };
            program.Result = calm.Result;
        }
        return late;
    }

    /// <summary>One program of each kind, again on fresh machines, on both sides.</summary>
    private async Task ConfirmAsync(TurnOutcome outcome, CancellationToken cancellation)
    {
        var kinds = outcome.Broken.GroupBy(p => DivergenceClass.Of(p.Result.Judgement!.Verdict)!).Select(g => g.MinBy(p => p.Planned.Program.Steps.Length)!).Take(SuiteSize.MostConfirmedCold).ToList();
        _progress.Note($"{kinds[0].Planned.Program.Name}: {kinds[0].Result.Judgement!.Verdict.Word} with the patch only; running it again on fresh machines");
        await using var patched = new RunMachines(_patchedRun, Suites(outcome), _ledger, _progress, _pool);
        await new Repetition(_patchedRun, new FreshRuns(_patchedRun, patched, _ledger), _progress).RepeatAsync(kinds, cancellation).ConfigureAwait(false);
        await using var stock = new RunMachines(_stockRun, Suites(outcome), _ledger, _progress, _pool);
        var fresh = new FreshRuns(_stockRun, stock, _ledger);
        foreach (var program in kinds)
        {
            var kind = DivergenceClass.Of(program.Result.Judgement!.Verdict)!;
            var (seen, runs) = (0, 1);
            for (var i = 0; i < SuiteSize.ConfirmingRuns; i++)
            {
                if (await fresh.RunAsync(program.Planned, program.FellSilent, cold: false, cancellation).ConfigureAwait(false) is not { Judgement: { } judgement }) break;
                runs++;
                if (kind.Equals(DivergenceClass.Of(judgement.Verdict))) seen++;
            }
            program.Result = program.Result with { StockRepeats = (seen, runs) };
        }
        outcome.Broken.RemoveAll(p => Comparison.IsExcused(p.Result));
    }

    /// <summary>What differs within what is allowed, and does so each time.</summary>
    private async Task CompareWithinEnvelopeAsync(TurnOutcome outcome, CancellationToken cancellation)
    {
        var candidates = outcome.Programs.Select(p => (Program: p, Differs: Comparison.Differences(p.Result).ToList())).Where(c => c.Differs.Count > 0)
            .OrderBy(c => c.Program.Planned.Program.Steps.Length).DistinctBy(c => (c.Differs[0].Rule.Id, c.Differs[0].Stock, c.Differs[0].Patched)).Take(MostEnvelope).ToList();
        if (candidates.Count == 0) return;
        var changes = candidates.SelectMany(c => c.Differs).ToList();
        for (var run = 2; run <= EnvelopeRuns && changes.Count > 0; run++)
        {
            var planned = candidates.Select(c => c.Program.Planned).ToList();
            var stock = (await _stock.RunAsync(planned, cancellation).ConfigureAwait(false)).Ran.ToDictionary(p => p.Planned.Program, p => p.Result);
            var patched = (await _patched.RunAsync(planned, cancellation).ConfigureAwait(false)).Ran;
            var again = patched.Where(p => stock.ContainsKey(p.Planned.Program))
                .SelectMany(p => Comparison.Differences(p.Result with { Stock = stock[p.Planned.Program] })).ToHashSet();
            changes = [.. changes.Where(c => again.Contains(c with { Runs = 1 })).Select(c => c with { Runs = run })];
            outcome.Turns++;
        }
        outcome.Changes.AddRange(changes.DistinctBy(c => (c.Rule.Id, c.Stock, c.Patched)));
    }
}
