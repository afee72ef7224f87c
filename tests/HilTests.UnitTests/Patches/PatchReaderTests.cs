using System.Text;
using HilTests.Lab.Patches;

namespace HilTests.UnitTests.Patches;

/// <summary>Reading patches from mails, mailboxes and plain files, as git would.</summary>
public sealed class PatchReaderTests
{
    [Test]
    public async Task A_mail_gives_subject_author_and_diff()
    {
        var mail = (await Mails.ReadAsync(Mails.Patch("[PATCH net v3 2/7] vhost: do a thing", headers: "In-Reply-To: <cover@example.org>\n"))).Single();
        Assert.Multiple(() =>
        {
            Assert.That(mail.Subject, Is.EqualTo("vhost: do a thing"));
            Assert.That(mail.Author, Is.EqualTo("A Tester <a@example.org>"));
            Assert.That((mail.Version, mail.Number, mail.Total), Is.EqualTo((3, (int?)2, (int?)7)));
            Assert.That(mail.Diff, Does.Contain("+int young;"));
            Assert.That(mail.IsReply, Is.False);
            Assert.That(mail.Notes, Is.Empty);
        });
    }

    [Test]
    public async Task A_quoted_printable_mail_is_decoded()
    {
        var diff = Mails.Diff.Replace("int young;", "int young =3D 1;", StringComparison.Ordinal);
        var mail = (await Mails.ReadAsync(Mails.Patch("[PATCH] vhost: x", diff, "Content-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=UTF-8\n"))).Single();
        Assert.That(mail.Diff, Does.Contain("+int young = 1;"));
        Assert.That(mail.Notes, Has.Some.Contains("quoted-printable"));
    }

    [Test]
    public async Task Carriage_returns_go_in_a_mail_and_in_a_plain_diff()
    {
        foreach (var text in (string[])[Mails.Patch("[PATCH] vhost: x"), Mails.Diff])
        {
            var mail = (await Mails.ReadAsync(text.ReplaceLineEndings("\r\n"))).Single();
            Assert.That(mail.Diff, Does.Not.Contain("\r"));
            Assert.That(mail.Notes, Has.Some.Contains("CR"));
        }
    }

    [Test]
    public async Task Format_flowed_is_warned_about()
    {
        var mail = (await Mails.ReadAsync(Mails.Patch("[PATCH] vhost: x", headers: "Content-Type: text/plain; charset=UTF-8; format=flowed\n"))).Single();
        Assert.That(mail.Notes, Has.Some.Contains("format=flowed"));
    }

    [Test]
    public async Task A_mailbox_is_put_in_order_without_cover_and_replies()
    {
        var third = Mails.Diff.Replace("young", "aged", StringComparison.Ordinal);
        var box = Mails.Patch("[PATCH v2 2/2] vhost: second", third)
            + Mails.Patch("Re: [PATCH v2 1/2] vhost: first", "", body: "> -int old;\nLooks good.")
            + Mails.Patch("[PATCH v2 0/2] vhost: both", "")
            + Mails.Patch("[PATCH v2 1/2] vhost: first");
        var series = PatchSeries.Of(await Mails.ReadAsync(box));
        Assert.Multiple(() =>
        {
            Assert.That(series.Patches.Select(p => p.Subject), Is.EqualTo((string[])["vhost: first", "vhost: second"]));
            Assert.That(series.Subject, Is.EqualTo("vhost: both"));
        });
    }

    [Test]
    public async Task A_plain_diff_is_taken_as_it_is()
    {
        var mail = (await Mails.ReadAsync(Mails.Diff)).Single();
        Assert.That((mail.Diff, mail.Author), Is.EqualTo((Mails.Diff, (string?)null)));
    }

    [TestCase("hello there\n", "no patch")]
    [TestCase("", "nothing in it")]
    public void What_is_no_patch_is_refused(string text, string said) =>
        Assert.That(async () => await Mails.ReadAsync(text), Throws.InstanceOf<PatchInputException>().With.Message.Contains(said));

    [Test]
    public void A_mail_of_twenty_megabytes_is_refused()
    {
        var mail = Encoding.UTF8.GetBytes(Mails.Patch("[PATCH] vhost: x") + new string('x', 20 << 20));
        Assert.That(async () => await Mails.ReadAsync(mail), Throws.InstanceOf<PatchInputException>().With.Message.Contains("8 MiB"));
    }
}
