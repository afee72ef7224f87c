using HilTests.Cli;
using HilTests.Cli.Nightly;
using HilTests.Nightly.Engines;
using HilTests.Nightly.Nights;

namespace HilTests.UnitTests.Nightly;

/// <summary>A night that somebody else left: gone on with in the same way, or closed with nothing of it left in a cluster.</summary>
public sealed class NightlySessionTests
{
    private StandInLab _lab = null!;

    [SetUp]
    public void Make() => _lab = new StandInLab();

    [TearDown]
    public void Remove() => _lab.Dispose();

    private NightlySettings Settings(SimulatedCluster cluster, string? engine = null, NightEngine? said = null) => new()
    {
        Command = "hil nightly",
        Lab = _lab.Root,
        Engine = engine,
        Said = said ?? new NightEngine { Engine = "" },
        Cluster = new SlurmOptions { Command = cluster.RunAsync, Poll = TimeSpan.FromMilliseconds(1) },
    };

    private static readonly NightEngine OnCluster = new() { Engine = "slurm", Partition = "slow", ShardCommand = ["podman", "run", "hil it"] };

    [Test, CancelAfter(60_000)]
    public async Task Resumed_without_a_word_it_keeps_engine_partition_and_command(CancellationToken cancellation)
    {
        var night = _lab.Night(6);
        night.WriteEngine(OnCluster);
        var cluster = new SimulatedCluster(night, 2);
        var code = await new NightlySession(Settings(cluster), static _ => { }).RunAsync(null, "", resume: true, cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.EqualTo(ExitCode.Conforms));
            Assert.That(cluster.Asked, Has.One.Contains("--partition=slow"));
            Assert.That(File.ReadAllText(Directory.GetFiles(Path.Combine(night.Root, "slurm"), "*.sh").Single()), Does.Contain("exec 'podman' 'run' 'hil it' '"));
            Assert.That(cluster.Begun, Has.Count.EqualTo(6));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task Resumed_on_this_host_it_takes_its_jobs_out_of_the_cluster_first(CancellationToken cancellation)
    {
        var (night, cluster) = await LeftByAKilledCoordinatorAsync(cancellation);
        var how = new NightEngine { Engine = "", ShardCommand = _lab.Script("keep"), Jobs = 2 };
        await new NightlySession(Settings(cluster, "local", how), static _ => { }).RunAsync(null, "", resume: true, cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(cluster.Live, Is.Zero);
            Assert.That(NightRecord.Read(night).Shards.Select(s => s.Result.Status), Is.All.EqualTo(Status.Pass));
            Assert.That(night.ReadEngine(), Has.Property("Engine").EqualTo("local").And.Property("Partition").Null, "the next --resume is local too");
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task Resumed_while_the_cluster_is_silent_it_leaves_its_jobs_at_work(CancellationToken cancellation)
    {
        var (_, cluster) = await LeftByAKilledCoordinatorAsync(cancellation);
        var questions = 0;
        ClusterCommand silentAtFirst = (name, words, token) => name == "squeue" && questions++ == 0 ? Task.FromResult(new CommandSaid(1, "", "Unable to contact slurm controller")) : cluster.RunAsync(name, words, token);
        var settings = Settings(cluster);
        settings = settings with { Cluster = settings.Cluster with { Command = silentAtFirst } };
        Assert.That(async () => await new NightlySession(settings, static _ => { }).RunAsync(null, "", resume: true, cancellation), Throws.TypeOf<NightException>().With.Message.Contains("try again"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(cluster.Live, Is.Positive);
            Assert.That(cluster.Asked, Has.None.StartsWith("scancel"));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task The_next_night_ends_the_jobs_of_one_that_was_left_and_keeps_their_results(CancellationToken cancellation)
    {
        var (night, cluster) = await LeftByAKilledCoordinatorAsync(cancellation);
        const string Text = "hil-matrix: 1\nname: stand-in\nkernels: [{name: bookworm}]\nsuites:\n  - {device: f2fs, seeds: [1]}\n";
        var how = new NightEngine { Engine = "", ShardCommand = ["/bin/false"] };
        await new NightlySession(Settings(cluster, null, how), static _ => { }).RunAsync(MatrixFileTests.Parse(Text), Text, resume: false, cancellation);
        var record = NightRecord.Read(night);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(cluster.Live, Is.Zero);
            Assert.That(record.IsClosed);
            Assert.That(record.Shards.Count(s => s.Result.Status == Status.Pass), Is.EqualTo(Directory.GetFiles(night.ResultsFolder, "*.json").Length).And.GreaterThanOrEqualTo(5));
            Assert.That(record.Shards.Count(s => s.Result.Status == Status.Miss), Is.Positive);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_night_whose_cluster_is_silent_is_not_closed_over_its_jobs(CancellationToken cancellation)
    {
        var (night, _) = await LeftByAKilledCoordinatorAsync(cancellation);
        var silent = new SimulatedCluster(night, 1) { Silence = (0, int.MaxValue) };
        var settings = Settings(silent) with { Cluster = new SlurmOptions { Command = silent.RunAsync, Poll = TimeSpan.FromMilliseconds(1), Leaving = TimeSpan.FromMilliseconds(20) } };
        Assert.That(async () => await new NightlySession(settings, static _ => { }).RunAsync(null, "", resume: false, cancellation), Throws.TypeOf<NightException>().With.Message.Contains("may still be in the cluster's queue"));
        Assert.That(NightRecord.Read(night).IsClosed, Is.False);
    }

    [Test]
    public void Another_engine_begins_anew_and_what_is_named_again_counts()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(NightEngine.After(OnCluster, null, new NightEngine { Engine = "", Partition = "fast" }), Is.EqualTo(OnCluster with { Partition = "fast" }));
            Assert.That(NightEngine.After(OnCluster, "slurm", new NightEngine { Engine = "" }), Is.EqualTo(OnCluster));
            Assert.That(NightEngine.After(OnCluster, "local", new NightEngine { Engine = "", Jobs = 3 }), Is.EqualTo(new NightEngine { Engine = "local", Jobs = 3 }));
        }
    }

    /// <summary>A night some of whose shards have results, with the rest in the cluster, and nobody who waits for it.</summary>
    private async Task<(NightFolder Night, SimulatedCluster Cluster)> LeftByAKilledCoordinatorAsync(CancellationToken cancellation)
    {
        var night = _lab.Night(60);
        night.WriteEngine(OnCluster);
        var cluster = new SimulatedCluster(night, 3);
        using var killed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var engine = new SlurmEngine(night, ["hil"], new SlurmOptions { Command = cluster.RunAsync, Poll = TimeSpan.FromMilliseconds(1) }, static _ => { });
        var run = new NightRun(night, night.ReadPlan(), engine, static _ => { }).RunAsync(killed.Token);
        while (Directory.GetFiles(night.ResultsFolder, "*.json").Length < 5) await Task.Delay(1, cancellation);
        await killed.CancelAsync();
        Assert.That(async () => await run, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(cluster.Live, Is.Positive, "never disposed, as by kill -9");
        return (night, cluster);
    }
}
