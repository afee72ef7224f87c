using System.Text;
using HilTests.Lab.Patches;

namespace HilTests.UnitTests.Patches;

/// <summary>Mails as mail programs send them, for the tests of reading patches.</summary>
internal static class Mails
{
    public const string Diff = """
        diff --git a/drivers/vhost/net.c b/drivers/vhost/net.c
        --- a/drivers/vhost/net.c
        +++ b/drivers/vhost/net.c
        @@ -1,3 +1,3 @@ static void one(void)
         /* first */
        -int old;
        +int young;
         /* third */

        """;

    /// <summary>A mail with a patch.</summary>
    public static string Patch(string subject, string diff = Diff, string headers = "", string body = "Says why.") => $"""
        From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001
        From: A Tester <a@example.org>
        Date: Mon, 2 Jan 2023 03:04:05 +0000
        Subject: {subject}
        Message-Id: <{subject.GetHashCode(StringComparison.Ordinal):x}@example.org>
        {headers}MIME-Version: 1.0

        {body}

        Signed-off-by: A Tester <a@example.org>
        ---
         drivers/vhost/net.c | 2 +-

        {diff}--{" "}
        2.39.5


        """;

    public static Task<IReadOnlyList<PatchMail>> ReadAsync(string mail) => ReadAsync(Encoding.UTF8.GetBytes(mail));

    public static async Task<IReadOnlyList<PatchMail>> ReadAsync(byte[] mail)
    {
        using var input = new MemoryStream(mail);
        return await new PatchReader(input).ReadAsync(["-"], CancellationToken.None);
    }
}
