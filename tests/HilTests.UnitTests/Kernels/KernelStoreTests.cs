using System.Diagnostics;
using System.Security.Cryptography;
using HilTests.Lab;
using HilTests.Lab.Cache;
using HilTests.Lab.Kernels;

namespace HilTests.UnitTests.Kernels;

/// <summary>Real packages, made here; the suites of the list do not exist, so that any question to a mirror would fail.</summary>
public sealed class KernelStoreTests
{
    private const string Release = "6.9.0-1-amd64";

    private static readonly KernelList List = KernelList.Parse("far nowhere linux-image-amd64\n", "k.list");

    private string _root = "";

    [SetUp]
    public void MakeFolder() => _root = Directory.CreateTempSubdirectory("hil-store-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_root, recursive: true);

    [Test]
    public async Task A_package_given_by_path_is_unpacked_and_known_by_its_content()
    {
        string deb = MakeDeb("linux-image-whole", "", withKernel: true, withModules: true);
        var kernel = await Store.ResolveAsync(deb, CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(kernel.Release, Is.EqualTo(Release));
            Assert.That(kernel.PackageVersion, Is.EqualTo("6.9.1-1"));
            Assert.That(File.Exists(Path.Combine(kernel.ModulesDir, "modules.dep")), Is.True, "depmod was not run");
            Assert.That(ModuleTree.Load(kernel.ModulesDir).IsBuiltin("ext4"), Is.True);
            Assert.That(Path.GetFileName(kernel.VmlinuxPvh), Is.EqualTo("vmlinux"));
            Assert.That(kernel.Identity, Has.Length.EqualTo(64));
        }
    }

    [Test]
    public async Task A_kernel_in_parts_is_put_together_from_the_files_beside_the_image_package()
    {
        string image = MakeDeb("linux-image-6.9", "linux-binary-6.9 (= 6.9.1-1), linux-modules-6.9 (= 6.9.1-1)", withKernel: false, withModules: false);
        MakeDeb("linux-binary-6.9", "", withKernel: true, withModules: false);
        Assert.That(() => Store.ResolveAsync(image, CancellationToken.None),
            Throws.TypeOf<InfrastructureException>().With.Message.Contains("linux-modules-6.9 6.9.1-1"));
        MakeDeb("linux-modules-6.9", "", withKernel: false, withModules: true);
        Assert.That((await Store.ResolveAsync(image, CancellationToken.None)).Release, Is.EqualTo(Release));
    }

    [Test]
    public async Task What_was_fetched_before_needs_no_network_and_is_unpacked_again_where_it_was_lost()
    {
        string deb = MakeDeb("linux-image-whole", "", withKernel: true, withModules: true);
        byte[] content = await File.ReadAllBytesAsync(deb);
        var package = new DebPackage("linux-image-whole", "6.9.1-1", Convert.ToHexStringLower(SHA256.HashData(content)), content.Length);
        new KernelPins(Cache).Write("far", [package]);
        await new DebCache(Cache, null).GetAsync(package, (_, folder, _) =>
        {
            File.Copy(deb, Path.Combine(folder, "x.deb"));
            return Task.FromResult(Path.Combine(folder, "x.deb"));
        }, CancellationToken.None);

        Assert.That(Store.Prepared("far"), Is.Null);
        var kernel = await Store.ResolveAsync("far", CancellationToken.None);
        Assert.That(Store.Prepared("far"), Is.Not.Null);
        Assert.That(kernel.Packages, Is.EqualTo(new[] { package }));
        Directory.Delete(Path.Combine(_root, "cache", "kernels"), recursive: true);
        Assert.That((await Store.ResolveAsync("far", CancellationToken.None)).Identity, Is.EqualTo(kernel.Identity));
    }

    [Test]
    public void Half_a_package_is_refused()
    {
        string deb = MakeDeb("linux-image-whole", "", withKernel: true, withModules: true);
        byte[] content = File.ReadAllBytes(deb);
        File.WriteAllBytes(deb, content[..(content.Length / 2)]);
        Assert.That(() => Store.ResolveAsync(deb, CancellationToken.None), Throws.TypeOf<InfrastructureException>().With.Message.Contains(deb));
        Assert.That(Directory.Exists(Path.Combine(_root, "cache", "kernels")) ? Directory.GetDirectories(Path.Combine(_root, "cache", "kernels")) : [], Is.Empty);
    }

    [TestCase("faar", "did you mean far")]
    [TestCase("./nothing", "no such file or folder")]
    [TestCase("other/1.2", "no name of `hil kernels` before the '/'")]
    [TestCase("nothing.deb", "no such file or folder")]
    public void What_is_neither_name_nor_file_is_refused(string name, string expected) =>
        Assert.That(() => Store.Check(name), Throws.TypeOf<UnknownKernelException>().With.Message.Contains(expected));

    private CacheFolder Cache => new(Path.Combine(_root, "cache"));

    private KernelStore Store => new(List, Cache, null);

    private string MakeDeb(string package, string depends, bool withKernel, bool withModules)
    {
        string tree = Path.Combine(_root, package), modules = Path.Combine(tree, "usr/lib/modules", Release);
        Directory.CreateDirectory(Path.Combine(tree, "DEBIAN"));
        File.WriteAllText(Path.Combine(tree, "DEBIAN/control"),
            $"Package: {package}\nVersion: 6.9.1-1\nArchitecture: amd64\nMaintainer: nobody <nobody@localhost>\nDescription: made for a test\n" +
            (depends.Length > 0 ? $"Depends: {depends}\n" : ""));
        if (withKernel || withModules)
            Directory.CreateDirectory(modules);
        if (withKernel)
            File.WriteAllBytes(Path.Combine(modules, "vmlinuz"), MadeKernel.Bzimage(Release));
        if (withModules)
        {
            File.WriteAllText(Path.Combine(modules, "modules.builtin"), "kernel/fs/ext4/ext4.ko\n");
            File.WriteAllText(Path.Combine(modules, "modules.order"), "");
        }
        string deb = Path.Combine(_root, $"{package}_6.9.1-1_amd64.deb");
        using var made = Process.Start(new ProcessStartInfo("dpkg-deb", ["--root-owner-group", "-b", tree, deb]) { RedirectStandardOutput = true })!;
        made.WaitForExit();
        Assert.That(made.ExitCode, Is.Zero, "dpkg-deb failed");
        return deb;
    }
}
