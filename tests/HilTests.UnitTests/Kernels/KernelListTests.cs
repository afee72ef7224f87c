using HilTests.Lab;
using HilTests.Lab.Kernels;

namespace HilTests.UnitTests.Kernels;

[TestFixture]
public sealed class KernelListTests
{
    private static readonly KernelList List = KernelList.Parse(
        "# names\nbookworm bookworm linux-image-amd64\nbullseye\tbullseye,bullseye-security linux-image-amd64 # old\nbookworm-backports bookworm-backports linux-image-amd64\n", "k.list");

    [Test]
    public void A_known_name_is_found() =>
        Assert.That(List.Find("bullseye").Suites, Is.EqualTo(new[] { "bullseye", "bullseye-security" }));

    [TestCase("bookworm", "bookworm", null)]
    [TestCase("bookworm/6.1.0-47", "bookworm", "6.1.0-47")]
    [TestCase("bookworm-backports/6.12.95-1~bpo12+1", "bookworm-backports", "6.12.95-1~bpo12+1")]
    public void A_name_may_carry_a_version(string text, string name, string? version)
    {
        var split = List.Split(text);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(split?.Kernel.Name, Is.EqualTo(name));
            Assert.That(split?.Version, Is.EqualTo(version));
        }
    }

    [TestCase("wheezy/3.2")]
    [TestCase("bookworm/")]
    [TestCase("bookworm/boot/vmlinuz")]
    [TestCase("./bookworm/6.1")]
    [TestCase("/boot/vmlinuz")]
    public void A_path_or_an_unknown_suite_is_no_name(string text) => Assert.That(List.Split(text), Is.Null);

    [TestCase("bokworm", "bookworm")]
    [TestCase("bullsey", "bullseye")]
    [TestCase("bookworm-backport", "bookworm-backports")]
    public void A_misspelled_name_gets_the_near_one_suggested(string typed, string meant)
    {
        var error = Assert.Throws<UnknownKernelException>(() => List.Find(typed));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error.Nearest[0], Is.EqualTo(meant));
            Assert.That(error.Message, Does.Contain($"did you mean {meant}").And.Contain("Known are: bookworm, bullseye"));
        }
    }

    [Test]
    public void A_name_like_no_other_gets_the_list_and_no_suggestion()
    {
        var error = Assert.Throws<UnknownKernelException>(() => List.Find("zzzzzzzzzzzzzz"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error.Nearest, Is.Empty);
            Assert.That(error.Message, Does.Not.Contain("did you mean").And.Contain("Known are"));
        }
    }

    [Test]
    public void A_bad_line_is_named_with_file_and_line() =>
        Assert.That(() => KernelList.Parse("\nonly two\n", "k.list"), Throws.TypeOf<InfrastructureException>().With.Message.StartsWith("k.list:2:"));

    [Test]
    public void The_projects_own_list_knows_five() =>
        Assert.That(KernelList.Load(SourceTree.Find()).Kernels.Select(k => k.Name),
            Is.EqualTo(new[] { "bullseye", "bookworm", "bookworm-backports", "trixie", "sid" }));

    [TestCase("", "", 0)]
    [TestCase("abc", "", 3)]
    [TestCase("kitten", "sitting", 3)]
    public void Distance_counts_single_letter_changes(string a, string b, int expected) =>
        Assert.That(KernelList.Distance(a, b), Is.EqualTo(expected));

    [FsCheck.NUnit.Property]
    public bool Distance_is_the_same_both_ways_and_zero_only_for_equals(string? a, string? b)
    {
        string x = a ?? "", y = b ?? "";
        int distance = KernelList.Distance(x, y);
        return distance == KernelList.Distance(y, x) && (distance == 0) == (x == y) && distance <= Math.Max(x.Length, y.Length);
    }
}
