using System.Globalization;
using HilTests.Nightly.Engines;
using HilTests.Nightly.Nights;

namespace HilTests.UnitTests.Nightly;

/// <summary>
/// Stands in for the commands of a cluster: nodes that take a task each, die, come back; tasks that write results. Time goes on by one tick each time the
/// queue is asked.
/// </summary>
internal sealed class SimulatedCluster(NightFolder night, int nodes)
{
    private readonly Dictionary<int, Shard> _shards = night.ReadPlan().Shards.ToDictionary(s => s.Number);
    private readonly Queue<SimulatedTask> _waiting = new();
    private readonly SimulatedTask?[] _nodes = new SimulatedTask?[nodes];
    private readonly HashSet<SimulatedTask> _live = [];
    private int _tick;

    /// <summary>A task, and how many ticks it has to go.</summary>
    private sealed record SimulatedTask(string Job, int Task, int Shard)
    {
        public int Left { get; set; }
    }

    /// <summary>How often each shard was begun.</summary>
    public Dictionary<int, int> Begun { get; } = [];

    /// <summary>Results that came second: each shard's first counts.</summary>
    public int Seconds { get; private set; }

    public int NodesKilled { get; private set; }

    /// <summary>The tick from which on nobody answers, and for how many.</summary>
    public (int From, int For) Silence { get; init; }

    /// <summary>Kills a tenth of the nodes each time this many ticks have gone; 0 for never.</summary>
    public int KillEvery { get; init; }

    /// <summary>Shards whose task ends without a result the first time.</summary>
    public Func<int, bool> FailsFirst { get; init; } = static _ => false;

    public Task<CommandSaid> RunAsync(string name, IReadOnlyList<string> words, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (name == "squeue") _tick++;
        if (_tick >= Silence.From && _tick < Silence.From + Silence.For)
            return Said(1, "", "slurm_load_jobs error: Unable to contact slurm controller (connect failure)");
        return name switch
        {
            "scontrol" => Said(0, "MaxArraySize            = 1001\n"),
            "sbatch" => Submit(words),
            "squeue" => Queue(words),
            "scancel" => Said(0, ""),
            _ => Said(127, "", $"no command {name}"),
        };
    }

    private static Task<CommandSaid> Said(int code, string output, string errors = "") => Task.FromResult(new CommandSaid(code, output, errors));

    private static string Value(IReadOnlyList<string> words, string option) => words.First(w => w.StartsWith(option + "=", StringComparison.Ordinal))[(option.Length + 1)..];

    private Task<CommandSaid> Submit(IReadOnlyList<string> words)
    {
        if (words.Any(w => w.Contains("nosuch", StringComparison.Ordinal))) return Said(1, "", "sbatch: error: Batch job submission failed: Invalid feature specification");
        var job = Value(words, "--job-name");
        var list = File.ReadAllLines(Path.ChangeExtension(words[^1], ".list"));
        var last = int.Parse(Value(words, "--array").Split('-')[1], CultureInfo.InvariantCulture);
        for (var task = 0; task <= last; task++)
        {
            var each = new SimulatedTask(job, task, int.Parse(list[task], CultureInfo.InvariantCulture));
            _waiting.Enqueue(each);
            _live.Add(each);
        }
        return Said(0, "1\n");
    }

    private Task<CommandSaid> Queue(IReadOnlyList<string> words)
    {
        Tick();
        var names = Value(words, "--name").Split(',').ToHashSet();
        return Said(0, string.Concat(_live.Where(t => names.Contains(t.Job)).Select(t => $"{t.Job}|{t.Task}\n")));
    }

    private void Tick()
    {
        for (var node = 0; node < _nodes.Length; node++)
        {
            if (KillEvery > 0 && _tick % KillEvery == 0 && node % 10 == _tick / KillEvery % 10) Kill(node);
            else if (_nodes[node] is { } task && --task.Left <= 0) End(node, task);
            if (_nodes[node] is null && _waiting.TryDequeue(out var next))
            {
                next.Left = 1 + (next.Shard % 3);
                Begun[next.Shard] = Begun.GetValueOrDefault(next.Shard) + 1;
                _nodes[node] = next;
            }
        }
    }

    /// <summary>A node dies: its task goes back into the queue. Of some the result was written the moment before.</summary>
    private void Kill(int node)
    {
        NodesKilled++;
        if (_nodes[node] is not { } task) return;
        if (task.Shard % 5 == 0) Write(task.Shard);
        _waiting.Enqueue(task);
        _nodes[node] = null;
    }

    private void End(int node, SimulatedTask task)
    {
        _nodes[node] = null;
        _live.Remove(task);
        if (!(FailsFirst(task.Shard) && Begun[task.Shard] == 1)) Write(task.Shard);
    }

    private void Write(int shard)
    {
        var id = _shards[shard].Id;
        if (File.Exists(night.ResultFile(_shards[shard])))
        {
            Seconds++;
            return;
        }
        File.WriteAllText(night.ResultFile(_shards[shard]), $$"""{"schema":"hil-shard/1","shard":"{{id}}","attempt":1,"status":"Pass","verdict":"conforms","started":"2026-01-01T00:00:00+00:00","seconds":1,"results":[],"findings":[]}""");
    }
}
