using HilTests.Nightly.Nights;

namespace HilTests.UnitTests.Nightly;

/// <summary>Files of a night that cannot be reached just now, that another version wrote, or that hold no result.</summary>
public sealed class NightFilesTests
{
    private readonly StandInLab _lab = new();

    [OneTimeTearDown]
    public void Remove() => _lab.Dispose();

    /// <summary>Waits by no clock at all.</summary>
    private sealed class NoTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }

    private (NightFolder Night, Shard Shard, ShardResult Result) Made()
    {
        var night = _lab.Night(1) with { Time = new NoTime() };
        var shard = night.ReadPlan().Shards[0];
        return (night, shard, new ShardResult { Shard = shard.Id, Attempt = 1, Status = Status.Pass, Verdict = "conforms" });
    }

    [Test]
    public void A_result_that_cannot_be_reached_is_told_and_left_where_it_is()
    {
        var (night, shard, result) = Made();
        // Reading a process's memory from its begin is EIO, for root too.
        File.CreateSymbolicLink(night.ResultFile(shard), "/proc/self/mem");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => night.Result(shard), Throws.TypeOf<IOException>().With.Message.Contains("cannot be read now").And.Message.Contains(night.ResultFile(shard)));
            Assert.That(() => night.Publish(shard, result), Throws.TypeOf<IOException>());
            Assert.That(Directory.GetFiles(night.ResultsFolder).Select(Path.GetFileName), Is.EqualTo((string[])[shard.Id + ".json"]), "nothing was renamed, nothing left aside");
            Assert.That(NightRecord.Read(night).Shards[0].Result, Has.Property("Status").EqualTo(Status.Error).And.Property("Cause").Contains("cannot be read now"));
        }
    }

    [Test]
    public void A_result_that_can_be_reached_again_is_the_result()
    {
        var (night, shard, result) = Made();
        night.Publish(shard, result);
        var aside = night.ResultFile(shard) + "-aside";
        File.Move(night.ResultFile(shard), aside);
        File.CreateSymbolicLink(night.ResultFile(shard), "/proc/self/mem");
        var mended = night with { Time = new MendsIt(() => File.Move(aside, night.ResultFile(shard), overwrite: true)) };
        Assert.That(mended.Result(shard)?.Status, Is.EqualTo(Status.Pass));
    }

    [TestCase(typeof(IOException), true)]
    [TestCase(typeof(UnauthorizedAccessException), true)]
    [TestCase(typeof(FileNotFoundException), false)]
    [TestCase(typeof(DirectoryNotFoundException), false)]
    public void What_may_pass_is_tried_again(Type error, bool isPassing)
    {
        var tries = 0;
        int Try()
        {
            if (++tries < 4) throw (Exception)Activator.CreateInstance(error)!;
            return tries;
        }
        if (isPassing) Assert.That(PassingErrors.Outlast(new NoTime(), Try), Is.EqualTo(4));
        else Assert.That(() => PassingErrors.Outlast(new NoTime(), Try), Throws.TypeOf(error));
    }

    [Test]
    public void A_result_of_another_version_is_told_and_not_touched()
    {
        var (night, shard, result) = Made();
        night.Publish(shard, result);
        File.WriteAllText(night.ResultFile(shard), File.ReadAllText(night.ResultFile(shard)).Replace(ShardResult.CurrentSchema, "hil-shard/9", StringComparison.Ordinal));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => night.Publish(shard, result), Throws.TypeOf<NightException>().With.Message.Contains("another version"));
            Assert.That(Directory.GetFiles(night.ResultsFolder), Has.Length.EqualTo(1));
            Assert.That(NightRecord.Read(night).Shards[0].Result.Cause, Does.Contain("another version"));
        }
    }

    /// <summary>Does something when it is first waited by.</summary>
    private sealed class MendsIt(Action mend) : TimeProvider
    {
        private bool _isDone;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (!_isDone) mend();
            _isDone = true;
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
