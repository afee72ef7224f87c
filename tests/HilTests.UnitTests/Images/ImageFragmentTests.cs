using HilTests.Lab;
using HilTests.Lab.Images;

namespace HilTests.UnitTests.Images;

[TestFixture]
public sealed class ImageFragmentTests
{
    [Test]
    public void The_projects_own_fragments_can_be_read_and_hold_both_devices()
    {
        var (all, _) = ImageFragment.LoadAll(SourceTree.Find());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(all.Boot.Select(b => b.Module), Is.SupersetOf(new[] { "virtio_console", "vhost_net", "tun", "f2fs", "loop" }));
            Assert.That(all.Tools, Does.Contain("mkfs.f2fs"));
            Assert.That(all.Parameters, Does.Contain("oops=panic"));
        }
    }

    [Test]
    public void Module_parameters_and_comments_are_understood()
    {
        var fragment = new ImageFragment();
        fragment.Add("# words\n\nboot vhost_net experimental_zcopytx=1 x=2 # more\nknob /a/b 1 2\n", "x.list");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(fragment.Boot, Is.EqualTo(new[] { ("vhost_net", "experimental_zcopytx=1 x=2") }));
            Assert.That(fragment.Knobs, Is.EqualTo(new[] { ("/a/b", "1 2") }));
        }
    }

    [TestCase("boot")]
    [TestCase("modul x")]
    [TestCase("link /only-one")]
    public void A_line_that_means_nothing_is_named_with_file_and_line(string line) =>
        Assert.That(() => new ImageFragment().Add("dir /x\n" + line, "some.list"),
            Throws.TypeOf<InfrastructureException>().With.Message.StartsWith("some.list:2:"));
}
