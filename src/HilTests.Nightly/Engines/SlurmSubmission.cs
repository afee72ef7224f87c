using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HilTests.Nightly.Nights;
using Polly;
using Polly.Retry;

namespace HilTests.Nightly.Engines;

/// <summary>Submits shards as array jobs. What nobody answered is tried again, for so long as the options are patient; a job that was taken all the same is found by its name.</summary>
internal sealed class SlurmSubmission(NightFolder night, IReadOnlyList<string> command, SlurmOptions options, SlurmQueue queue, Action<string> note)
{
    /// <summary>The longest between two tries, in polls.</summary>
    private const int LongestPolls = 30;

    private int _chunks = SlurmChunk.All(night).Select(c => c.Number).Append(0).Max();
    private readonly Dictionary<int, string> _wants = [];
    private int? _mostTasks;
    private int _fewer = int.MaxValue;

    /// <summary>Whether a submission was left of which nobody has said what became of it.</summary>
    public bool IsUnsure { get; private set; }

    /// <summary>What a shard wants of a node, as arguments; shards that want the same share arrays.</summary>
    public string Wants(Shard shard)
    {
        if (_wants.TryGetValue(shard.Number, out var known)) return known;
        // A task ends by itself at its limit; the cluster's limit, in whole minutes, is for one that does not.
        var minutes = Math.Max(1, (int)Math.Ceiling(shard.LimitSeconds / 60) + options.MinutesBeside);
        var wants = $"--time={minutes} --mem={shard.MemoryMiB + options.MemoryBesideMiB}M";
        var features = shard.Accelerator == "kvm" ? shard.Features.Add("kvm").Distinct() : shard.Features;
        if (features.Any()) wants += $" --constraint={string.Join('&', features)}";
        if (!shard.Licenses.IsEmpty) wants += $" --licenses={string.Join(',', shard.Licenses)}";
        return _wants[shard.Number] = wants;
    }

    /// <summary>How many tasks an array may have.</summary>
    public async Task<int> MostTasksAsync(CancellationToken cancellation)
    {
        if (_mostTasks is { } known) return Math.Min(known, _fewer);
        var said = await options.Command("scontrol", ["show", "config"], cancellation).ConfigureAwait(false);
        var line = said.Output.Split('\n').FirstOrDefault(l => l.StartsWith("MaxArraySize", StringComparison.Ordinal));
        var size = line is not null && int.TryParse(line.Split('=')[^1].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var most) && most > 1 ? most : options.MostTasks;
        size = Math.Min(size, options.MostTasks);
        if (said.Code == 0) _mostTasks = size;
        return Math.Min(size, _fewer);
    }

    /// <summary>Halves the arrays, since the cluster may have a limit on the tasks of one user.</summary>
    /// <returns>False where they cannot be smaller.</returns>
    public bool TakeLess(int than)
    {
        if (than <= 1) return false;
        _fewer = than / 2;
        return true;
    }

    /// <summary>After one that was taken the next may be larger again.</summary>
    public void TakeMore() => _fewer = _fewer > int.MaxValue / 2 ? int.MaxValue : _fewer * 2;

    /// <summary>Submits one array.</summary>
    /// <param name="wants">What all of them want of a node.</param>
    /// <param name="shards">The shards, one a task.</param>
    /// <param name="cancellation">Ends the waiting for a cluster that is silent; a submission that was begun comes to its end first.</param>
    /// <returns>What became of it, and the cluster's words. Silence where it lasted longer than patience.</returns>
    /// <exception cref="NightException">There is no <c>sbatch</c> here.</exception>
    public async Task<(SubmitAnswer Answer, SlurmChunk Chunk, string Words)> SubmitAsync(string wants, List<Shard> shards, CancellationToken cancellation)
    {
        var chunk = new SlurmChunk($"hil-{JobPrefix}-{++_chunks:0000}", [.. shards.Select(s => s.Number)]);
        var script = chunk.Write(night, command, options.MostRestarts);
        List<string> words =
        [
            "--parsable", $"--job-name={chunk.Name}", $"--array=0-{shards.Count - 1}", "--ntasks=1", "--requeue", "--open-mode=append",
            $"--output={Path.Combine(SlurmChunk.Folder(night), "%x-%a.log")}", .. wants.Split(' '),
        ];
        if (options.Partition is { } partition) words.Add($"--partition={partition}");
        words.Add(script);
        IsUnsure = true;
        var tries = 0;
        var said = await Again().ExecuteAsync(async token =>
        {
            // It may have taken them before it fell silent: the same tasks twice would be harmless and slow.
            if (tries++ > 0 && await queue.AskAsync([chunk.Name], token).ConfigureAwait(false) is { Count: > 0 }) return new CommandSaid(0, "", "");
            // Not ended half-way: a job whose id was never read would be nobody's.
            return await options.Command("sbatch", words, CancellationToken.None).ConfigureAwait(false);
        }, cancellation).ConfigureAwait(false);
        if (said.Code == InstalledSlurm.NoSuchProgram) throw new NightException($"the cluster cannot be used: {said.Errors.Trim()}; the night stays as it is: go on with --resume");
        var answer = SubmitWords.Of(said);
        IsUnsure = answer == SubmitAnswer.Silence;
        if (answer is SubmitAnswer.Refused or SubmitAnswer.Later) chunk.Delete(night);
        return (answer, chunk, said.Errors.Trim());
    }

    /// <summary>The lab's and the night's own, so that two labs on one cluster do not take each other's jobs for their own.</summary>
    private string JobPrefix => $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(night.Root)))[..8]}-{Path.GetFileName(night.Root)}";

    private ResiliencePipeline<CommandSaid> Again()
    {
        var since = options.Time.GetTimestamp();
        return new ResiliencePipelineBuilder<CommandSaid> { TimeProvider = options.Time }.AddRetry(new RetryStrategyOptions<CommandSaid>
        {
            ShouldHandle = told => ValueTask.FromResult(told.Outcome.Result is { } said && SubmitWords.Of(said) == SubmitAnswer.Silence && options.Time.GetElapsedTime(since) < options.Patience),
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            Delay = options.Poll,
            MaxDelay = options.Poll * LongestPolls,
            OnRetry = told =>
            {
                if (told.AttemptNumber == 0) note($"the cluster does not take the jobs ({told.Outcome.Result?.Errors.Trim()}); it is tried again");
                return ValueTask.CompletedTask;
            },
        }).Build();
    }
}
