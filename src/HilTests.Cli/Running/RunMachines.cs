using HilTests.Core;
using HilTests.Core.Kernel;
using HilTests.Core.Values;
using HilTests.Lab;
using HilTests.Lab.Machines;
using HilTests.Lab.Pool;
using HilTests.Models;

namespace HilTests.Cli.Running;

/// <summary>The machines of a run: a pool of equal ones, and what their kernel was found to be.</summary>
internal sealed class RunMachines : IAsyncDisposable
{
    private readonly RunSettings _settings;
    private readonly IReadOnlyList<DeviceSuite> _suites;
    private readonly RunLedger _ledger;
    private readonly MachineOptions _options;
    private readonly MachinePool _pool;
    private readonly SemaphoreSlim _describing = new(1);
    private KernelProfile? _profile;

    private readonly bool _isOwnPool;

    /// <param name="settings">What machines are wanted.</param>
    /// <param name="suites">The devices that take part.</param>
    /// <param name="ledger">Gets what is learnt of the machines.</param>
    /// <param name="progress">Told what takes time.</param>
    /// <param name="pool">Somebody else's pool to take machines from; null for one of its own.</param>
    public RunMachines(RunSettings settings, IReadOnlyList<DeviceSuite> suites, RunLedger ledger, RunProgress progress, MachinePool? pool = null)
    {
        _settings = settings;
        _suites = suites;
        _ledger = ledger;
        _options = new MachineOptions
        {
            Kernel = settings.Kernel,
            Accelerator = settings.Accelerator,
            ModuleOverrides = settings.ModuleOverrides,
            Progress = progress.Note,
            ConsoleMirror = settings.ConsoleMirror,
        };
        if (settings.MemoryMiB is { } memory) _options = _options with { MemoryMiB = memory };
        _isOwnPool = pool is null;
        _pool = pool ?? new MachinePool(settings.Machine == MachineKind.Local
            ? new PoolOptions { Capacity = 1, Slots = null, Start = StartLocalAsync, Progress = progress.Note }
            : PoolOptions.ForThisHost(_options, settings.Jobs, settings.Fresh) with { Progress = progress.Note });
    }

    /// <summary>The kernel that the machines run; empty before the first one is up.</summary>
    public KernelProfile Profile => _profile ?? KernelProfile.Of();

    /// <summary>The machines that failed.</summary>
    public IReadOnlyList<LostMachine> Lost => _pool.Lost;

    /// <summary>Waits for a machine; the first one is probed.</summary>
    /// <param name="kind">whether others may have used it</param>
    /// <param name="cancellation">stops waiting</param>
    /// <param name="cold">a boot of its own, no copy of a template</param>
    /// <exception cref="InfrastructureException">none could be started, or it is not the kernel that was asked for</exception>
    public async Task<Lease> RentAsync(LeaseKind kind, CancellationToken cancellation, bool cold = false)
    {
        var options = cold ? _options with { Start = MachineStart.Cold } : _options;
        var lease = await _pool.RentAsync(options, kind, cancellation).ConfigureAwait(false);
        try
        {
            if (_settings.SwappedModules.Count > 0 && !lease.HasOtherModules && await lease.SwapModulesAsync(_settings.SwappedModules, cancellation).ConfigureAwait(false) is { } refusal)
                throw new InfrastructureException($"{refusal}");
            await DescribeAsync(lease.Machine, cancellation).ConfigureAwait(false);
            return lease;
        }
        catch (Exception e)
        {
            _ledger.Keep(lease.Machine);
            if (e is MachineLostException { Loss: var loss }) lease.Fail($"{loss.Kind}: {loss.Title}");
            else lease.Spend();
            await lease.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isOwnPool) await _pool.DisposeAsync().ConfigureAwait(false);
        _describing.Dispose();
    }

    private async Task DescribeAsync(IMachine machine, CancellationToken cancellation)
    {
        if (_profile is not null) return;
        await _describing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_profile is not null) return;
            var facts = await KernelRecord.DescribeAsync(_settings, machine.Facts, _suites, cancellation).ConfigureAwait(false);
            if (_settings.Expected?.Difference(facts) is { } difference)
                throw new InfrastructureException($"this is not the kernel of the recorded program: {difference}; name a kernel with --kernel to run it there all the same");
            var profile = KernelProfile.Parse((await machine.ProbeAsync(cancellation).ConfigureAwait(false)).Trim());
            RequireModules(machine.Facts.ModulesMissing, profile);
            _ledger.Booted(machine.Facts, facts, profile, await SlowdownAsync(machine, cancellation).ConfigureAwait(false));
            _profile = profile;
        }
        finally
        {
            _describing.Release();
        }
    }

    // On this very machine there is nothing to compare with.
    private async Task<double?> SlowdownAsync(IMachine machine, CancellationToken cancellation)
    {
        if (_settings.Machine == MachineKind.Local) return null;
        var guest = await machine.MeasureWorkAsync(FixedWork.DefaultRounds, cancellation).ConfigureAwait(false);
        return Math.Round(guest / FixedWork.Measure(FixedWork.DefaultRounds), 2);
    }

    private async Task<IMachine> StartLocalAsync(MachineOptions options, CancellationToken cancellation) =>
        await LocalMachine.StartAsync(options with { Devices = [.. _suites.Select(s => s.Model.Device)] }, cancellation).ConfigureAwait(false);

    /// <summary>
    /// A device that the kernel does not have is a reason to skip its programs. A module that is there and that the kernel refuses is a mistake of
    /// whoever built it: nothing was tested then.
    /// </summary>
    private void RequireModules(IReadOnlyList<string> missing, KernelProfile profile)
    {
        var refused = missing.Where(m => m.StartsWith("path=", StringComparison.Ordinal)).ToList();
        var absent = _suites.Select(s => s.Model.Device).FirstOrDefault(d => profile[d] is SymbolValue { Word: "no" });
        if (absent is not null && refused.Count > 0)
            throw new InfrastructureException($"{absent} cannot be tested: modules did not load: {string.Join("\n", refused)}");
    }
}
