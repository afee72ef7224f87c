using HilTests.Nightly.Engines;
using HilTests.Nightly.Nights;

namespace HilTests.UnitTests.Nightly;

/// <summary>The engine for clusters, with the commands of the cluster replaced by a stand-in; the same coordinator and journal as at night.</summary>
public sealed class SlurmEngineTests
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

    [TestCase(1200)]
    [TestCase(10_000, Explicit = true, Reason = "a minute; run with --filter TestCategory=Nightly", Category = "Nightly")]
    [CancelAfter(600_000)]
    public async Task A_lab_of_100_nodes_that_die_loses_nothing_and_keeps_nothing_twice(int shards, CancellationToken cancellation)
    {
        var night = _lab.Night(shards);
        var cluster = new SimulatedCluster(night, 100) { KillEvery = 5, FailsFirst = s => s % 97 == 0, Silence = (12, 3) };
        var progress = await RunAsync(night, Options(cluster), cancellation);
        var journal = Journal.Read(night.JournalFile);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(progress, Is.EqualTo(new NightProgress(shards, shards, 0)));
            Assert.That(Directory.GetFiles(night.ResultsFolder, "*.json"), Has.Length.EqualTo(shards));
            Assert.That(journal.Where(e => e.Event == JournalEvent.Ended).Select(e => e.Shard), Is.Unique.And.Exactly(shards).Items);
            Assert.That(cluster.NodesKilled, Is.Positive);
            Assert.That(cluster.Begun.Values.Max(), Is.GreaterThan(1), "some were begun again");
            Assert.That(journal.Count(e => e.Event == JournalEvent.Lost), Is.GreaterThan(shards / 200), "of each 97th the first task ends without a result, unless its node was killed before");
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task What_the_cluster_refuses_is_MISS_with_its_words_and_the_rest_is_run(CancellationToken cancellation)
    {
        var night = _lab.Night(4);
        var plan = night.ReadPlan();
        night.WritePlan(plan with { Shards = [.. plan.Shards.Select(s => s.Number == 2 ? s with { Features = ["nosuch"] } : s)] }, "");
        var progress = await RunAsync(night, Options(new SimulatedCluster(night, 2)), cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(progress, Is.EqualTo(new NightProgress(4, 3, 1)));
            Assert.That(NightRecord.Read(night).Shards[1].Result, Has.Property("Status").EqualTo(Status.Miss).And.Property("Cause").Contains("Invalid feature"));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_cluster_that_stays_silent_ends_the_night_which_can_be_resumed(CancellationToken cancellation)
    {
        var night = _lab.Night(30);
        var silent = new SimulatedCluster(night, 2) { Silence = (4, int.MaxValue - 10) };
        Assert.That(async () => await RunAsync(night, Options(silent, TimeSpan.FromMilliseconds(50)), cancellation), Throws.TypeOf<NightException>().With.Message.Contains("--resume"));
        var progress = await RunAsync(night, Options(new SimulatedCluster(night, 2)), cancellation);
        Assert.That(progress.WithResult, Is.EqualTo(30));
    }

    [Test, CancelAfter(60_000)]
    public async Task Jobs_of_a_coordinator_that_was_killed_are_taken_over(CancellationToken cancellation)
    {
        var night = _lab.Night(40);
        var cluster = new SimulatedCluster(night, 3);
        using var killed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var engine = new SlurmEngine(night, ["hil"], Options(cluster), static _ => { });
        var first = new NightRun(night, night.ReadPlan(), engine, static _ => { }).RunAsync(killed.Token);
        while (Directory.GetFiles(night.ResultsFolder, "*.json").Length < 5) await Task.Delay(1, cancellation);
        await killed.CancelAsync();
        Assert.That(async () => await first, Throws.InstanceOf<OperationCanceledException>());
        // Not disposed, as by kill -9: the jobs are still there.
        var progress = await RunAsync(night, Options(cluster), cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(progress.WithResult, Is.EqualTo(40));
            Assert.That(cluster.Begun.Values, Is.All.EqualTo(1), "nothing was submitted again");
            Assert.That(Journal.Read(night.JournalFile).Count(e => e.Event == JournalEvent.Adopted), Is.Positive);
        }
    }
}
