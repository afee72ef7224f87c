namespace HilTests.Nightly.Engines;

/// <summary>The cluster's queue: which tasks live, how those ended that it still knows; and takes jobs out of it.</summary>
internal sealed class SlurmQueue(SlurmOptions options, Action<string> note)
{
    /// <summary>Names in one question: a command line has an end.</summary>
    private const int NamesAtOnce = 400;

    /// <summary>A job that is still there after so many questions is cancelled once more.</summary>
    private const int CancelEvery = 10;

    private bool _isSilent;
    private bool _isMissing;

    /// <summary>What the cluster said when it last did not answer.</summary>
    public string LastError { get; private set; } = "";

    /// <summary>The tasks of jobs, also ended ones that the cluster has not forgotten yet; null where it does not answer.</summary>
    public async Task<IReadOnlyList<SlurmTask>?> AskAsync(IReadOnlyCollection<string> jobs, CancellationToken cancellation)
    {
        var tasks = new List<SlurmTask>();
        foreach (var names in jobs.Chunk(NamesAtOnce))
        {
            var said = await options.Command("squeue", ["--noheader", "--array", "--states=all", $"--name={string.Join(',', names)}", SlurmTask.Format], cancellation).ConfigureAwait(false);
            if (said.Code != 0)
            {
                LastError = said.Errors.Trim();
                _isMissing = said.Code == InstalledSlurm.NoSuchProgram;
                if (!_isSilent) note($"the cluster does not answer: {LastError}; waiting for it");
                _isSilent = true;
                return null;
            }
            tasks.AddRange(said.Output.Split('\n').Select(SlurmTask.Parse).OfType<SlurmTask>());
        }
        if (_isSilent) note("the cluster answers again");
        _isSilent = false;
        return tasks;
    }

    /// <summary>Takes jobs out of the queue, by their ids, and waits until their tasks have ended: what one of them still writes is written then.</summary>
    /// <param name="jobs">Their names; one that was never taken is none.</param>
    /// <param name="polls">How often they are only looked at first, since they are about to end by themselves.</param>
    /// <param name="isUnsure">Whether a job may still come: nobody said whether it was taken.</param>
    /// <returns>Ids of those that are there all the same, or null where the cluster does not say; none when all is well.</returns>
    public async Task<IReadOnlyList<string>?> ClearAsync(IReadOnlyCollection<string> jobs, int polls, bool isUnsure)
    {
        if (jobs.Count == 0) return [];
        var since = options.Time.GetTimestamp();
        var (asked, empty) = (0, 0);
        var cancelled = new HashSet<string>();
        while (true)
        {
            var tasks = await AskAsync(jobs, CancellationToken.None).ConfigureAwait(false);
            var live = tasks?.Where(t => !t.IsEnded).Select(t => t.Id).Distinct().ToList();
            empty = live is { Count: 0 } ? empty + 1 : 0;
            if (empty >= (isUnsure ? 3 : 1)) return [];
            if (_isMissing || options.Time.GetElapsedTime(since) >= options.Leaving) return live;
            if (live is { Count: > 0 } && asked >= polls && (asked % CancelEvery == 0 || live.Any(id => !cancelled.Contains(id))))
            {
                if (cancelled.Count == 0) note($"jobs {string.Join(", ", live)} are taken out of the cluster's queue");
                cancelled.UnionWith(live);
                foreach (var ids in live.Chunk(NamesAtOnce)) await options.Command("scancel", ids, CancellationToken.None).ConfigureAwait(false);
            }
            asked++;
            await Task.Delay(options.Poll, options.Time, CancellationToken.None).ConfigureAwait(false);
        }
    }
}
