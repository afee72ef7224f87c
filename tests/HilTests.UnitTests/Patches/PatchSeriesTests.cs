using HilTests.Lab.Modules;
using HilTests.Lab.Patches;

namespace HilTests.UnitTests.Patches;

/// <summary>Which patches belong together, and which names they may use.</summary>
public sealed class PatchSeriesTests
{
    private static PatchMail Mail(string tags, string diff = Mails.Diff) => new() { Origin = $"mail {tags}", Subject = "x", Tags = tags, Diff = diff };

    [Test]
    public void A_missing_patch_is_named() =>
        Assert.That(() => PatchSeries.Of([Mail("PATCH 1/4"), Mail("PATCH 3/4")]), Throws.InstanceOf<PatchException>().With.Message.Contains("numbers 2, 4 are missing"));

    [Test]
    public void Of_two_versions_the_newest_counts()
    {
        var series = PatchSeries.Of([Mail("PATCH 1/1"), Mail("PATCH v2 1/1", Mails.Diff + " \n")]);
        Assert.That(series.Patches.Single().Version, Is.EqualTo(2));
        Assert.That(series.Notes, Has.Some.Contains("v2"));
    }

    [Test]
    public void Two_different_patches_of_one_number_are_refused() =>
        Assert.That(() => PatchSeries.Of([Mail("PATCH 1/1"), Mail("PATCH 1/1", Mails.Diff + "x")]), Throws.InstanceOf<PatchException>().With.Message.Contains("number 1"));

    [Test]
    public void A_cover_letter_alone_is_no_patch() =>
        Assert.That(() => PatchSeries.Of([Mail("PATCH 0/3", "")]), Throws.InstanceOf<PatchInputException>().With.Message.Contains("cover letter"));

    [TestCase("../../etc/passwd", "leads out")]
    [TestCase("fs/f2fs/../../../x.c", "leads out")]
    [TestCase("/etc/passwd", "absolute")]
    public void Names_that_lead_out_of_the_tree_are_refused(string name, string said)
    {
        var diff = Mails.Diff.Replace("a/drivers/vhost/net.c", $"a/{name}", StringComparison.Ordinal).Replace("b/drivers/vhost/net.c", $"b/{name}", StringComparison.Ordinal);
        Assert.That(async () => await TouchedFiles.OfAsync(PatchSeries.Of([Mail("PATCH", diff)]), CancellationToken.None), Throws.InstanceOf<PatchException>().With.Message.Contains(said));
    }

    [TestCase("120000", "symbolic link")]
    [TestCase("0120000", "symbolic link", Description = "git reads a number")]
    [TestCase("160000", "submodule")]
    [TestCase("040000", "no file")]
    public void What_is_no_plain_file_is_refused(string mode, string said)
    {
        var link = $"diff --git a/fs/f2fs/x.c b/fs/f2fs/x.c\nnew file mode {mode}\n--- /dev/null\n+++ b/fs/f2fs/x.c\n@@ -0,0 +1 @@\n+/etc/passwd\n\\ No newline at end of file\n";
        Assert.That(async () => await TouchedFiles.OfAsync(PatchSeries.Of([Mail("PATCH", link)]), CancellationToken.None), Throws.InstanceOf<PatchException>().With.Message.Contains(said));
    }

    [Test]
    public async Task Touched_files_are_listed() =>
        Assert.That(await TouchedFiles.OfAsync(PatchSeries.Of([Mail("PATCH")]), CancellationToken.None), Is.EqualTo((string[])["drivers/vhost/net.c"]));

    [Test]
    public void A_damaged_patch_says_where() =>
        Assert.That(async () => await TouchedFiles.OfAsync(PatchSeries.Of([Mail("PATCH", Mails.Diff.Replace(" /* third */", "/* third */", StringComparison.Ordinal))]), CancellationToken.None),
            Throws.InstanceOf<PatchInputException>().With.Message.Contains("damaged at its line"));
}
