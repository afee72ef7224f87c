using System.Security.Cryptography;
using System.Text;
using HilTests.Lab;
using HilTests.Lab.Cache;
using HilTests.Lab.Kernels;

namespace HilTests.UnitTests.Kernels;

public sealed class DebCacheTests
{
    private static readonly byte[] Content = Encoding.ASCII.GetBytes("the whole package");

    private static readonly DebPackage Package = new("linux-image-1", "1:2.3-4", Convert.ToHexStringLower(SHA256.HashData(Content)), Content.Length);

    private string _root = "";
    private int _downloads;

    [SetUp]
    public void MakeFolder()
    {
        _root = Directory.CreateTempSubdirectory("hil-debs-").FullName;
        _downloads = 0;
    }

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_root, recursive: true);

    [Test]
    public async Task What_was_fetched_once_is_kept()
    {
        string first = await Cache.GetAsync(Package, Giving(Content), CancellationToken.None);
        string second = await Cache.GetAsync(Package, Giving([]), CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(second, Is.EqualTo(first));
            Assert.That(await File.ReadAllBytesAsync(second), Is.EqualTo(Content));
            Assert.That(_downloads, Is.EqualTo(1));
            Assert.That(Cache.Has(Package), Is.True);
        }
    }

    [Test]
    public async Task Half_a_package_is_refused_and_fetched_again_next_time()
    {
        Assert.That(() => Cache.GetAsync(Package, Giving(Content[..5]), CancellationToken.None),
            Throws.TypeOf<InfrastructureException>().With.Message.Contains("incomplete: 5 of 17 bytes"));
        Assert.That(Cache.Has(Package), Is.False);
        Assert.That(await File.ReadAllBytesAsync(await Cache.GetAsync(Package, Giving(Content), CancellationToken.None)), Is.EqualTo(Content));
    }

    [Test]
    public async Task A_package_with_another_hash_is_refused_and_fetched_again_next_time()
    {
        Assert.That(() => Cache.GetAsync(Package, Giving(Encoding.ASCII.GetBytes("the evil packages")), CancellationToken.None),
            Throws.TypeOf<InfrastructureException>().With.Message.Contains("something else").And.Message.Contains(Package.Sha256));
        Assert.That(Cache.Has(Package), Is.False);
        Assert.That(await File.ReadAllBytesAsync(await Cache.GetAsync(Package, Giving(Content), CancellationToken.None)), Is.EqualTo(Content));
    }

    [Test]
    public async Task A_kept_package_that_was_damaged_is_fetched_again()
    {
        string file = await Cache.GetAsync(Package, Giving(Content), CancellationToken.None);
        await File.WriteAllTextAsync(file, "the whole pickage");
        await Cache.GetAsync(Package, Giving(Content), CancellationToken.None);
        Assert.That(await File.ReadAllBytesAsync(file), Is.EqualTo(Content));
        Assert.That(_downloads, Is.EqualTo(2));
    }

    [Test]
    public async Task What_a_killed_download_left_behind_is_swept_away()
    {
        string file = await Cache.GetAsync(Package, Giving(Content), CancellationToken.None);
        File.Delete(file);
        Directory.CreateDirectory(file + ".new");
        await File.WriteAllTextAsync(Path.Combine(file + ".new", "part.deb"), "the wh");
        await Cache.GetAsync(Package, Giving(Content), CancellationToken.None);
        Assert.That(Directory.GetDirectories(Path.GetDirectoryName(file)!), Is.Empty);
    }

    private DebCache Cache => new(new CacheFolder(_root), null);

    private DebCache.Downloader Giving(byte[] content) => async (_, folder, token) =>
    {
        _downloads++;
        string file = Path.Combine(folder, "came.deb");
        await File.WriteAllBytesAsync(file, content, token);
        return file;
    };
}
