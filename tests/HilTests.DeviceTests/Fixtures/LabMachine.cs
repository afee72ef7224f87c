using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Lab.Host;
using HilTests.Lab.Machines;
using HilTests.Lab.Pool;

namespace HilTests.DeviceTests.Fixtures;

/// <summary>
/// Machines for tests: each call that runs programs gets one of its own from the pool that all tests share, so tests may
/// run in parallel. A machine that went well is used again; one that failed, or was left with work in it, is not.
/// Installs what this machine lacks, or says the command that does.
/// </summary>
/// <example>
/// <code>
/// private readonly LabMachine _lab = new();
/// [TearDown] public void Keep() => _lab.AttachOnFailure();
/// </code>
/// </example>
/// <param name="options">what machine; equal options share machines</param>
/// <param name="kind">whether each call gets a machine that nothing ran on before</param>
public sealed class LabMachine(MachineOptions? options = null, LeaseKind kind = LeaseKind.Shared)
{
    private static readonly Lazy<MachinePool> Pool = new(() =>
        new MachinePool(PoolOptions.ForThisHost(new MachineOptions()) with { Progress = line => TestContext.Progress.WriteLine(line) }));

    private readonly ConcurrentDictionary<string, TestRecord> _records = new();

    /// <summary>The machines that failed in any test so far.</summary>
    public static IReadOnlyList<LostMachine> Lost => Pool.IsValueCreated ? Pool.Value.Lost : [];

    /// <summary>Switches all machines off; at the end of the assembly.</summary>
    public static ValueTask CloseAllAsync() => Pool.IsValueCreated ? Pool.Value.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>Waits for a machine; dispose of the lease to give it back. A test that has one should not wait for a second.</summary>
    public async Task<Lease> RentAsync(CancellationToken cancellation)
    {
        Action<string> progress = options?.Progress ?? (line => TestContext.Progress.WriteLine(line));
        await HostRequirements.EnsureAsync(progress, cancellation);
        var lease = await Pool.Value.RentAsync((options ?? new MachineOptions()) with { Progress = progress }, kind, cancellation);
        OfThisTest().Add(lease.Machine);
        return lease;
    }

    /// <summary>Runs one program.</summary>
    /// <returns>what was observed; a machine that was lost in the middle leaves a cut trace, a kernel that died one that says so</returns>
    /// <exception cref="InvalidOperationException">when the agent refused the program, or nothing came back</exception>
    public async Task<Trace> RunAsync(Program program, CancellationToken cancellation)
    {
        await foreach (var trace in RunAsync([program], cancellation)) return trace;
        throw new InvalidOperationException($"no trace of {program.Name} came back");
    }

    /// <summary>Runs programs one after the other on one machine; the traces come in their order.</summary>
    public async IAsyncEnumerable<Trace> RunAsync(IReadOnlyList<Program> programs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var number = 0;
        var silent = -1;
        while (number < programs.Count)
        {
            await using var lease = await RentAsync(cancellation);
            await foreach (var reply in lease.RunManyAsync(programs.Skip(number).Select(ProgramText.Print), cancellation))
            {
                // Once may be the emulator's fault: a fresh machine tries the same program again.
                if (reply.Outcome is AgentOutcome.MachineLost { Cause.IsDoubtful: true } && silent != number)
                {
                    silent = number;
                    break;
                }
                yield return Read(programs[number++], reply);
                if (reply.Outcome is AgentOutcome.MachineLost) yield break;
            }
        }
    }

    /// <summary>In a [TearDown]: attaches the test's traces, and the consoles of its machines, where it failed.</summary>
    public void AttachOnFailure()
    {
        var context = TestContext.CurrentContext;
        if (!_records.TryRemove(context.Test.ID, out var record)) return;
        if (context.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Failed) record.Attach(context);
    }

    private Trace Read(Program program, AgentReply reply)
    {
        if (reply.Outcome is AgentOutcome.AgentError refused)
            throw new InvalidOperationException($"the agent cannot run {program.Name}: {refused.Text}");
        if (reply.TraceText.Length == 0)
            throw new InvalidOperationException($"the machine was lost before {program.Name} began: {reply.Outcome}");
        var trace = TraceText.Parse(reply.TraceText, program);
        if (reply.Outcome is AgentOutcome.MachineLost { Cause: { Kind: MachineLossKind.Panic or MachineLossKind.Watchdog } cause })
            trace = trace.CrashedBy(cause.Title);
        OfThisTest().Add(trace);
        return trace;
    }

    private TestRecord OfThisTest() => _records.GetOrAdd(TestContext.CurrentContext.Test.ID, static _ => new TestRecord());

    /// <summary>What one test saw.</summary>
    private sealed class TestRecord
    {
        private readonly Lock _lock = new();
        private readonly List<Trace> _traces = [];
        private readonly List<IMachine> _machines = [];

        public void Add(Trace trace)
        {
            lock (_lock) _traces.Add(trace);
        }

        public void Add(IMachine machine)
        {
            lock (_lock)
            {
                if (!_machines.Contains(machine)) _machines.Add(machine);
            }
        }

        public void Attach(TestContext context)
        {
            lock (_lock)
            {
                foreach (var trace in _traces) Attach(context, $"{trace.Program.Name}.trace", TraceText.Print(trace));
                for (var i = 0; i < _machines.Count; i++) Attach(context, i == 0 ? "console.log" : $"console-{i + 1}.log", _machines[i].ConsoleText);
            }
        }

        private static void Attach(TestContext context, string name, string content)
        {
            var file = Path.Combine(context.WorkDirectory, "attachments", context.Test.ID, name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, content);
            TestContext.AddTestAttachment(file);
        }
    }
}
