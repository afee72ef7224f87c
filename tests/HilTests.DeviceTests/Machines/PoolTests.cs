using HilTests.Lab.Machines;
using HilTests.Lab.Pool;

namespace HilTests.DeviceTests.Machines;

/// <summary>A pool of real VMs.</summary>
[TestFixture]
public sealed class PoolTests
{
    private const string Good = "hil-program 1\nname good\ndevice vhost-net\nopen\nset-owner\nclose\n";

    private static readonly MachineOptions Options = new() { Progress = TestContext.Progress.WriteLine };

    [Test, CancelAfter(300_000)]
    public async Task Two_machines_run_programs_at_the_same_time(CancellationToken cancellation)
    {
        await using var pool = new MachinePool(PoolOptions.ForThisHost(Options, jobs: 2) with { Slots = null });
        await using var first = await pool.RentAsync(Options, LeaseKind.Shared, cancellation);
        await using var second = await pool.RentAsync(Options, LeaseKind.Shared, cancellation);
        var replies = await Task.WhenAll(first.RunAsync(Good, cancellation), second.RunAsync(Good, cancellation));
        Assert.That(first.MachineNumber, Is.Not.EqualTo(second.MachineNumber));
        Assert.That(replies.Select(r => r.TraceText), Is.All.EndsWith("end complete\n"));
    }

    [Test, CancelAfter(300_000)]
    public async Task A_machine_whose_kernel_panicked_is_gone_and_its_cause_and_console_are_kept(CancellationToken cancellation)
    {
        await using var pool = new MachinePool(PoolOptions.ForThisHost(Options, jobs: 1) with { Slots = null });
        var shell = Options with { ConsoleShell = true };
        int qemu;
        await using (var lease = await pool.RentAsync(shell, LeaseKind.Shared, cancellation))
        {
            var machine = (QemuMachine)lease.Machine;
            qemu = machine.ProcessId;
            await lease.RunAsync(Good, cancellation);
            await machine.ConsoleInput.WriteLineAsync("echo c >/proc/sysrq-trigger");
            await machine.ConsoleInput.FlushAsync(cancellation);
            await machine.Lost.WaitAsync(cancellation);
        }
        await using var next = await pool.RentAsync(shell, LeaseKind.Shared, cancellation);
        var reply = await next.RunAsync(Good, cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(reply.TraceText, Does.EndWith("end complete\n"));
            Assert.That(LiveProcess.IsAlive(qemu), Is.False);
            Assert.That(pool.Lost, Has.Count.EqualTo(1));
            Assert.That(pool.Lost[0], Has.Property("Number").EqualTo(1).And.Property("Program").EqualTo("good"));
            Assert.That(pool.Lost[0].Cause, Does.StartWith("Panic: ").And.Contain("sysrq").IgnoreCase);
            Assert.That(pool.Lost[0].Console, Does.Contain("Kernel panic - not syncing"));
        }
    }

    [Test, CancelAfter(300_000)]
    public async Task A_machine_whose_QEMU_was_killed_is_replaced(CancellationToken cancellation)
    {
        await using var pool = new MachinePool(PoolOptions.ForThisHost(Options, jobs: 1) with { Slots = null });
        await using (var lease = await pool.RentAsync(Options, LeaseKind.Shared, cancellation))
            LiveProcess.Kill(((QemuMachine)lease.Machine).ProcessId);
        await using var next = await pool.RentAsync(Options, LeaseKind.Shared, cancellation);
        await next.Machine.PingAsync(cancellation);
        Assert.That(pool.Lost.Select(l => l.Cause), Has.One.Contains("QemuDied"));
    }

    [Test, CancelAfter(600_000)]
    public async Task Two_hundred_fresh_machines_queue_and_nothing_stays(CancellationToken cancellation)
    {
        string[] before = WorkFolders();
        await using (var pool = new MachinePool(PoolOptions.ForThisHost(Options, fresh: true)))
        {
            await using (var probe = await pool.RentAsync(Options, LeaseKind.Fresh, cancellation))
                Assume.That(probe.Machine.Facts.Start, Is.EqualTo(MachineStart.Clone), "200 cold boots take a quarter of an hour; machines cannot be cloned here");
            int live = 0, most = 0;
            var all = Enumerable.Range(0, 200).Select(async _ =>
            {
                await using var lease = await pool.RentAsync(Options, LeaseKind.Fresh, cancellation);
                int now = Interlocked.Increment(ref live);
                lock (pool)
                    most = Math.Max(most, now);
                await lease.Machine.PingAsync(cancellation);
                Interlocked.Decrement(ref live);
                return lease.MachineNumber;
            });
            int[] numbers = await Task.WhenAll(all);
            using (Assert.EnterMultipleScope())
            {
                Assert.That(numbers, Is.Unique.And.Length.EqualTo(200));
                Assert.That(most, Is.AtMost(pool.Capacity));
                Assert.That(pool.Lost, Is.Empty);
            }
        }
        Assert.That(WorkFolders().Except(before), Is.Empty);
    }

    private static string[] WorkFolders() => Directory.GetDirectories(Path.GetTempPath(), $"hil-{Environment.ProcessId}-*");
}
