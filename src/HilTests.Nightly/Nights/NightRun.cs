using HilTests.Nightly.Engines;

namespace HilTests.Nightly.Nights;

/// <summary>How far a night has come.</summary>
/// <param name="Planned">Shards of the plan.</param>
/// <param name="WithResult">Shards with a result about the kernel.</param>
/// <param name="GivenUp">Shards that were tried as often as the matrix says, or that cannot be run.</param>
public sealed record NightProgress(int Planned, int WithResult, int GivenUp);

/// <summary>
/// The coordinator: gives shards to an engine, looks for their results, tries again what our own side spoilt. All that it knows is in the night's folder, so
/// that it may be killed at any moment: <c>--resume</c> reads the same files.
/// </summary>
/// <param name="folder">The night.</param>
/// <param name="plan">Its plan.</param>
/// <param name="engine">Where shards run.</param>
/// <param name="note">Told what happens.</param>
public sealed class NightRun(NightFolder folder, NightPlan plan, IShardEngine engine, Action<string> note)
{
    private readonly Dictionary<int, Shard> _shards = plan.Shards.ToDictionary(s => s.Number);
    private readonly Dictionary<int, int> _lost = [];
    private readonly HashSet<int> _done = [];
    private readonly HashSet<int> _givenUp = [];

    /// <summary>Runs what has no result yet.</summary>
    /// <exception cref="NightException">The engine is gone; the night can be resumed.</exception>
    /// <exception cref="IOException">The night's folder cannot be written; it can be resumed.</exception>
    public async Task<NightProgress> RunAsync(CancellationToken cancellation)
    {
        using var journal = Journal.Open(folder.JournalFile);
        // The engine first: what it has not any more has ended, and its result is seen by who looks afterwards.
        var adopted = await engine.AdoptAsync(cancellation).ConfigureAwait(false);
        Recall(journal);
        journal.Append((JournalEvent.Opened, null, $"engine {engine.Name}, {_done.Count} of {_shards.Count} shards have results"));
        Reject(journal, _shards.Values.Where(s => s.Impossible is not null && !_givenUp.Contains(s.Number)).Select(s => (s, s.Impossible!)));
        var open = Adopt(journal, adopted);
        await SubmitAsync(journal, [.. plan.Shards.Where(s => IsOpen(s.Number) && !open.Contains(s.Number))], open, cancellation).ConfigureAwait(false);
        while (open.Count > 0)
        {
            var ends = (await engine.WaitAsync(cancellation).ConfigureAwait(false)).Where(e => open.Remove(e.Shard)).ToList();
            Take(journal, ends);
            await SubmitAsync(journal, [.. ends.Select(e => _shards[e.Shard]).Where(s => IsOpen(s.Number))], open, cancellation).ConfigureAwait(false);
        }
        return new NightProgress(_shards.Count, _done.Count, _givenUp.Count);
    }

    private bool IsOpen(int shard) => !_done.Contains(shard) && !_givenUp.Contains(shard);

    /// <summary>What the folder says of the shards: results first, for a shard may have ended after the last line of the journal.</summary>
    private void Recall(Journal journal)
    {
        foreach (var entry in journal.Entries.Where(e => e.Shard is not null && _shards.ContainsKey(e.Shard.Value)))
        {
            if (entry.Event == JournalEvent.Lost) CountLoss(entry.Shard!.Value);
            else if (entry.Event == JournalEvent.Rejected) _givenUp.Add(entry.Shard!.Value);
        }
        foreach (var shard in plan.Shards.Where(s => folder.Result(s) is not null)) _done.Add(shard.Number);
    }

    private HashSet<int> Adopt(Journal journal, IReadOnlyList<int> live)
    {
        var adopted = live.Where(s => _shards.ContainsKey(s) && IsOpen(s)).ToHashSet();
        journal.Append([.. adopted.Select(s => (JournalEvent.Adopted, (int?)s, (string?)null))]);
        if (adopted.Count > 0) note($"{adopted.Count} shards of before are still at work");
        return adopted;
    }

    private async Task SubmitAsync(Journal journal, IReadOnlyList<Shard> shards, HashSet<int> open, CancellationToken cancellation)
    {
        if (shards.Count == 0) return;
        // The journal first: a shard that was announced and never submitted is found by its missing result, one that runs unannounced by nothing.
        journal.Append([.. shards.Select(s => (JournalEvent.Submitted, (int?)s.Number, (string?)null))]);
        await engine.SubmitAsync(shards, cancellation).ConfigureAwait(false);
        foreach (var shard in shards) open.Add(shard.Number);
    }

    private void Take(Journal journal, IReadOnlyList<ShardEnd> ends)
    {
        var lines = new List<(JournalEvent, int?, string?)>();
        foreach (var end in ends)
        {
            var shard = _shards[end.Shard];
            if (folder.Result(shard) is { } result)
            {
                _done.Add(end.Shard);
                var words = result.Cause is { } cause ? $"{result.Verdict}: {cause.Split('\n')[0]}" : result.Verdict;
                lines.Add((JournalEvent.Ended, end.Shard, $"{result.Status.ToString().ToUpperInvariant()}, {words}"));
                note($"{_done.Count} of {_shards.Count}: {shard.Id}: {words}");
            }
            else if (end.Ending == ShardEnding.Rejected)
            {
                _givenUp.Add(end.Shard);
                lines.Add((JournalEvent.Rejected, end.Shard, end.Words));
                note($"{shard.Id}: cannot be run: {end.Words}");
            }
            else
            {
                var words = Words(end, folder.NewestAttempt(shard)?.Cause);
                lines.Add((JournalEvent.Lost, end.Shard, words));
                CountLoss(end.Shard);
                note($"{shard.Id}: lost ({words}); {(_givenUp.Contains(end.Shard) ? "given up" : "it is tried again")}");
            }
        }
        journal.Append(lines);
    }

    /// <summary>A shard that came to its end knows best why; of one that was ended, whoever ended it does.</summary>
    private static string Words(ShardEnd end, string? cause) => (end.Ending, cause) switch
    {
        (_, null) => end.Words,
        (ShardEnding.Ended, _) => cause,
        _ => $"{end.Words}; it said: {cause}",
    };

    private void Reject(Journal journal, IEnumerable<(Shard Shard, string Why)> shards)
    {
        var rejected = shards.ToList();
        foreach (var (shard, why) in rejected)
        {
            _givenUp.Add(shard.Number);
            note($"{shard.Id}: cannot be run: {why}");
        }
        journal.Append([.. rejected.Select(r => (JournalEvent.Rejected, (int?)r.Shard.Number, (string?)r.Why))]);
    }

    private void CountLoss(int shard)
    {
        _lost[shard] = _lost.GetValueOrDefault(shard) + 1;
        if (_lost[shard] > _shards[shard].Retries) _givenUp.Add(shard);
    }
}
