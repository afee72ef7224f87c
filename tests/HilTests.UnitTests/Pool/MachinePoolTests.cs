using HilTests.Lab;
using HilTests.Lab.Machines;
using HilTests.Lab.Pool;

namespace HilTests.UnitTests.Pool;

/// <summary>Who gets a machine when, and which are never used again.</summary>
[TestFixture, CancelAfter(30_000), FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class MachinePoolTests
{
    private static readonly MachineOptions Stock = new();
    private static readonly MachineOptions Small = new() { MemoryMiB = 256 };

    private readonly CountedMachines _machines = new();

    [Test]
    public async Task A_machine_that_went_well_is_shared(CancellationToken cancellation)
    {
        await using var pool = Pool(2);
        await using (var first = await pool.RentAsync(Stock, LeaseKind.Shared, cancellation)) await first.RunAsync("a", cancellation);
        await using var second = await pool.RentAsync(Stock with { Progress = _ => { } }, LeaseKind.Shared, cancellation);
        Assert.That((second.MachineNumber, _machines.All.Count), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task A_fresh_one_was_nobody_s_and_becomes_nobody_s(CancellationToken cancellation)
    {
        await using var pool = Pool(1);
        foreach (var kind in (LeaseKind[])[LeaseKind.Shared, LeaseKind.Fresh, LeaseKind.Shared])
        {
            await using var lease = await pool.RentAsync(Stock, kind, cancellation);
        }
        Assert.That((_machines.All.Count, _machines.Most), Is.EqualTo((3, 1)));
        Assert.That(_machines.All.Take(2).Select(m => m.IsOff), Is.All.True);
    }

    [Test]
    public async Task A_machine_that_is_lost_is_not_used_again_and_its_cause_is_kept(CancellationToken cancellation)
    {
        await using var pool = Pool(1);
        await using (var lease = await pool.RentAsync(Stock, LeaseKind.Shared, cancellation))
        {
            _machines.All[0].Lose(MachineLossKind.Panic, "BUG: in test");
            await lease.RunAsync("hil-program 1\nname bad\n", cancellation);
        }
        await using var next = await pool.RentAsync(Stock, LeaseKind.Shared, cancellation);
        Assert.That(next.MachineNumber, Is.EqualTo(2));
        Assert.That(pool.Lost, Is.EqualTo((LostMachine[])[new(1, "Panic: BUG: in test", "bad", "console of 1\n", _machines.All[0].Facts)]));
    }

    [Test]
    public async Task A_machine_that_dies_in_silence_is_found_when_it_comes_back(CancellationToken cancellation)
    {
        await using var pool = Pool(1);
        await using (await pool.RentAsync(Stock, LeaseKind.Shared, cancellation)) _machines.All[0].Lose(MachineLossKind.QemuDied, "killed");
        Assert.That(pool.Lost.Select(l => l.Cause), Is.EqualTo((string[])["QemuDied: killed"]));
    }

    [Test]
    public async Task A_machine_that_dies_while_idle_is_replaced(CancellationToken cancellation)
    {
        await using var pool = Pool(1);
        await using (await pool.RentAsync(Stock, LeaseKind.Shared, cancellation))
        {
        }
        _machines.All[0].Lose(MachineLossKind.QemuDied, "killed");
        await using var next = await pool.RentAsync(Stock, LeaseKind.Shared, cancellation);
        Assert.That(next.MachineNumber, Is.EqualTo(2));
        Assert.That(pool.Lost.Select(l => l.Cause), Is.EqualTo((string[])["while idle: QemuDied: killed"]));
    }

    [Test]
    public async Task Programs_left_in_a_machine_spend_it_and_that_is_no_failure(CancellationToken cancellation)
    {
        await using var pool = Pool(1);
        await using (var lease = await pool.RentAsync(Stock, LeaseKind.Shared, cancellation))
        {
            await foreach (var _ in lease.RunManyAsync(["a", "b", "c"], cancellation)) break;
        }
        await using var next = await pool.RentAsync(Stock, LeaseKind.Shared, cancellation);
        Assert.That((next.MachineNumber, pool.Lost.Count), Is.EqualTo((2, 0)));
    }

    [Test]
    public async Task Two_hundred_queue_in_order_and_never_more_than_the_capacity_live(CancellationToken cancellation)
    {
        await using var pool = Pool(3);
        var served = new List<int>();
        var all = Enumerable.Range(0, 200).Select(i => UseAsync(i, i % 3 == 0 ? LeaseKind.Shared : LeaseKind.Fresh)).ToList();
        await Task.WhenAll(all);
        Assert.That(_machines.Most, Is.EqualTo(3));
        Assert.That(served, Has.Count.EqualTo(200));
        Assert.That(_machines.All.Count, Is.InRange(134, 200));

        async Task UseAsync(int number, LeaseKind kind)
        {
            await using var lease = await pool.RentAsync(Stock, kind, cancellation);
            lock (served) served.Add(number);
            await lease.RunAsync("a", cancellation);
        }
    }

    [Test]
    public async Task Who_asked_first_is_served_first(CancellationToken cancellation)
    {
        await using var pool = Pool(1);
        var only = await pool.RentAsync(Stock, LeaseKind.Shared, cancellation);
        var waiting = Enumerable.Range(0, 5).Select(_ => pool.RentAsync(Stock, LeaseKind.Shared, cancellation)).ToList();
        for (var i = 0; i < waiting.Count; i++)
        {
            Assert.That(waiting.Skip(i).Select(w => w.IsCompleted), Is.All.False);
            await only.DisposeAsync();
            only = await waiting[i];
        }
        await only.DisposeAsync();
        Assert.That(_machines.All, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_wait_can_be_cancelled_and_the_next_is_served(CancellationToken cancellation)
    {
        await using var pool = Pool(1);
        var only = await pool.RentAsync(Stock, LeaseKind.Shared, cancellation);
        using var impatience = new CancellationTokenSource();
        var leaves = pool.RentAsync(Stock, LeaseKind.Shared, impatience.Token);
        var stays = pool.RentAsync(Stock, LeaseKind.Shared, cancellation);
        await impatience.CancelAsync();
        Assert.That(async () => await leaves, Throws.InstanceOf<OperationCanceledException>());
        await only.DisposeAsync();
        await using var lease = await stays;
        Assert.That(lease.MachineNumber, Is.EqualTo(1));
    }

    [Test]
    public async Task An_idle_machine_of_other_options_makes_room(CancellationToken cancellation)
    {
        await using var pool = Pool(1);
        await using (await pool.RentAsync(Stock, LeaseKind.Shared, cancellation))
        {
        }
        await using var other = await pool.RentAsync(Small, LeaseKind.Shared, cancellation);
        Assert.That((_machines.Most, _machines.All[0].IsOff, _machines.All[1].Options.MemoryMiB), Is.EqualTo((1, true, 256)));
    }

    [Test]
    public async Task A_spare_is_started_ahead(CancellationToken cancellation)
    {
        await using var pool = new MachinePool(new PoolOptions { Capacity = 1, Spares = 1, Slots = null, Start = _machines.StartAsync });
        var first = await pool.RentAsync(Stock, LeaseKind.Fresh, cancellation);
        var gate = new TaskCompletionSource();
        // From here on nothing can be started: the second one must have been on its way already.
        while (_machines.All.Count < 2) await Task.Delay(5, cancellation);
        _machines.Gate = gate.Task;
        await first.DisposeAsync();
        await using var second = await pool.RentAsync(Stock, LeaseKind.Fresh, cancellation);
        // Which of the two was ready first is open.
        Assert.That(second.MachineNumber, Is.EqualTo(3 - first.MachineNumber));
        gate.SetResult();
    }

    [Test]
    public async Task A_start_that_fails_is_tried_once_more_and_the_cause_kept(CancellationToken cancellation)
    {
        var failures = new Queue<Exception>([new InfrastructureException("no QEMU\nat all")]);
        _machines.Failure = () => failures.TryDequeue(out var failure) ? failure : null;
        await using var pool = Pool(1);
        await using var lease = await pool.RentAsync(Stock, LeaseKind.Shared, cancellation);
        Assert.That(pool.Lost.Select(l => (l.Cause, l.Console)), Is.EqualTo(((string, string)[])[("did not start: no QEMU", "no QEMU\nat all")]));
    }

    [Test]
    public async Task A_start_that_fails_twice_is_told_to_who_asked_and_the_pool_lives_on(CancellationToken cancellation)
    {
        var failures = new Queue<Exception>([new InfrastructureException("one"), new InfrastructureException("two")]);
        _machines.Failure = () => failures.TryDequeue(out var failure) ? failure : null;
        await using var pool = Pool(1);
        Assert.That(async () => await pool.RentAsync(Stock, LeaseKind.Shared, cancellation), Throws.InstanceOf<InfrastructureException>().With.Message.EqualTo("two"));
        await using var lease = await pool.RentAsync(Stock, LeaseKind.Shared, cancellation);
        Assert.That(pool.Lost, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Closing_switches_everything_off_and_ends_the_waiting(CancellationToken cancellation)
    {
        var pool = Pool(1);
        var lease = await pool.RentAsync(Stock, LeaseKind.Shared, cancellation);
        var waiting = pool.RentAsync(Stock, LeaseKind.Shared, cancellation);
        await pool.DisposeAsync();
        Assert.That(_machines.All.Select(m => m.IsOff), Is.EqualTo((bool[])[true]));
        Assert.That(async () => await waiting, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(async () => await pool.RentAsync(Stock, LeaseKind.Shared, cancellation), Throws.InstanceOf<ObjectDisposedException>());
        await lease.DisposeAsync();
        Assert.That(pool.Lost, Is.Empty);
    }

    [Test]
    public async Task Closing_ends_a_start_that_is_under_way(CancellationToken cancellation)
    {
        _machines.Gate = new TaskCompletionSource().Task;
        var pool = Pool(1);
        var waiting = pool.RentAsync(Stock, LeaseKind.Shared, cancellation);
        await pool.DisposeAsync();
        Assert.That(async () => await waiting, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(_machines.All, Is.Empty);
    }

    private MachinePool Pool(int capacity) => new(new PoolOptions { Capacity = capacity, Slots = null, Start = _machines.StartAsync });
}
