using HilTests.Cli;
using HilTests.Cli.Auditing;
using HilTests.Cli.Nightly;
using HilTests.Lab.Machines;
using HilTests.Nightly.Nights;
using HilTests.Reporting.Auditing;

namespace HilTests.UnitTests.Nightly;

/// <summary>What a shard's process leaves behind where it comes to no machine.</summary>
public sealed class ShardWorkTests
{
    private readonly StandInLab _lab = new();

    [OneTimeTearDown]
    public void Remove() => _lab.Dispose();

    private (NightFolder Night, Shard Shard) Night(Func<Shard, Shard> change)
    {
        var night = _lab.Night(1, retries: 0);
        var plan = night.ReadPlan();
        night.WritePlan(plan with { Shards = [change(plan.Shards[0])] }, "");
        return (night, night.ReadPlan().Shards[0]);
    }

    private static Task<int> RunAsync((NightFolder Night, Shard Shard) of, CancellationToken cancellation) => new ShardWork(of.Night, of.Shard, static _ => { }).RunAsync(cancellation);

    [TestCase("gone.patch", null, "cannot be read")]
    [TestCase("prose.patch", "From: A <a@example.org>\nSubject: [PATCH] nothing\n\nIt only talks.\n", "no patch in it")]
    [TestCase("cut.patch", "--- a/fs/f2fs/super.c\n+++ b/fs/f2fs/super.c\n@@ -1,3 +1,3 @@\n one\n", "damaged at its line 5")]
    [TestCase("out.patch", "--- a/../../etc/passwd\n+++ b/../../etc/passwd\n@@ -1 +1 @@\n-a\n+b\n", "leads out of the kernel's tree")]
    [CancelAfter(60_000)]
    public async Task A_carried_patch_that_cannot_be_used_is_named_with_the_reason(string name, string? content, string reason, CancellationToken cancellation)
    {
        var patch = Path.Combine(_lab.Root, name);
        if (content is not null) File.WriteAllText(patch, content);
        var of = Night(s => s with { Patches = [patch] });
        var code = await RunAsync(of, cancellation);
        var result = NightRecord.Read(of.Night).Shards[0].Result;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.EqualTo(ExitCode.Infrastructure));
            Assert.That(result, Has.Property("Status").EqualTo(Status.Error).And.Property("Cause").Contains(patch).And.Property("Cause").Contains(reason));
            Assert.That(of.Night.Result(of.Shard), Is.Not.Null, "the same patch is not tried again");
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_shard_whose_limit_is_up_says_so(CancellationToken cancellation)
    {
        var of = Night(static s => s with { LimitSeconds = 0 });
        await RunAsync(of, cancellation);
        var result = NightRecord.Read(of.Night).Shards[0].Result;
        Assert.That(result, Has.Property("Status").EqualTo(Status.Error).And.Property("Cause").EqualTo("its limit of 0 s was up"));
    }

    [Test, CancelAfter(60_000)]
    public async Task Of_a_night_that_is_closed_nothing_more_is_run(CancellationToken cancellation)
    {
        var of = Night(static s => s);
        using (var journal = Journal.Open(of.Night.JournalFile)) journal.Append((JournalEvent.Closed, null, null));
        Assert.That(await RunAsync(of, cancellation), Is.EqualTo(ExitCode.Infrastructure));
        Assert.That(of.Night.Attempts(of.Shard), Is.Zero);
    }

    [Test]
    public void An_audit_has_the_memory_that_the_matrix_says_and_the_accelerator_that_was_used()
    {
        var matrix = MatrixFileTests.Parse("hil-matrix: 1\nname: m\nkernels: [{name: bookworm}]\ndefaults: {memory: 1024}\naudits: [{device: f2fs}, {device: vhost-net, memory: 768}]\n");
        var shards = Planning.Shards(matrix, new PlanningFacts { Night = 1 });
        Assert.That(shards.Select(s => s.MemoryMiB), Is.EqualTo((int[])[1024, 768]));
        var settings = ShardWork.Audit(shards[0], "hil");
        var audit = new AuditResult { Started = DateTimeOffset.UnixEpoch, Command = "hil", Kernel = "6.1", Accelerator = "tcg", Limit = TimeSpan.Zero, Seed = 1, Mutants = [], Planned = 0 };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Auditor.Options(settings, []), Has.Property("MemoryMiB").EqualTo(1024).And.Property("Accelerator").EqualTo(AcceleratorChoice.Auto));
            Assert.That(Auditor.Options(settings with { MemoryMiB = null }, []).MemoryMiB, Is.EqualTo(new MachineOptions().MemoryMiB));
            Assert.That(ShardReport.Of(shards[0], audit, null).Origin.Accelerator, Is.EqualTo("tcg"));
        }
    }
}
