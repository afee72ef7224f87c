using HilTests.Lab;
using HilTests.Lab.Cache;

namespace HilTests.UnitTests.Cache;

[TestFixture]
public sealed class CacheFolderTests
{
    private string _root = "";
    private int _builds;

    [SetUp]
    public void MakeRoot()
    {
        _root = Directory.CreateTempSubdirectory("hil-cache-test-").FullName;
        _builds = 0;
    }

    [TearDown]
    public void RemoveRoot() => Directory.Delete(_root, recursive: true);

    [Test]
    public async Task An_entry_is_built_once()
    {
        string first = await Get();
        string second = await Get();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(second, Is.EqualTo(first));
            Assert.That(_builds, Is.EqualTo(1));
            Assert.That(File.ReadAllText(Path.Combine(first, "data")), Is.EqualTo("content 1"));
        }
    }

    [TestCase("data", "content X")]
    [TestCase("data", "cut")]
    [TestCase("sub/deep", "changed")]
    [TestCase(".manifest", "nonsense\n")]
    public async Task A_damaged_entry_is_noticed_and_built_anew(string file, string damage)
    {
        string folder = await Get();
        File.WriteAllText(Path.Combine(folder, file), damage);
        var told = new List<string>();
        await Get(told.Add);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_builds, Is.EqualTo(2));
            Assert.That(File.ReadAllText(Path.Combine(folder, "data")), Is.EqualTo("content 2"));
            Assert.That(told, Has.Some.Contains("damaged"));
        }
    }

    [Test]
    public async Task A_removed_file_is_noticed()
    {
        File.Delete(Path.Combine(await Get(), "data"));
        await Get();
        Assert.That(_builds, Is.EqualTo(2));
    }

    [Test]
    public async Task Damage_that_left_length_and_time_alone_is_found_by_the_full_check()
    {
        string folder = await Get();
        string file = Path.Combine(folder, "data");
        var time = File.GetLastWriteTimeUtc(file);
        File.WriteAllText(file, "CONTENT 1");
        File.SetLastWriteTimeUtc(file, time);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(CacheFolder.VerifyFully(folder), Is.False);
            Assert.That(Directory.Exists(folder), Is.False, "the damaged entry is gone");
        }
    }

    [Test]
    public async Task Two_at_once_build_once()
    {
        var gate = new TaskCompletionSource();
        var cache = new CacheFolder(_root);
        Task<string> Start() => cache.GetOrBuildAsync("kind", "key", async (into, token) =>
        {
            Interlocked.Increment(ref _builds);
            await gate.Task;
            await File.WriteAllTextAsync(Path.Combine(into, "data"), "x", token);
        }, null, CancellationToken.None);
        var both = new[] { Start(), Start() };
        gate.SetResult();
        string[] folders = await Task.WhenAll(both);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(folders[0], Is.EqualTo(folders[1]));
            Assert.That(_builds, Is.EqualTo(1));
        }
    }

    [Test]
    public void A_build_that_fails_leaves_nothing()
    {
        var cache = new CacheFolder(_root);
        Assert.That(async () => await cache.GetOrBuildAsync("kind", "key", (into, _) =>
        {
            File.WriteAllText(Path.Combine(into, "half"), "x");
            throw new InfrastructureException("no luck");
        }, null, CancellationToken.None), Throws.TypeOf<InfrastructureException>());
        Assert.That(Directory.GetDirectories(Path.Combine(_root, "kind")), Is.Empty);
    }

    [Test]
    public void A_full_disk_is_an_infrastructure_error_that_says_what_to_do()
    {
        var cache = new CacheFolder(_root);
        // The device that is always full gives the errno that a full disk gives.
        Assert.That(async () => await cache.GetOrBuildAsync("kind", "key", async (_, token) =>
        {
            await using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
            await full.WriteAsync(new byte[] { 1 }, token);
        }, null, CancellationToken.None),
            Throws.TypeOf<InfrastructureException>().With.Message.Contains("the disk is full").And.Message.Contains("HIL_CACHE"));
    }

    [Test]
    public void A_cache_that_cannot_be_written_is_an_infrastructure_error() =>
        Assert.That(async () => await new CacheFolder("/proc/hil").GetOrBuildAsync("kind", "key", (_, _) => Task.CompletedTask, null, CancellationToken.None),
            Throws.TypeOf<InfrastructureException>().With.Message.Contains("/proc/hil").And.Message.Contains("HIL_CACHE"));

    private Task<string> Get(Action<string>? progress = null) => new CacheFolder(_root).GetOrBuildAsync("kind", "a key/1", async (into, token) =>
    {
        _builds++;
        Directory.CreateDirectory(Path.Combine(into, "sub"));
        await File.WriteAllTextAsync(Path.Combine(into, "sub", "deep"), "deep", token);
        await File.WriteAllTextAsync(Path.Combine(into, "data"), $"content {_builds}", token);
    }, progress, CancellationToken.None);
}
