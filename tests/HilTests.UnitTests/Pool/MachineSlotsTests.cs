using HilTests.Lab.Cache;
using HilTests.Lab.Machines;
using HilTests.Lab.Pool;

namespace HilTests.UnitTests.Pool;

/// <summary>Two pools on one cache folder, as two processes have them.</summary>
[TestFixture, CancelAfter(30_000), FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class MachineSlotsTests : IDisposable
{
    private static readonly MachineOptions Stock = new();

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hil-slots-");
    private readonly CountedMachines _mine = new();
    private readonly CountedMachines _theirs = new();
    private readonly List<string> _said = [];

    public void Dispose() => _folder.Delete(recursive: true);

    [Test]
    public async Task Together_they_keep_to_the_slots_and_each_has_one_in_any_case(CancellationToken cancellation)
    {
        await using var mine = Pool(_mine, 2);
        await using var theirs = Pool(_theirs, 2);
        var first = await mine.RentAsync(Stock, LeaseKind.Shared, cancellation);
        var second = await mine.RentAsync(Stock, LeaseKind.Shared, cancellation);
        await using var third = await theirs.RentAsync(Stock, LeaseKind.Shared, cancellation);
        var fourth = theirs.RentAsync(Stock, LeaseKind.Shared, cancellation);
        Assert.That(await Task.WhenAny(fourth, Task.Delay(500, cancellation)), Is.Not.EqualTo(fourth), "both slots are taken");
        await first.DisposeAsync();
        await second.DisposeAsync();
        await mine.DisposeAsync();
        await using var given = await fourth;
        Assert.That((_mine.Most, _theirs.Most), Is.EqualTo((2, 2)));
    }

    [Test]
    public async Task A_slot_that_was_given_back_is_taken_by_the_other(CancellationToken cancellation)
    {
        await using var mine = Pool(_mine, 1);
        await using var theirs = Pool(_theirs, 1);
        var first = await mine.RentAsync(Stock, LeaseKind.Fresh, cancellation);
        await first.DisposeAsync();
        await using var second = await theirs.RentAsync(Stock, LeaseKind.Fresh, cancellation);
        Assert.That((_mine.All.Count, _theirs.All.Count), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task Where_there_can_be_no_slots_there_is_one_machine_and_it_is_said(CancellationToken cancellation)
    {
        var file = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(file, "", cancellation);
        await using var pool = new MachinePool(new PoolOptions { Capacity = 2, Slots = new CacheFolder(file), Start = _mine.StartAsync, Progress = _said.Add });
        var first = await pool.RentAsync(Stock, LeaseKind.Shared, cancellation);
        var second = pool.RentAsync(Stock, LeaseKind.Shared, cancellation);
        Assert.That(await Task.WhenAny(second, Task.Delay(500, cancellation)), Is.Not.EqualTo(second));
        await first.DisposeAsync();
        await using var given = await second;
        Assert.That(_mine.Most, Is.EqualTo(1));
        Assert.That(_said, Has.Exactly(1).Matches<string>(s => s.Contains("one machine at a time") && s.Contains(CacheFolder.PathVariable)));
    }

    private MachinePool Pool(CountedMachines machines, int capacity) =>
        new(new PoolOptions { Capacity = capacity, Slots = new CacheFolder(_folder.FullName), Start = machines.StartAsync });
}
