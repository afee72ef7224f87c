using HilTests.Nightly.Engines;
using HilTests.Nightly.Nights;

namespace HilTests.UnitTests.Nightly;

/// <summary>What a cluster ends, refuses for now, or is left with: nothing stays in its queue, and nothing of it looks like a kernel's failure.</summary>
public sealed class SlurmEndingTests
{
    private readonly StandInLab _lab = new();

    [OneTimeTearDown]
    public void Remove() => _lab.Dispose();

    private static SlurmOptions Options(SimulatedCluster cluster, TimeSpan? patience = null) => new() { Command = cluster.RunAsync, Poll = TimeSpan.FromMilliseconds(1), Patience = patience ?? TimeSpan.FromMinutes(5) };

    private static async Task<NightProgress> RunAsync(NightFolder night, SlurmOptions options, CancellationToken cancellation)
    {
        await using var engine = new SlurmEngine(night, ["hil"], options, static _ => { });
        return await new NightRun(night, night.ReadPlan(), engine, static _ => { }).RunAsync(cancellation);
    }

    [TestCase("TIMEOUT", "time limit (TIMEOUT; --time=2 --mem=1024M)")]
    [TestCase("OUT_OF_MEMORY", "memory (OUT_OF_MEMORY; --time=2 --mem=1024M)")]
    [TestCase("NODE_FAIL", "its node failed (NODE_FAIL)")]
    [TestCase("CANCELLED", "cancelled it")]
    [TestCase("FAILED", "ended without a result (FAILED, None)")]
    [CancelAfter(60_000)]
    public async Task What_the_cluster_ended_says_how_and_is_no_failure_of_a_kernel(string state, string words, CancellationToken cancellation)
    {
        var night = _lab.Night(4, retries: 1);
        var cluster = new SimulatedCluster(night, 2) { Ends = s => s == 2 ? state : null };
        var progress = await RunAsync(night, Options(cluster), cancellation);
        var record = NightRecord.Read(night);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(progress, Is.EqualTo(new NightProgress(4, 3, 1)));
            Assert.That(record.Shards.Select(s => s.Result.Status), Is.EqualTo((Status[])[Status.Pass, Status.Error, Status.Pass, Status.Pass]));
            Assert.That(record.Shards[1].Result.Cause, Does.Contain("lost 2 times").And.Contain(words).And.Contain("see slurm/hil-"));
            Assert.That(cluster.Begun[2], Is.EqualTo(2), "our own side's failure is tried again");
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task What_an_earlier_attempt_said_is_not_the_cause_of_a_later_one(CancellationToken cancellation)
    {
        var night = _lab.Night(1, retries: 0);
        var shard = night.ReadPlan().Shards[0];
        var folder = Directory.CreateDirectory(Path.Combine(night.ShardFolder(shard), "attempt-1")).FullName;
        night.Keep(shard, new ShardResult { Shard = shard.Id, Attempt = 1, Status = Status.Error, Verdict = "infrastructure", Cause = "disk full", Folder = Path.GetRelativePath(night.Root, folder) });
        Directory.CreateDirectory(Path.Combine(night.ShardFolder(shard), "attempt-2"));
        await RunAsync(night, Options(new SimulatedCluster(night, 1) { Ends = static _ => "OUT_OF_MEMORY" }), cancellation);
        Assert.That(NightRecord.Read(night).Shards[0].Result.Cause, Does.Contain("OUT_OF_MEMORY").And.Not.Contain("disk full"));
    }

    [Test, CancelAfter(60_000)]
    public async Task An_interrupted_night_takes_its_jobs_out_of_the_queue_and_keeps_its_results(CancellationToken cancellation)
    {
        var night = _lab.Night(60);
        var cluster = new SimulatedCluster(night, 3);
        using var interrupted = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var run = RunAsync(night, Options(cluster), interrupted.Token);
        while (Directory.GetFiles(night.ResultsFolder, "*.json").Length < 5) await Task.Delay(1, cancellation);
        await interrupted.CancelAsync();
        Assert.That(async () => await run, Throws.InstanceOf<OperationCanceledException>());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(cluster.Live, Is.Zero);
            Assert.That(cluster.Asked, Has.One.EqualTo("scancel 1"), "by its id, and once");
            Assert.That(NightRecord.Read(night).Shards.Count(s => s.Result.Status == Status.Pass), Is.EqualTo(Directory.GetFiles(night.ResultsFolder, "*.json").Length).And.GreaterThanOrEqualTo(5));
        }
        Assert.That((await RunAsync(night, Options(cluster), cancellation)).WithResult, Is.EqualTo(60));
    }

    [Test, CancelAfter(60_000)]
    public async Task Interrupted_while_sbatch_runs_the_job_whose_id_nobody_read_is_found_and_cancelled(CancellationToken cancellation)
    {
        var night = _lab.Night(10);
        using var interrupted = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var cluster = new SimulatedCluster(night, 3)
        {
            Late = 2,
            OnTaken = (_, _) =>
            {
                interrupted.Cancel();
                return new CommandSaid(130, "", "");
            },
        };
        Assert.That(async () => await RunAsync(night, Options(cluster), interrupted.Token), Throws.InstanceOf<OperationCanceledException>());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(cluster.Live, Is.Zero);
            Assert.That(cluster.Asked, Has.One.EqualTo("scancel 1"));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_job_that_was_taken_though_nobody_answered_is_not_submitted_again(CancellationToken cancellation)
    {
        var night = _lab.Night(10);
        var cluster = new SimulatedCluster(night, 3) { OnTaken = static (_, _) => new CommandSaid(1, "", "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation") };
        var progress = await RunAsync(night, Options(cluster), cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(progress.WithResult, Is.EqualTo(10));
            Assert.That(cluster.Asked.Count(a => a.StartsWith("sbatch", StringComparison.Ordinal)), Is.EqualTo(1));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_limit_on_the_tasks_of_one_user_makes_smaller_arrays_and_no_MISS(CancellationToken cancellation)
    {
        var night = _lab.Night(120);
        var cluster = new SimulatedCluster(night, 7) { MostTasks = 25 };
        Assert.That((await RunAsync(night, Options(cluster), cancellation)).WithResult, Is.EqualTo(120));
    }

    [TestCase("sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying\nsbatch: error: Batch job submission failed: Resource temporarily unavailable")]
    [TestCase("sbatch: error: Batch job submission failed: Required partition not available (inactive or drain)")]
    [TestCase("sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)")]
    [CancelAfter(60_000)]
    public async Task A_refusal_that_passes_is_outlasted(string words, CancellationToken cancellation)
    {
        var night = _lab.Night(10);
        var cluster = new SimulatedCluster(night, 3) { Refuses = n => n <= 12 ? new CommandSaid(1, "", words) : null };
        Assert.That((await RunAsync(night, Options(cluster), cancellation)).WithResult, Is.EqualTo(10));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_refusal_that_does_not_pass_is_MISS_with_its_words(CancellationToken cancellation)
    {
        var night = _lab.Night(2);
        var cluster = new SimulatedCluster(night, 3) { MostTasks = 0 };
        var progress = await RunAsync(night, Options(cluster, TimeSpan.FromMilliseconds(50)), cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(progress, Is.EqualTo(new NightProgress(2, 0, 2)));
            Assert.That(NightRecord.Read(night).Shards.Select(s => s.Result), Has.All.Property("Status").EqualTo(Status.Miss).And.All.Property("Cause").Contains("AssocMaxSubmitJobLimit"));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task Without_sbatch_the_night_stays_open(CancellationToken cancellation)
    {
        var night = _lab.Night(2);
        var options = new SlurmOptions { Command = static (name, _, _) => Task.FromResult(new CommandSaid(InstalledSlurm.NoSuchProgram, "", $"no {name}")) };
        Assert.That(async () => await RunAsync(night, options, cancellation), Throws.TypeOf<NightException>().With.Message.Contains("no sbatch"));
        Assert.That(NightRecord.Read(night).IsClosed, Is.False);
    }

    [TestCase(0, "", "Taken")]
    [TestCase(130, "", "Silence")]
    [TestCase(1, "sbatch: error: Batch job submission failed: Invalid feature specification", "Refused")]
    [TestCase(1, "sbatch: error: Batch job submission failed: Requested node configuration is not available", "Refused")]
    [TestCase(1, "sbatch: error: QOSMaxWallDurationPerJobLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)", "Refused")]
    [TestCase(1, "sbatch: error: QOSMaxSubmitJobPerUserLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)", "Later")]
    [TestCase(1, "sbatch: error: AssocGrpSubmitJobsLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)", "Later")]
    [TestCase(1, "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)", "Later")]
    [TestCase(1, "sbatch: error: Munge encode failed: Unable to access \"/run/munge/munge.socket.2\": No such file or directory", "Silence")]
    public void Words_of_sbatch(int code, string errors, string answer) =>
        Assert.That(SubmitWords.Of(new CommandSaid(code, "", errors)).ToString(), Is.EqualTo(answer));
}
