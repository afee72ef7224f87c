using HilTests.Lab.Kernels;

namespace HilTests.UnitTests.Kernels;

public sealed class KernelArchiveTests
{
    private const string Sid = """
        Package: linux-image-7.2.13+deb14-amd64
        Source: linux-signed-amd64 (7.2.13+1)
        Version: 7.2.13-1
        Depends: dracut | initramfs-tools (>= 0.120+deb8u2) | linux-initramfs-tool, linux-base-7.2.13+deb14-amd64 (= 7.2.13-1), linux-binary-7.2.13+deb14-amd64 (= 7.2.13-1), linux-modules-7.2.13+deb14-amd64 (= 7.2.13-1)
        Description: Linux 7.2
         continued: not a field
        Size: 1892
        SHA256: 28DC3DD3C1446246CED2F9E4BF4E93475AAE3815D03EAEDEBE20B168CB944B10

        Package: other
        Version: 1
        """;

    [Test]
    public void A_stanza_gives_name_version_hash_and_dependencies()
    {
        var stanzas = AptStanza.Parse(Sid);
        Assert.That(stanzas, Has.Count.EqualTo(2));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(stanzas[0].ToPackage(), Is.EqualTo(new DebPackage(
                "linux-image-7.2.13+deb14-amd64", "7.2.13-1", "28dc3dd3c1446246ced2f9e4bf4e93475aae3815d03eaedebe20b168cb944b10", 1892)));
            Assert.That(stanzas[0].Depends.Where(KernelArchive.IsPart), Is.EqualTo(new[]
            {
                "linux-base-7.2.13+deb14-amd64", "linux-binary-7.2.13+deb14-amd64", "linux-modules-7.2.13+deb14-amd64",
            }));
            Assert.That(() => stanzas[1].ToPackage(), Throws.Exception.With.Message.Contains("no SHA-256 for other 1"));
        }
    }

    [TestCase("linux-image-6.1.0-47-amd64", true)]
    [TestCase("linux-image-7.2.13+deb14-amd64", true)]
    [TestCase("linux-image-6.1.0-47-rt-amd64", false)]
    [TestCase("linux-image-6.1.0-47-cloud-amd64", false)]
    [TestCase("linux-image-6.1.0-47-amd64-dbg", false)]
    [TestCase("linux-image-6.1.0-47-amd64-unsigned", false)]
    [TestCase("linux-image-amd64", false)]
    [TestCase("linux-image-amd64-signed-template", false)]
    public void Only_the_plain_flavour_counts(string package, bool isImage) => Assert.That(KernelArchive.IsImage(package), Is.EqualTo(isImage));

    [TestCase("linux-base-7.2.13+deb14-amd64", true)]
    [TestCase("linux-base", false)]
    [TestCase("linux-base-amd64", false)]
    [TestCase("linux-modules-7.2.13+deb14-amd64", true)]
    [TestCase("linux-kbuild-6.1", false)]
    public void A_part_holds_files_of_one_kernel(string package, bool isPart) => Assert.That(KernelArchive.IsPart(package), Is.EqualTo(isPart));

    [TestCase("6.1.192-2", "6.1.176-1")]
    [TestCase("6.12.95-1", "6.1.192-2")]
    [TestCase("6.12.95-1", "6.12.95-1~bpo12+1")]
    [TestCase("5.10.262-1", "5.10.262-1~rc1")]
    [TestCase("1.0+b1", "1.0")]
    [TestCase("1.10", "1.9")]
    public void Versions_are_ordered_as_dpkg_orders_them(string newer, string older)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(VersionOrder.Instance.Compare(newer, older), Is.Positive);
            Assert.That(VersionOrder.Instance.Compare(older, newer), Is.Negative);
            Assert.That(VersionOrder.Instance.Compare(newer, newer), Is.Zero);
        }
    }

    [Test]
    public void A_pin_line_reads_back_and_another_line_does_not()
    {
        var package = AptStanza.Parse(Sid)[0].ToPackage();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(DebPackage.FromLine(package.ToLine()), Is.EqualTo(package));
            Assert.That(DebPackage.FromLine("linux-image-6.1.0-56-amd64 6.1.192-2"), Is.Null);
            Assert.That(DebPackage.FromLine(""), Is.Null);
        }
    }
}
