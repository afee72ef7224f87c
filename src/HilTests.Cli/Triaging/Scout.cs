using System.Diagnostics;
using HilTests.Cli.Running;
using HilTests.Core.Channel;
using HilTests.Core.Kernel;
using HilTests.Core.Programs;
using HilTests.Lab.Machines;
using HilTests.Lab.Patches;
using HilTests.Lab.Pool;

namespace HilTests.Cli.Triaging;

/// <summary>
/// Finds out which programs come to the changed functions: runs them on the kernel as it is while the modules are being built, and counts calls.
/// What it sees only decides the order; nothing is judged.
/// </summary>
internal sealed class Scout(MachinePool pool, MachineOptions options, Action<string> note)
{
    /// <summary>By changed function the programs that came there.</summary>
    public Dictionary<string, int> Programs { get; } = [];

    /// <summary>
    /// Scouts until the modules are built; where nothing came to the change by then, somewhat longer: programs that do not reach it would tell nothing.
    /// </summary>
    /// <param name="devices">Whose programs.</param>
    /// <param name="functions">The changed functions.</param>
    /// <param name="longer">How much longer at the most.</param>
    /// <param name="untilBuilt">Says that the modules are built.</param>
    /// <param name="cancellation">Ends it at once.</param>
    public async Task RunAsync(
        IReadOnlyList<TriagePrograms> devices, IReadOnlyList<ChangedFunction> functions, TimeSpan longer, CancellationToken untilBuilt, CancellationToken cancellation)
    {
        var built = 0L;
        await using var noted = untilBuilt.Register(() => built = Stopwatch.GetTimestamp()).ConfigureAwait(false);
        try
        {
            await using var lease = await pool.RentAsync(options, LeaseKind.Fresh, cancellation).ConfigureAwait(false);
            lease.Spend();
            if (lease.Machine is not QemuMachine machine || functions.Count == 0) return;
            var profile = KernelProfile.Parse((await machine.ProbeAsync(cancellation).ConfigureAwait(false)).Trim());
            var guesses = devices.SelectMany(d => d.Suite.Modules).SelectMany(m => functions.Select(f => new WatchedFunction(m, f.Name)));
            var before = (await machine.WatchAsync(guesses.Take(FunctionWatch.Most), cancellation).ConfigureAwait(false)).Where(c => c.Count is not null).ToDictionary(c => c.Function, c => c.Count!.Value);
            if (before.Count == 0) return;
            note("looking which programs come to the changed functions");
            foreach (var (device, program) in RunPlan.InTurns([.. devices.Select(d => d.HandWritten.Select(p => (d, p)))]))
            {
                if (untilBuilt.IsCancellationRequested && (devices.Any(d => d.Reaching > 0) || Stopwatch.GetElapsedTime(built) > longer)) return;
                if (program.Model.Lacks(profile, program.Program) is not null) continue;
                var reply = await lease.RunAsync(ProgramText.Print(program.Program), cancellation).ConfigureAwait(false);
                if (reply.Outcome is not AgentOutcome.Completed) return;
                var reached = 0;
                foreach (var (function, count) in await machine.CountCallsAsync(cancellation).ConfigureAwait(false))
                {
                    if (count is not { } now || now == before.GetValueOrDefault(function)) continue;
                    before[function] = now;
                    reached++;
                    Programs[function.Symbol] = Programs.GetValueOrDefault(function.Symbol) + 1;
                }
                device.Scouted(program, reached);
            }
        }
        catch (Exception e) when (e is MachineLostException or Lab.InfrastructureException)
        {
            // Without it programs run in their usual order.
            note($"which programs come to the changed functions could not be found out: {e.Message}");
        }
    }
}
