using HilTests.Lab;
using HilTests.Lab.Kernels;

namespace HilTests.UnitTests.Kernels;

public sealed class PlainKernelTests
{
    private const string Release = "6.9.0-mine";

    private string _root = "";

    [SetUp]
    public void MakeFolder() => _root = Directory.CreateTempSubdirectory("hil-kernel-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_root, recursive: true);

    [TestCase("fs/f2fs/f2fs.o")]
    [TestCase("fs/f2fs/f2fs.ko")]
    [TestCase("kernel/fs/f2fs/f2fs.ko")]
    public void A_build_tree_names_its_modules_in_one_of_three_ways(string line)
    {
        BuildTree(line);
        File.WriteAllText(At("fs/f2fs/f2fs.ko"), "module");
        var kernel = PlainKernel.Find(_root, null);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(kernel.Release, Is.EqualTo(Release));
            Assert.That(kernel.Modules, Is.EqualTo(new[] { ("kernel/fs/f2fs/f2fs.ko", At("fs/f2fs/f2fs.ko")) }));
            Assert.That(kernel.Vmlinux, Is.EqualTo(At("vmlinux")));
        }
    }

    [Test]
    public void A_tree_in_which_a_module_is_missing_is_refused()
    {
        BuildTree("fs/f2fs/f2fs.o");
        Assert.That(() => PlainKernel.Find(_root, null), Throws.TypeOf<InfrastructureException>().With.Message.Contains("make modules"));
    }

    [Test]
    public void A_tree_that_was_not_built_is_refused() =>
        Assert.That(() => PlainKernel.Find(_root, null), Throws.TypeOf<InfrastructureException>().With.Message.Contains("no arch/x86/boot/bzImage"));

    [Test]
    public void The_identity_changes_with_a_module()
    {
        BuildTree("fs/f2fs/f2fs.o");
        File.WriteAllText(At("fs/f2fs/f2fs.ko"), "module");
        string before = PlainKernel.Find(_root, null).Identity;
        File.WriteAllText(At("fs/f2fs/f2fs.ko"), "module, built again");
        Assert.That(PlainKernel.Find(_root, null).Identity, Is.Not.EqualTo(before).And.Length.EqualTo(64));
    }

    [TestCase("boot/vmlinuz", "lib/modules/" + Release, null)]
    [TestCase("vmlinuz", "lib/modules/" + Release, null)]
    [TestCase("lib/modules/" + Release + "/vmlinuz", "lib/modules/" + Release, null)]
    [TestCase("vmlinuz", "elsewhere", "elsewhere")]
    [TestCase("vmlinuz", "elsewhere/lib/modules/" + Release, "elsewhere")]
    public void Modules_are_found_where_they_usually_lie_or_where_they_are_said_to_be(string kernel, string modules, string? said)
    {
        Write(kernel, MadeKernel.Bzimage(Release));
        Write($"{modules}/modules.builtin", "kernel/fs/ext4/ext4.ko\n"u8.ToArray());
        Write($"{modules}/kernel/fs/f2fs/f2fs.ko.xz", [1]);
        Write($"{modules}/kernel/fs/f2fs/f2fs.o", [1]);
        var found = PlainKernel.Find(At(kernel), said is null ? null : At(said));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.Modules.Select(m => m.Relative), Is.EqualTo(new[] { "kernel/fs/f2fs/f2fs.ko.xz" }));
            Assert.That(found.Lists.Select(Path.GetFileName), Is.EqualTo(new[] { "modules.builtin" }));
        }
    }

    [Test]
    public void A_kernel_without_modules_says_where_they_were_looked_for_and_how_to_name_them()
    {
        Write("vmlinuz", MadeKernel.Bzimage(Release));
        Assert.That(() => PlainKernel.Find(At("vmlinuz"), null),
            Throws.TypeOf<InfrastructureException>().With.Message.Contains($"/lib/modules/{Release}").And.Message.Contains(",modules=DIR"));
        Assert.That(PlainKernel.Find(At("vmlinuz"), "none").Modules, Is.Empty);
    }

    [Test]
    public void An_ELF_kernel_is_known_by_its_banner()
    {
        Write("vmlinux", MadeKernel.Elf(Release, pvh: true));
        var found = PlainKernel.Find(At("vmlinux"), "none");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.Release, Is.EqualTo(Release));
            Assert.That(found.Bzimage, Is.Null);
        }
    }

    [Test]
    public void Other_files_are_no_kernels()
    {
        Write("text", "hello, this is long enough to be looked at"u8.ToArray());
        Write("cut", MadeKernel.Bzimage(Release)[..2050]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => PlainKernel.Find(At("text"), "none"), Throws.TypeOf<InfrastructureException>().With.Message.Contains("no x86 kernel"));
            Assert.That(() => PlainKernel.Find(At("cut"), "none"), Throws.TypeOf<InfrastructureException>().With.Message.Contains("cut off"));
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public void The_PVH_note_is_found(bool pvh)
    {
        Write("vmlinux", MadeKernel.Elf(Release, pvh));
        Assert.That(BootableKernel.HasPvhEntry(At("vmlinux")), Is.EqualTo(pvh));
    }

    [TestCase(true, "vmlinux")]
    [TestCase(false, "bzImage")]
    public async Task A_kernel_without_PVH_entry_is_booted_compressed(bool pvh, string expected)
    {
        Write("bzImage", MadeKernel.Bzimage(Release, pvh));
        var notes = new List<string>();
        string boot = await BootableKernel.PrepareAsync(At("bzImage"), At("vmlinux"), notes.Add, CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Path.GetFileName(boot), Is.EqualTo(expected));
            Assert.That(notes, pvh ? Is.Empty : Has.One.Contains("CONFIG_PVH"));
        }
    }

    private void BuildTree(string moduleLine)
    {
        Write("arch/x86/boot/bzImage", MadeKernel.Bzimage(Release));
        Write("vmlinux", MadeKernel.Elf(Release, pvh: true));
        Directory.CreateDirectory(At("fs/f2fs"));
        File.WriteAllText(At("modules.order"), moduleLine + "\n");
    }

    private void Write(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllBytes(At(path), content);
    }

    private string At(string path) => Path.Combine(_root, path);
}
