using System.Runtime.CompilerServices;
using HilTests.Core;
using HilTests.Lab.Images;
using HilTests.Lab.Machines;

namespace HilTests.UnitTests.Pool;

/// <summary>A machine without a kernel: answers every program with an empty trace until a test says that it is lost.</summary>
internal sealed class CountedMachine(CountedMachines owner, int number, MachineOptions options) : IMachine
{
    private MachineLoss? _loss;

    public int Number => number;

    public MachineOptions Options => options;

    public bool IsOff { get; private set; }

    public MachineFacts Facts { get; } = new("6.1.0", "test", "none", 1, options.MemoryMiB, "test", [], TimeSpan.Zero, TimeSpan.Zero);

    public string ConsoleText => $"console of {number}\n";

    public void Lose(MachineLossKind kind, string title) => _loss = new MachineLoss(kind, title);

    public Task<AgentReply> RunAsync(string programText, CancellationToken cancellation) =>
        Task.FromResult(new AgentReply("", _loss is { } loss ? new AgentOutcome.MachineLost(loss) : new AgentOutcome.Completed()));

    public async IAsyncEnumerable<AgentReply> RunManyAsync(IEnumerable<string> programTexts, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var text in programTexts.ToList()) yield return await RunAsync(text, cancellation);
    }

    public Task<string> ProbeAsync(CancellationToken cancellation) => Task.FromResult("hz=250");

    public Task<TimeSpan> MeasureWorkAsync(int rounds, CancellationToken cancellation) => Task.FromResult(FixedWork.Measure(rounds));

    public Task<TimeSpan> PingAsync(CancellationToken cancellation) =>
        _loss is { } loss ? Task.FromException<TimeSpan>(new MachineLostException(loss)) : Task.FromResult(TimeSpan.Zero);

    public Task<SwapRefusal?> SwapModulesAsync(IReadOnlyList<ModuleOverride> modules, CancellationToken cancellation) => Task.FromResult<SwapRefusal?>(null);

    public ValueTask DisposeAsync()
    {
        IsOff = true;
        owner.Ended();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Starts machines for a pool and counts how many there are at once.</summary>
internal sealed class CountedMachines
{
    private readonly Lock _lock = new();
    private readonly List<CountedMachine> _all = [];
    private int _live;

    /// <summary>Every start waits for this first.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>What a start fails with; asked once a start.</summary>
    public Func<Exception?> Failure { get; set; } = () => null;

    public int Most { get; private set; }

    public IReadOnlyList<CountedMachine> All
    {
        get
        {
            lock (_lock) return [.. _all];
        }
    }

    public async Task<IMachine> StartAsync(MachineOptions options, CancellationToken cancellation)
    {
        await Gate.WaitAsync(cancellation);
        if (Failure() is { } failure) throw failure;
        lock (_lock)
        {
            var machine = new CountedMachine(this, _all.Count + 1, options);
            _all.Add(machine);
            Most = Math.Max(Most, ++_live);
            return machine;
        }
    }

    public void Ended()
    {
        lock (_lock) _live--;
    }
}
