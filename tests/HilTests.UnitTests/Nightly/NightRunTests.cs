using HilTests.Nightly.Nights;

namespace HilTests.UnitTests.Nightly;

/// <summary>Nothing is lost and nothing comes twice, whatever dies.</summary>
public sealed class NightRunTests
{
    private readonly StandInLab _lab = new();

    [OneTimeTearDown]
    public void Remove() => _lab.Dispose();

    [Test, CancelAfter(60_000)]
    public async Task Every_shard_ends_once(CancellationToken cancellation)
    {
        var night = _lab.Night(12);
        var progress = await _lab.RunAsync(night, "keep", 4, cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(progress, Is.EqualTo(new NightProgress(12, 12, 0)));
            Assert.That(StandInLab.Ran(night).Order(), Is.EqualTo(Enumerable.Range(1, 12)));
            Assert.That(NightRecord.Read(night).Status, Is.EqualTo(Status.Pass));
            Assert.That(Journal.Read(night.JournalFile).Count(e => e.Event == JournalEvent.Ended), Is.EqualTo(12));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task What_our_own_side_spoils_is_tried_again_and_given_up_in_the_end(CancellationToken cancellation)
    {
        var night = _lab.Night(3, retries: 2);
        var progress = await _lab.RunAsync(night, "case $number in 1) keep ;; 2) [ $(grep -c '^2$' $night/ran) -lt 2 ] || keep ;; *) exit 4 ;; esac", 2, cancellation);
        var record = NightRecord.Read(night);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(progress, Is.EqualTo(new NightProgress(3, 2, 1)));
            Assert.That(StandInLab.Ran(night).CountBy(n => n), Is.EquivalentTo((KeyValuePair<int, int>[])[new(1, 1), new(2, 2), new(3, 3)]));
            Assert.That(record.Shards[2].Result.Status, Is.EqualTo(Status.Error));
            Assert.That(record.Shards[2].Result.Cause, Does.Contain("3 times").And.Contain("exit code 4"));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_shard_that_outlives_its_limit_is_ended(CancellationToken cancellation)
    {
        var night = _lab.Night(1, retries: 0, limit: 1);
        await _lab.RunAsync(night, "exec tail -f /dev/null", 1, cancellation);
        Assert.That(NightRecord.Read(night).Shards[0].Result.Cause, Does.Contain("limit of 1 s"));
    }

    [Test, CancelAfter(60_000)]
    public async Task What_is_left_of_an_interrupted_night_is_run_by_the_next_coordinator(CancellationToken cancellation)
    {
        var night = _lab.Night(8);
        using var interrupted = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var first = _lab.RunAsync(night, "[ $number -gt 4 ] && exec tail -f /dev/null; keep", 2, interrupted.Token);
        while (Directory.GetFiles(night.ResultsFolder, "0*.json").Length < 4) await Task.Delay(20, cancellation);
        await interrupted.CancelAsync();
        Assert.That(async () => await first, Throws.InstanceOf<OperationCanceledException>());

        var unfinished = NightRecord.Read(night);
        Assert.That(unfinished.Shards.Where(s => s.Result.Status is Status.Miss).Select(s => s.Shard.Number), Is.EqualTo((int[])[5, 6, 7, 8]), "planned and not run is a result of its own");
        var progress = await _lab.RunAsync(night, "keep", 2, cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(progress.WithResult, Is.EqualTo(8));
            Assert.That(StandInLab.Ran(night).Count(n => n <= 4), Is.EqualTo(4), "nothing is run twice that has a result");
        }
    }

    [Test]
    public void The_first_result_of_a_shard_counts_and_stays()
    {
        var night = _lab.Night(1);
        var shard = night.ReadPlan().Shards[0];
        var one = new ShardResult { Shard = shard.Id, Attempt = 1, Status = Status.Pass, Verdict = "conforms" };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(night.Publish(shard, one), Is.True);
            Assert.That(night.Publish(shard, one with { Status = Status.Fail }), Is.False);
            Assert.That(night.Result(shard)!.Status, Is.EqualTo(Status.Pass));
            Assert.That(Directory.GetFiles(night.ResultsFolder, ".*"), Is.Empty, "nothing is left aside");
        }
    }

    [Test]
    public void A_damaged_result_is_none_and_is_kept_aside()
    {
        var night = _lab.Night(1);
        var shard = night.ReadPlan().Shards[0];
        File.WriteAllText(night.ResultFile(shard), "{\"schema\":\"hil-sh");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(night.Result(shard), Is.Null);
            Assert.That(night.Publish(shard, new ShardResult { Shard = shard.Id, Attempt = 1, Status = Status.Pass, Verdict = "conforms" }), Is.True);
            Assert.That(Directory.GetFiles(night.ResultsFolder, "*.damaged-*"), Has.Length.EqualTo(1));
        }
    }

    [Test]
    public void Our_own_failure_is_no_result()
    {
        var night = _lab.Night(1);
        var shard = night.ReadPlan().Shards[0];
        var failed = new ShardResult { Shard = shard.Id, Attempt = 1, Status = Status.Error, Verdict = "infrastructure", Cause = "disk full", Folder = $"shards/{shard.Id}/attempt-1" };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(night.Keep(shard, failed), Is.False);
            Assert.That(night.Result(shard), Is.Null);
            Assert.That(night.NewestAttempt(shard)!.Cause, Is.EqualTo("disk full"));
        }
    }

    [Test]
    public void Two_nightlies_in_one_lab_are_refused()
    {
        using var first = LabFolder.Take(_lab.Root);
        Assert.That(() => LabFolder.Take(_lab.Root), Throws.TypeOf<NightException>().With.Message.Contains("another nightly"));
    }
}
