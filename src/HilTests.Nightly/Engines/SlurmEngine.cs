using System.Globalization;
using HilTests.Nightly.Nights;

namespace HilTests.Nightly.Engines;

/// <summary>
/// Runs shards on a Slurm cluster: array jobs, one shard a task. The cluster schedules, and restarts what a dead node took with it; the queue is asked what
/// still lives, and the night's folder what has a result. The folder must be one that every node sees.
/// </summary>
public sealed class SlurmEngine : IShardEngine
{
    /// <summary>A cluster that takes no more is asked again after so many polls.</summary>
    private const int PollsWhenFull = 10;

    /// <summary>A task that is in the queue no more is believed to be gone when the queue has said so this often in a row.</summary>
    private const int GoneFor = 2;

    /// <summary>Whose shards have results ends by itself; so often it is only looked at.</summary>
    private const int PollsForEnding = 5;

    private readonly NightFolder _night;
    private readonly SlurmOptions _options;
    private readonly Action<string> _note;
    private readonly SlurmQueue _queue;
    private readonly SlurmSubmission _submission;
    private readonly Dictionary<int, Shard> _shards;
    private readonly Dictionary<int, (SlurmChunk Chunk, int Task, int Missing)> _open = [];
    private readonly List<Shard> _pending = [];
    private readonly List<ShardEnd> _rejected = [];
    private long? _silentSince;
    private long? _fullSince;
    private int _fullPolls;
    private bool _isLost;

    /// <param name="night">Whose shards.</param>
    /// <param name="command">The words of a shard's command, as a node finds it, before the night's folder and the shard's number.</param>
    /// <param name="options">How the cluster is used.</param>
    /// <param name="note">Told what happens.</param>
    public SlurmEngine(NightFolder night, IReadOnlyList<string> command, SlurmOptions options, Action<string> note)
    {
        (_night, _options, _note) = (night, options, note);
        _shards = night.ReadPlan().Shards.ToDictionary(s => s.Number);
        _queue = new SlurmQueue(options, note);
        _submission = new SlurmSubmission(night, command, options, _queue, note);
    }

    /// <inheritdoc/>
    public string Name => "slurm";

    /// <summary>Takes what is left of a night's jobs out of the queue and waits until it has ended: nobody is going to wait for its results.</summary>
    /// <exception cref="NightException">The cluster does not answer, or they do not end.</exception>
    public static async Task EndAsync(NightFolder night, SlurmOptions options, Action<string> note)
    {
        var jobs = SlurmChunk.All(night).Select(c => c.Name).ToList();
        var queue = new SlurmQueue(options, note);
        var left = await queue.ClearAsync(jobs, polls: 0, isUnsure: false).ConfigureAwait(false);
        if (left is { Count: 0 }) return;
        var why = left is null ? queue.LastError : $"{string.Join(' ', left)} do not end";
        throw new NightException($"jobs of {night.Root} may still be in the cluster's queue ({why}): try again when it answers, or remove {SlurmChunk.Folder(night)} where that cluster is gone for good");
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<int>> AdoptAsync(CancellationToken cancellation)
    {
        var chunks = SlurmChunk.All(_night);
        if (chunks.Count == 0) return [];
        var tasks = await _queue.AskAsync([.. chunks.Select(c => c.Name)], cancellation).ConfigureAwait(false);
        // They may be at work: whoever comes next takes them over.
        _isLost = tasks is null;
        if (tasks is null) throw new NightException($"the cluster does not say what is left of the night's jobs; try again when it answers. {_queue.LastError}");
        var live = tasks.Where(t => !t.IsEnded).Select(t => (t.Job, t.Task)).ToHashSet();
        foreach (var chunk in chunks)
            for (var task = 0; task < chunk.Shards.Count; task++)
                if (live.Contains((chunk.Name, task))) _open[chunk.Shards[task]] = (chunk, task, 0);
        return [.. _open.Keys];
    }

    /// <inheritdoc/>
    public async Task SubmitAsync(IReadOnlyList<Shard> shards, CancellationToken cancellation)
    {
        _pending.AddRange(shards);
        await SubmitPendingAsync(cancellation).ConfigureAwait(false);
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
            await Task.Delay(_options.Poll, _options.Time, cancellation).ConfigureAwait(false);
            if (_fullSince is null || ++_fullPolls % PollsWhenFull == 0) await SubmitPendingAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// What is still in the queue is taken out of it, and waited for: nobody waits for it any more. Not where the cluster fell silent: the next coordinator takes
    /// it over.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_isLost) return;
        var jobs = SlurmChunk.All(_night).Select(c => c.Name).ToList();
        var polls = _open.Count == 0 ? PollsForEnding : 0;
        var left = await _queue.ClearAsync(jobs, polls, _submission.IsUnsure).ConfigureAwait(false);
        if (left is null) _note($"the cluster does not say whether jobs of the night are left ({_queue.LastError}); --resume takes them over, the next night takes them out of the queue");
        else if (left.Count > 0) _note($"jobs that were cancelled have not ended yet: {string.Join(' ', left)}");
    }

    /// <summary>Gives the cluster what it does not have yet. What it does not take now is kept, and tried again at the next poll.</summary>
    private async Task SubmitPendingAsync(CancellationToken cancellation)
    {
        while (_pending.Count > 0)
        {
            var wants = _submission.Wants(_pending[0]);
            var shards = _pending.Where(s => _submission.Wants(s) == wants).Take(await _submission.MostTasksAsync(cancellation).ConfigureAwait(false)).ToList();
            var (answer, chunk, words) = await _submission.SubmitAsync(wants, shards, cancellation).ConfigureAwait(false);
            if (answer == SubmitAnswer.Silence) throw Lost(words);
            if (answer == SubmitAnswer.Later && _submission.TakeLess(shards.Count)) continue;
            if (answer == SubmitAnswer.Later && !IsPatienceOver(words)) return;
            _pending.RemoveAll(shards.ToHashSet().Contains);
            if (answer == SubmitAnswer.Taken)
            {
                _fullSince = null;
                _submission.TakeMore();
                for (var task = 0; task < shards.Count; task++) _open[shards[task].Number] = (chunk, task, 0);
            }
            else
            {
                _rejected.AddRange(shards.Select(s => new ShardEnd(s.Number, ShardEnding.Rejected, $"the cluster refuses it ({wants}): {words}")));
            }
        }
    }

    /// <summary>A cluster that is full of our own tasks is waited for; one that is full of others' for so long as one that is silent.</summary>
    private bool IsPatienceOver(string words)
    {
        if (_fullPolls == 0) _note($"the cluster takes no more for now ({words.Split('\n')[0]}); it is tried again");
        _fullPolls++;
        if (_fullSince is null || _open.Count > 0) _fullSince = _options.Time.GetTimestamp();
        return _options.Time.GetElapsedTime(_fullSince.Value) >= _options.Patience;
    }

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
        var there = Directory.EnumerateFiles(_night.ResultsFolder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).ToHashSet();
        var ends = _open.Keys.Where(s => there.Contains(_shards[s].Id)).Select(s => new ShardEnd(s, ShardEnding.Ended, "")).ToList();
        foreach (var end in ends) _open.Remove(end.Shard);
        return ends;
    }

    /// <summary>Shards whose tasks ended, or which the queue has not any more. Their result, where they left one, is seen by the caller.</summary>
    private async Task<List<ShardEnd>> GoneAsync(CancellationToken cancellation)
    {
        var tasks = await _queue.AskAsync([.. _open.Values.Select(o => o.Chunk.Name).Distinct()], cancellation).ConfigureAwait(false);
        if (tasks is null)
        {
            _silentSince ??= _options.Time.GetTimestamp();
            if (_options.Time.GetElapsedTime(_silentSince.Value) >= _options.Patience) throw Lost(_queue.LastError);
            return [];
        }
        _silentSince = null;
        // Of two jobs of one name, for one that was submitted again since nobody answered, the living one counts.
        var known = tasks.GroupBy(t => (t.Job, t.Task)).ToDictionary(g => g.Key, g => g.MinBy(t => t.IsEnded)!);
        var ends = new List<ShardEnd>();
        foreach (var (shard, (chunk, task, missing)) in _open.ToList())
        {
            var found = known.GetValueOrDefault((chunk.Name, task));
            var now = found is { IsEnded: false } ? 0 : missing + 1;
            _open[shard] = (chunk, task, now);
            if (now == 0 || (found is null or { IsCompleted: true } && now < GoneFor)) continue;
            _open.Remove(shard);
            ends.Add(new ShardEnd(shard, ShardEnding.Lost, Words(found, chunk, task, _shards[shard])));
        }
        return ends;
    }

    private string Words(SlurmTask? found, SlurmChunk chunk, int task, Shard shard)
    {
        var how = found?.Ending(_submission.Wants(shard)) ?? "it ended without a result, and the cluster has forgotten how";
        var said = chunk.LastWords(_night, task);
        if (said.Length > 200) said = said[..200] + " …";
        return string.Create(CultureInfo.InvariantCulture, $"{how}; task {task} of {chunk.Name}, see slurm/{Path.GetFileName(chunk.LogFile(_night, task))}{(said.Length > 0 ? $": {said}" : "")}");
    }

    private NightException Lost(string error)
    {
        _isLost = true;
        return new NightException($"the cluster has not answered for {_options.Patience.TotalMinutes:0.#} minutes ({error}); the night stays as it is: go on with --resume when it is back");
    }
}
