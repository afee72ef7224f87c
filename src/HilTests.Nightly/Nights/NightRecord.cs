using System.Collections.Immutable;

namespace HilTests.Nightly.Nights;

/// <summary>A shard of a night and what became of it.</summary>
public sealed record ShardRecord(Shard Shard, ShardResult Result, int Attempts);

/// <summary>A whole night, read from its folder: every planned shard is there, also one that never ran.</summary>
public sealed record NightRecord(NightPlan Plan, string Folder, ImmutableArray<ShardRecord> Shards, bool IsClosed)
{
    /// <summary>The worst of the shards' statuses.</summary>
    public Status Status => Shards.IsEmpty ? Status.Miss : Shards.Min(s => s.Result.Status);

    /// <summary>Reads a night. A shard without a result is MISS where it never began, ERROR where our own side failed in it.</summary>
    /// <exception cref="NightException">The plan or the journal is damaged.</exception>
    public static NightRecord Read(NightFolder folder)
    {
        var plan = folder.ReadPlan();
        var journal = File.Exists(folder.JournalFile) ? Journal.Read(folder.JournalFile) : [];
        var last = journal.Where(e => e.Shard is not null).GroupBy(e => e.Shard!.Value).ToDictionary(g => g.Key, g => g.ToList());
        var shards = plan.Shards.Select(s => new ShardRecord(s, ResultOf(folder, s, last.GetValueOrDefault(s.Number, [])), folder.Attempts(s)));
        return new NightRecord(plan, folder.Root, [.. shards], journal.Any(e => e.Event == JournalEvent.Closed));
    }

    private static ShardResult ResultOf(NightFolder folder, Shard shard, List<JournalEntry> lines)
    {
        try
        {
            return folder.Result(shard) ?? Missing(folder, shard, lines);
        }
        catch (Exception e) when (e is IOException or NightException)
        {
            // One file that cannot be read keeps nobody from the rest.
            return Without(shard, Status.Error, e.Message);
        }
    }

    private static ShardResult Missing(NightFolder folder, Shard shard, List<JournalEntry> lines)
    {
        if (lines.LastOrDefault(e => e.Event == JournalEvent.Rejected) is { } rejected) return Without(shard, Status.Miss, $"cannot be run: {rejected.Text}");
        var lost = lines.Where(e => e.Event == JournalEvent.Lost).ToList();
        // Whoever ended it knows why, where that is in the journal; an attempt after the last line of it speaks for itself.
        if (folder.NewestAttempt(shard) is { } attempt)
            return attempt with { Status = Status.Error, Cause = lost.Count >= folder.Attempts(shard) ? lost[^1].Text ?? attempt.Cause : attempt.Cause };
        return lost.Count > 0
            ? Without(shard, Status.Error, $"lost {lost.Count} times, at last: {lost[^1].Text}")
            : Without(shard, Status.Miss, lines.Count > 0 ? "the night ended before it did" : "the night ended before it began");
    }

    private static ShardResult Without(Shard shard, Status status, string cause) => new()
    {
        Shard = shard.Id,
        Attempt = 0,
        Status = status,
        Verdict = "infrastructure",
        Cause = cause,
    };
}
