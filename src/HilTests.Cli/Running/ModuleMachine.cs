using HilTests.Core.Kernel;
using HilTests.Lab;
using HilTests.Lab.Images;
using HilTests.Lab.Machines;
using HilTests.Lab.Pool;

namespace HilTests.Cli.Running;

/// <summary>
/// A machine that is booted once and in which modules are swapped for as long as all goes well; after a verdict against a kernel a copy takes its
/// place that no wrong module ever ran in, so that none is blamed for what another one left behind.
/// </summary>
internal sealed class ModuleMachine(MachinePool pool, MachineOptions options) : IAsyncDisposable
{
    private readonly List<QueuedProgram> _answered = [];
    private Lease? _lease;
    private int _before;

    /// <summary>Machines that were taken so far.</summary>
    public int Taken { get; private set; }

    /// <summary>Whether no modules were swapped in this machine before.</summary>
    public bool IsFresh { get; private set; } = true;

    /// <summary>Whether there is a machine, and nothing is known against it.</summary>
    public bool IsAlive => _lease is { Failure: null };

    /// <summary>The machine, another one after it was discarded.</summary>
    /// <exception cref="InfrastructureException">none could be started</exception>
    public async Task<Lease> GetAsync(CancellationToken cancellation)
    {
        if (_lease is not null) return _lease;
        _lease = await pool.RentAsync(options, LeaseKind.Fresh, cancellation).ConfigureAwait(false);
        Taken++;
        IsFresh = true;
        return _lease;
    }

    /// <summary>Puts modules in the place of those that are loaded.</summary>
    /// <returns>the kernel's profile with them, or what was refused on a machine that nothing ran on</returns>
    /// <exception cref="MachineLostException">the kernel died of it</exception>
    public async Task<(KernelProfile? Profile, SwapRefusal? Refusal)> SwapAsync(IReadOnlyList<ModuleOverride> modules, CancellationToken cancellation)
    {
        while (true)
        {
            var wasFresh = _lease is null || IsFresh;
            var lease = await GetAsync(cancellation).ConfigureAwait(false);
            var refusal = await lease.SwapModulesAsync(modules, cancellation).ConfigureAwait(false);
            IsFresh = false;
            if (refusal is null)
            {
                _before = _answered.Count;
                return (KernelProfile.Parse((await lease.Machine.ProbeAsync(cancellation).ConfigureAwait(false)).Trim()), null);
            }
            await DiscardAsync().ConfigureAwait(false);
            // The one before may have kept its module busy.
            if (wasFresh) return (null, refusal);
        }
    }

    /// <summary>Notes that the machine answered this program.</summary>
    public void Answered(QueuedProgram program) => _answered.Add(program);

    /// <summary>Gives the programs since the last swap their lines of the console, and what the kernel said against itself.</summary>
    /// <returns>the programs with which the kernel said something</returns>
    public IReadOnlyList<QueuedProgram> ReadConsole()
    {
        if (_lease is not { } lease) return [];
        var heard = new List<QueuedProgram>();
        foreach (var (number, lines) in ConsoleSlices.Of(lease.Machine.ConsoleText, _answered.Count))
        {
            if (number <= _before || number > _answered.Count) continue;
            var program = _answered[number - 1];
            program.Result = ReplyReader.WithComplaints(program.Planned, program.Result with { Console = lines }, lines, strict: false);
            heard.Add(program);
        }
        return heard;
    }

    /// <summary>Gives the machine up.</summary>
    public async ValueTask DiscardAsync()
    {
        if (_lease is not { } lease) return;
        _lease = null;
        _answered.Clear();
        _before = 0;
        lease.Spend();
        await lease.DisposeAsync().ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => DiscardAsync();
}
