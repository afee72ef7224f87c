using HilTests.Lab.Kernels;

namespace HilTests.UnitTests.Kernels;

[TestFixture]
public sealed class ModuleTreeTests
{
    private static readonly ModuleTree Tree = Load();

    [Test]
    public void Dependencies_come_farthest_first()
    {
        var entry = Tree.Find("vhost-net")!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(entry.RelativePath, Is.EqualTo("kernel/drivers/vhost/vhost_net.ko"));
            Assert.That(entry.Dependencies, Is.EqualTo(new[] { "vhost_iotlb", "vhost", "tap" }));
        }
    }

    [Test]
    public void Soft_dependencies_come_before_and_built_in_ones_are_left_out() =>
        Assert.That(Tree.Find("f2fs")!.Dependencies, Is.EqualTo(new[] { "crc32_generic", "lz4_compress" }));

    [Test]
    public void A_built_in_module_is_told_from_one_that_is_not_there()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Tree.Find("crc32c"), Is.Null);
            Assert.That(Tree.IsBuiltin("crc32c"), Is.True);
            Assert.That(Tree.Find("dm_dust"), Is.Null);
            Assert.That(Tree.IsBuiltin("dm_dust"), Is.False);
        }
    }

    [TestCase("kernel/a/dm-mod.ko", "dm_mod")]
    [TestCase("kernel/a/x.ko.xz", "x")]
    [TestCase("kernel/a/nf-log.ko.zst", "nf_log")]
    public void A_name_has_no_folder_no_ending_and_no_hyphen(string path, string name) =>
        Assert.That(ModuleTree.NameOf(path), Is.EqualTo(name));

    private static ModuleTree Load()
    {
        var tree = new ModuleTree();
        tree.ReadDependencies([
            "kernel/drivers/vhost/vhost_net.ko: kernel/drivers/net/tap.ko kernel/drivers/vhost/vhost.ko kernel/drivers/vhost/vhost_iotlb.ko",
            "kernel/drivers/vhost/vhost.ko: kernel/drivers/vhost/vhost_iotlb.ko",
            "kernel/drivers/vhost/vhost_iotlb.ko:",
            "kernel/drivers/net/tap.ko:",
            "kernel/fs/f2fs/f2fs.ko: kernel/lib/lz4/lz4_compress.ko",
            "kernel/lib/lz4/lz4_compress.ko:",
            "kernel/crypto/crc32_generic.ko:",
        ]);
        tree.ReadBuiltin(["kernel/crypto/crc32c.ko"]);
        tree.ReadSoftDependencies(["softdep f2fs pre: crc32_generic crc32c"]);
        return tree;
    }
}
