using HilTests.Lab;
using HilTests.Lab.Kernels;

namespace HilTests.UnitTests.Kernels;

[TestFixture]
public sealed class KernelListTests
{
    private static readonly KernelList List = KernelList.Parse(
        "# names\nbookworm bookworm linux-image-amd64\nbullseye\tbullseye linux-image-amd64 # old\nbookworm-backports bookworm-backports linux-image-amd64\n", "k.list");

    [Test]
    public void A_known_name_is_found() =>
        Assert.That(List.Find("bullseye"), Is.EqualTo(new KnownKernel("bullseye", "bullseye", "linux-image-amd64")));

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
    public void The_projects_own_list_knows_bookworm() =>
        Assert.That(KernelList.Load(SourceTree.Find()).Find("bookworm").Suite, Is.EqualTo("bookworm"));

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
