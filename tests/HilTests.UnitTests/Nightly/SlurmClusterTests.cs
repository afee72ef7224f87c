using System.Diagnostics;
using HilTests.Lab;
using HilTests.Nightly.Engines;
using HilTests.Nightly.Nights;

namespace HilTests.UnitTests.Nightly;

/// <summary>A night on a real Slurm: munge, a controller and two nodes on this host, started and stopped by provisioning/slurm/cluster.</summary>
[Explicit("needs provisioning/slurm/packages.list and a minute; run with --filter TestCategory=Nightly")]
[Category("Nightly")]
[NonParallelizable]
public sealed class SlurmClusterTests
{
    private readonly StandInLab _lab = new();
    private string _folder = "";

    [OneTimeSetUp]
    public void Start()
    {
        _folder = Directory.CreateTempSubdirectory("hil-slurm-").FullName;
        Cluster("start", _folder, "2");
        Environment.SetEnvironmentVariable("SLURM_CONF", Path.Combine(_folder, "slurm.conf"));
    }

    [OneTimeTearDown]
    public void Stop()
    {
        Cluster("stop", _folder);
        Environment.SetEnvironmentVariable("SLURM_CONF", null);
        Directory.Delete(_folder, recursive: true);
        _lab.Dispose();
    }

    private static string Cluster(params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" </dev/null", "sh", SourceTree.Find().At("provisioning", "slurm", "cluster"), .. words]) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, errors);
        return errors;
    }

    private SlurmEngine Engine(NightFolder night, string script) => new(night, _lab.Script(script), Options, TestContext.Progress.WriteLine);

    private static SlurmOptions Options => new() { MemoryBesideMiB = 0, MinutesBeside = 0, Patience = TimeSpan.FromMinutes(2) };

    private static async Task<NightProgress> RunAsync(NightFolder night, SlurmEngine engine, CancellationToken cancellation) =>
        await new NightRun(night, night.ReadPlan(), engine, static _ => { }).RunAsync(cancellation);

    [Test, Order(1), CancelAfter(300_000)]
    public async Task A_node_is_killed_in_the_middle_and_every_shard_ends_once(CancellationToken cancellation)
    {
        var night = _lab.Night(12);
        // No task ends before the node is dead.
        await using var engine = Engine(night, "echo $SLURMD_NODENAME >>$night/nodes; while [ ! -e $night/killed ]; do sleep 0.1; done; keep");
        var run = RunAsync(night, engine, cancellation);
        var nodes = Path.Combine(night.Root, "nodes");
        while (!File.Exists(nodes) || !File.ReadAllLines(nodes).Contains("n1")) await Task.Delay(50, cancellation);
        Cluster("kill", _folder, "n1");
        await File.WriteAllTextAsync(Path.Combine(night.Root, "killed"), "", cancellation);
        var progress = await run;
        Cluster("revive", _folder, "n1");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(progress, Is.EqualTo(new NightProgress(12, 12, 0)));
            Assert.That(Journal.Read(night.JournalFile).Where(e => e.Event == JournalEvent.Ended).Select(e => e.Shard), Is.Unique.And.Exactly(12).Items);
            Assert.That(StandInLab.Ran(night), Has.Length.GreaterThan(12), "what the node took with it was begun again");
        }
    }

    [Test, Order(2), CancelAfter(300_000)]
    public async Task The_controller_goes_away_and_comes_back(CancellationToken cancellation)
    {
        var night = _lab.Night(8);
        await using var engine = Engine(night, "sleep 1; keep");
        var run = RunAsync(night, engine, cancellation);
        while (StandInLab.Ran(night).Length < 2) await Task.Delay(50, cancellation);
        Cluster("controller", _folder, "stop");
        await Task.Delay(TimeSpan.FromSeconds(3), cancellation);
        Cluster("controller", _folder, "start");
        Assert.That((await run).WithResult, Is.EqualTo(8));
    }

    [Test, Order(3), CancelAfter(60_000)]
    public async Task A_feature_that_no_node_has_is_MISS(CancellationToken cancellation)
    {
        var night = _lab.Night(2);
        var plan = night.ReadPlan();
        night.WritePlan(plan with { Shards = [.. plan.Shards.Select(s => s.Number == 1 ? s with { Features = ["nosuch"] } : s with { Licenses = ["board:1"], Features = ["tcg"] })] }, "");
        await using var engine = Engine(night, "keep");
        await RunAsync(night, engine, cancellation);
        Assert.That(NightRecord.Read(night).Shards.Select(s => s.Result.Status), Is.EqualTo((Status[])[Status.Miss, Status.Pass]));
    }

    [Test, Order(4), CancelAfter(600_000)]
    public async Task Two_hundred_shards(CancellationToken cancellation)
    {
        var night = _lab.Night(200);
        await using var engine = Engine(night, "keep");
        var begin = Stopwatch.GetTimestamp();
        var progress = await RunAsync(night, engine, cancellation);
        await TestContext.Out.WriteLineAsync($"200 shards that do nothing: {Stopwatch.GetElapsedTime(begin).TotalSeconds:0.0} s");
        Assert.That(progress.WithResult, Is.EqualTo(200));
    }

    [Test, Order(5), CancelAfter(300_000)]
    public async Task A_task_that_the_cluster_ends_at_its_limit_says_so(CancellationToken cancellation)
    {
        var night = _lab.Night(1, retries: 0, limit: 1);
        await using var engine = Engine(night, "exec sleep 600");
        await RunAsync(night, engine, cancellation);
        Assert.That(NightRecord.Read(night).Shards[0].Result, Has.Property("Status").EqualTo(Status.Error).And.Property("Cause").Contains("TIMEOUT").And.Property("Cause").Contains("DUE TO TIME LIMIT"));
    }

    [Test, Order(6), CancelAfter(300_000)]
    public async Task Interrupted_it_leaves_nothing_in_the_queue_and_loses_no_result(CancellationToken cancellation)
    {
        var night = _lab.Night(20);
        using var interrupted = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await using (var engine = Engine(night, "sleep 1; keep"))
        {
            var run = RunAsync(night, engine, interrupted.Token);
            while (Directory.GetFiles(night.ResultsFolder, "*.json").Length < 3) await Task.Delay(50, cancellation);
            await interrupted.CancelAsync();
            Assert.That(async () => await run, Throws.InstanceOf<OperationCanceledException>());
        }
        var left = await InstalledSlurm.RunAsync("squeue", ["--noheader", "--array"], cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(left, Is.EqualTo(new CommandSaid(0, "", "")));
            Assert.That(NightRecord.Read(night).Shards.Count(s => s.Result.Status == Status.Pass), Is.InRange(3, 19).And.EqualTo(Directory.GetFiles(night.ResultsFolder, "*.json").Length));
        }
        await using var next = Engine(night, "keep");
        Assert.That((await RunAsync(night, next, cancellation)).WithResult, Is.EqualTo(20));
    }

    [Test, Order(7), CancelAfter(300_000)]
    public async Task The_jobs_of_a_coordinator_that_was_killed_are_ended_by_the_next_night(CancellationToken cancellation)
    {
        var night = _lab.Night(20);
        using var killed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var run = RunAsync(night, Engine(night, "sleep 1; keep"), killed.Token);
        while (Directory.GetFiles(night.ResultsFolder, "*.json").Length < 3) await Task.Delay(50, cancellation);
        await killed.CancelAsync();
        Assert.That(async () => await run, Throws.InstanceOf<OperationCanceledException>());
        Assert.That((await InstalledSlurm.RunAsync("squeue", ["--noheader"], cancellation)).Output, Is.Not.Empty, "never disposed, as by kill -9");
        await SlurmEngine.EndAsync(night, Options, TestContext.Progress.WriteLine);
        Assert.That((await InstalledSlurm.RunAsync("squeue", ["--noheader"], cancellation)).Output, Is.Empty);
    }
}
