using System.Globalization;
using HilTests.Nightly.Nights;

namespace HilTests.Nightly.Engines;

/// <summary>
/// Runs shards on a Slurm cluster: array jobs, one shard a task. The cluster schedules, and restarts what a dead node took with it; the queue is asked what
/// still lives, and the night's folder what has a result. The folder must be one that every node sees.
/// </summary>
/// <param name="night">Whose shards.</param>
/// <param name="command">The words of a shard's command, as a node finds it, before the night's folder and the shard's number.</param>
/// <param name="options">How the cluster is used.</param>
/// <param name="note">Told what happens.</param>
public sealed class SlurmEngine(NightFolder night, IReadOnlyList<string> command, SlurmOptions options, Action<string> note) : IShardEngine
{
    /// <summary>A task that is in the queue no more is believed to be gone when the queue has said so this often in a row.</summary>
    private const int GoneFor = 2;

    private readonly Dictionary<int, (SlurmChunk Chunk, int Task, int Missing)> _open = [];
    private readonly Dictionary<int, Shard> _shards = night.ReadPlan().Shards.ToDictionary(s => s.Number);
    private readonly List<ShardEnd> _rejected = [];
    private long? _silentSince;
    private int _chunks = SlurmChunk.All(night).Count;
    private int? _mostTasks;
    private string? _lastError;
    private bool _isLost;

    /// <inheritdoc/>
    public string Name => "slurm";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<int>> AdoptAsync(CancellationToken cancellation)
    {
        var chunks = SlurmChunk.All(night);
        if (chunks.Count == 0) return [];
        var live = await LiveAsync(chunks, cancellation).ConfigureAwait(false) ?? throw new NightException($"the cluster does not say what is left of the night's jobs; try again when it answers. {_lastError}");
        foreach (var chunk in chunks)
            for (var task = 0; task < chunk.Shards.Count; task++)
                if (live.Contains((chunk.Name, task))) _open[chunk.Shards[task]] = (chunk, task, 0);
        return [.. _open.Keys];
    }

    /// <inheritdoc/>
    public async Task SubmitAsync(IReadOnlyList<Shard> shards, CancellationToken cancellation)
    {
        var most = await MostTasksAsync(cancellation).ConfigureAwait(false);
        foreach (var alike in shards.GroupBy(Wants))
            foreach (var chunk in alike.Chunk(most)) await SubmitChunkAsync(alike.Key, chunk, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ShardEnd>> WaitAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var ends = Rejected().Concat(WithResult()).ToList();
            if (ends.Count > 0) return ends;
            if (_open.Count > 0) ends.AddRange(await GoneAsync(cancellation).ConfigureAwait(false));
            if (ends.Count > 0) return ends;
            await Task.Delay(options.Poll, options.Time, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>What is still in the queue is taken out of it: nobody waits for it any more. Not where the cluster fell silent: the next coordinator takes it over.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isLost) return;
        foreach (var chunk in _open.Values.Select(o => o.Chunk.Name).Distinct())
            await options.Command("scancel", ["--name", chunk], CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>What a shard wants of a node, as arguments; shards that want the same share arrays.</summary>
    private string Wants(Shard shard)
    {
        // A task ends by itself at its limit; the cluster's limit, in whole minutes, is for one that does not.
        var minutes = (int)Math.Ceiling(shard.LimitSeconds / 60) + 1;
        var wants = $"--time={minutes} --mem={shard.MemoryMiB + options.MemoryBesideMiB}M";
        var features = shard.Accelerator == "kvm" ? shard.Features.Add("kvm").Distinct() : shard.Features;
        if (features.Any()) wants += $" --constraint={string.Join('&', features)}";
        if (!shard.Licenses.IsEmpty) wants += $" --licenses={string.Join(',', shard.Licenses)}";
        return wants;
    }

    private async Task<int> MostTasksAsync(CancellationToken cancellation)
    {
        if (_mostTasks is { } known) return known;
        var said = await options.Command("scontrol", ["show", "config"], cancellation).ConfigureAwait(false);
        var line = said.Output.Split('\n').FirstOrDefault(l => l.StartsWith("MaxArraySize", StringComparison.Ordinal));
        var size = line is not null && int.TryParse(line.Split('=')[^1].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var most) && most > 1 ? most : options.MostTasks;
        if (said.Code == 0) _mostTasks = Math.Min(size, options.MostTasks);
        return Math.Min(size, options.MostTasks);
    }

    private async Task SubmitChunkAsync(string wants, Shard[] shards, CancellationToken cancellation)
    {
        var chunk = new SlurmChunk($"hil-{JobPrefix}-{++_chunks:0000}", [.. shards.Select(s => s.Number)]);
        var script = chunk.Write(night, command, options.MostRestarts);
        List<string> words =
        [
            "--parsable", $"--job-name={chunk.Name}", $"--array=0-{shards.Length - 1}", "--ntasks=1", "--requeue", "--open-mode=append",
            $"--output={Path.Combine(SlurmChunk.Folder(night), "%x-%a.log")}", .. wants.Split(' '),
        ];
        if (options.Partition is { } partition) words.Add($"--partition={partition}");
        words.Add(script);
        var since = options.Time.GetTimestamp();
        while (true)
        {
            var said = await options.Command("sbatch", words, cancellation).ConfigureAwait(false);
            if (said.Code == 0)
            {
                for (var task = 0; task < shards.Length; task++) _open[shards[task].Number] = (chunk, task, 0);
                return;
            }
            var error = said.Errors.Trim();
            if (!IsSilence(said))
            {
                _rejected.AddRange(shards.Select(s => new ShardEnd(s.Number, ShardEnding.Rejected, $"the cluster refuses it ({wants}): {error}")));
                return;
            }
            if (options.Time.GetElapsedTime(since) >= options.Patience) throw Lost(error);
            note($"the cluster does not take the jobs ({error}); trying again");
            await Task.Delay(options.Poll, options.Time, cancellation).ConfigureAwait(false);
            // It may have taken them before it fell silent: the same tasks twice would be harmless and slow.
            if (await LiveAsync([chunk], cancellation).ConfigureAwait(false) is { Count: > 0 })
            {
                for (var task = 0; task < shards.Length; task++) _open[shards[task].Number] = (chunk, task, 0);
                return;
            }
        }
    }

    /// <summary>The lab's and the night's own, so that two labs on one cluster do not take each other's jobs for their own.</summary>
    private string JobPrefix => $"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(night.Root)))[..8]}-{Path.GetFileName(night.Root)}";

    private List<ShardEnd> Rejected()
    {
        var ends = _rejected.ToList();
        _rejected.Clear();
        return ends;
    }

    /// <summary>Shards whose result is there: no need to ask the cluster.</summary>
    private List<ShardEnd> WithResult()
    {
        if (_open.Count == 0) return [];
        var there = Directory.EnumerateFiles(night.ResultsFolder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).ToHashSet();
        var ends = _open.Keys.Where(s => there.Contains(_shards[s].Id)).Select(s => new ShardEnd(s, ShardEnding.Ended, "")).ToList();
        foreach (var end in ends) _open.Remove(end.Shard);
        return ends;
    }

    /// <summary>Shards whose tasks the queue has not any more. Their result, where they left one, is seen by the caller.</summary>
    private async Task<List<ShardEnd>> GoneAsync(CancellationToken cancellation)
    {
        var live = await LiveAsync([.. _open.Values.Select(o => o.Chunk).DistinctBy(c => c.Name)], cancellation).ConfigureAwait(false);
        if (live is null)
        {
            _silentSince ??= options.Time.GetTimestamp();
            if (options.Time.GetElapsedTime(_silentSince.Value) >= options.Patience) throw Lost(_lastError ?? "");
            return [];
        }
        if (_silentSince is not null) note("the cluster answers again");
        _silentSince = null;
        var ends = new List<ShardEnd>();
        foreach (var (shard, (chunk, task, missing)) in _open.ToList())
        {
            var now = live.Contains((chunk.Name, task)) ? 0 : missing + 1;
            _open[shard] = (chunk, task, now);
            if (now < GoneFor) continue;
            _open.Remove(shard);
            ends.Add(new ShardEnd(shard, ShardEnding.Lost, $"task {task} of {chunk.Name} ended without a result; see slurm/{chunk.Name}-{task}.log"));
        }
        return ends;
    }

    /// <summary>The tasks that the queue has; null where the cluster does not answer.</summary>
    private async Task<HashSet<(string Job, int Task)>?> LiveAsync(IReadOnlyList<SlurmChunk> chunks, CancellationToken cancellation)
    {
        var said = await options.Command("squeue", ["--noheader", "--array", $"--name={string.Join(',', chunks.Select(c => c.Name))}", "--format=%j|%K"], cancellation).ConfigureAwait(false);
        if (said.Code != 0)
        {
            if (_silentSince is null) note($"the cluster does not answer: {said.Errors.Trim()}; waiting for it");
            _lastError = said.Errors.Trim();
            return null;
        }
        var live = new HashSet<(string, int)>();
        foreach (var line in said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = line.Trim().Split('|');
            if (parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var task)) live.Add((parts[0], task));
        }
        return live;
    }

    private NightException Lost(string error)
    {
        _isLost = true;
        return new NightException($"the cluster has not answered for {options.Patience.TotalMinutes:0.#} minutes ({error}); the night stays as it is: go on with --resume when it is back");
    }

    /// <summary>Whether a command failed because nobody was there to answer, so that the same command may work later.</summary>
    private static bool IsSilence(CommandSaid said) =>
        ((string[])["Unable to contact slurm controller", "Socket timed out", "Connection refused", "Unexpected message received", "Transport endpoint", "munge", "Munge", "slurm_persist_conn", "Slurm temporarily unable", "Resource temporarily unavailable"])
            .Any(w => said.Errors.Contains(w, StringComparison.Ordinal));
}
