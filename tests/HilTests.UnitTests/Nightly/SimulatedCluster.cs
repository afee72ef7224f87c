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
    private readonly HashSet<SimulatedTask> _known = [];
    private readonly List<(int Tick, SimulatedTask Task)> _late = [];
    private int _tick;
    private int _jobs;

    /// <summary>A task, how many ticks it has to go, and since when it is over.</summary>
    private sealed record SimulatedTask(string Job, int Id, int Task, int Shard)
    {
        public int Left { get; set; }

        public string State { get; set; } = "PENDING";

        public int? Ended { get; set; }
    }

    /// <summary>What the cluster was asked, the questions about the queue apart.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Tasks that wait or run.</summary>
    public int Live => _known.Count(t => t.Ended is null) + _late.Count;

    /// <summary>Does something to what <c>sbatch</c> says, after the job was taken: the number of the submission from 1, what would be said.</summary>
    public Func<int, CommandSaid, CommandSaid> OnTaken { get; init; } = static (_, said) => said;

    /// <summary>What is said instead of taking a job: the number of the submission from 1; null to take it.</summary>
    public Func<int, CommandSaid?> Refuses { get; init; } = static _ => null;

    /// <summary>Ticks until a job that was taken is seen in the queue.</summary>
    public int Late { get; init; }

    /// <summary>Tasks that may be in the queue at once.</summary>
    public int MostTasks { get; init; } = int.MaxValue;

    /// <summary>What the cluster says of a task that it has ended, and that wrote no result; null for one that comes to its end.</summary>
    public Func<int, string?> Ends { get; init; } = static _ => null;

    /// <summary>Ticks for which an ended task is known.</summary>
    public int Remembers { get; init; } = 10;

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
        else Asked.Add($"{name} {string.Join(' ', words)}");
        if (_tick >= Silence.From && _tick < Silence.From + Silence.For)
            return Said(1, "", "slurm_load_jobs error: Unable to contact slurm controller (connect failure)");
        return name switch
        {
            "scontrol" => Said(0, "MaxArraySize            = 1001\n"),
            "sbatch" => Submit(words),
            "squeue" => Queue(words),
            "scancel" => Cancel(words),
            _ => Said(127, "", $"no command {name}"),
        };
    }

    private static Task<CommandSaid> Said(int code, string output, string errors = "") => Task.FromResult(new CommandSaid(code, output, errors));

    private static string Value(IReadOnlyList<string> words, string option) => words.First(w => w.StartsWith(option + "=", StringComparison.Ordinal))[(option.Length + 1)..];

    private Task<CommandSaid> Submit(IReadOnlyList<string> words)
    {
        if (words.Any(w => w.Contains("nosuch", StringComparison.Ordinal))) return Said(1, "", "sbatch: error: Batch job submission failed: Invalid feature specification");
        _jobs++;
        if (Refuses(_jobs) is { } refusal) return Task.FromResult(refusal);
        var job = Value(words, "--job-name");
        var list = File.ReadAllLines(Path.ChangeExtension(words[^1], ".list"));
        var last = int.Parse(Value(words, "--array").Split('-')[1], CultureInfo.InvariantCulture);
        if (Live + last + 1 > MostTasks) return Said(1, "", "sbatch: error: AssocMaxSubmitJobLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)");
        for (var task = 0; task <= last; task++) _late.Add((_tick + Late, new SimulatedTask(job, _jobs, task, int.Parse(list[task], CultureInfo.InvariantCulture))));
        Arrive();
        return Task.FromResult(OnTaken(_jobs, new CommandSaid(0, $"{_jobs}\n", "")));
    }

    private void Arrive()
    {
        foreach (var (_, task) in _late.Where(l => l.Tick <= _tick))
        {
            _waiting.Enqueue(task);
            _known.Add(task);
        }
        _late.RemoveAll(l => l.Tick <= _tick);
    }

    private Task<CommandSaid> Cancel(IReadOnlyList<string> words)
    {
        foreach (var task in _known.Where(t => t.Ended is null && words.Contains($"{t.Id}"))) Over(task, "CANCELLED");
        return Said(0, "");
    }

    private void Over(SimulatedTask task, string state)
    {
        (task.State, task.Ended) = (state, _tick);
        if (Array.IndexOf(_nodes, task) is var node and >= 0) _nodes[node] = null;
    }

    private Task<CommandSaid> Queue(IReadOnlyList<string> words)
    {
        Tick();
        var names = Value(words, "--name").Split(',').ToHashSet();
        return Said(0, string.Concat(_known.Where(t => names.Contains(t.Job)).Select(t => $"{t.Job}|{t.Task}|{t.Id}|{t.State}|None\n")));
    }

    private void Tick()
    {
        Arrive();
        _known.RemoveWhere(t => t.Ended + Remembers < _tick);
        for (var node = 0; node < _nodes.Length; node++)
        {
            if (KillEvery > 0 && _tick % KillEvery == 0 && node % 10 == _tick / KillEvery % 10) Kill(node);
            else if (_nodes[node] is { } task && --task.Left <= 0) End(task);
            while (_nodes[node] is null && _waiting.TryDequeue(out var next))
            {
                if (next.Ended is not null) continue;
                next.State = "RUNNING";
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
        task.State = "PENDING";
        _waiting.Enqueue(task);
        _nodes[node] = null;
    }

    private void End(SimulatedTask task)
    {
        if (Ends(task.Shard) is { } state)
        {
            Over(task, state);
            return;
        }
        Over(task, "COMPLETED");
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
