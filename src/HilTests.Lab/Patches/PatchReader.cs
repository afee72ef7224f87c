using System.Text;
using System.Text.RegularExpressions;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Patches;

/// <summary>
/// Reads patches from files, folders, mailboxes and standard input. Mails are taken apart and decoded by git (<c>git mailsplit</c>,
/// <c>git mailinfo</c>), as <c>git am</c> would; what is no mail is taken as a diff.
/// </summary>
public sealed partial class PatchReader
{
    /// <summary>The name that stands for standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>A mailbox with a long series has some hundred KiB.</summary>
    internal const int MostBytes = 8 << 20;

    private const int MostMails = 500;

    private readonly Stream _input;

    /// <param name="input">Read where <see cref="StandardInput"/> is named.</param>
    public PatchReader(Stream input) => _input = input;

    /// <summary>Reads everything that was named, in order.</summary>
    /// <param name="names">Files, folders (their files in the order of their names), or <c>-</c>.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="PatchInputException">Something cannot be read.</exception>
    /// <exception cref="InfrastructureException">git is missing or fails.</exception>
    public async Task<IReadOnlyList<PatchMail>> ReadAsync(IEnumerable<string> names, CancellationToken cancellation)
    {
        Programs.Require("git", "git");
        var mails = new List<PatchMail>();
        foreach (string name in names.SelectMany(Expanded))
        {
            byte[] content = name == StandardInput ? await ReadWholeAsync("standard input", _input, cancellation).ConfigureAwait(false) : await ReadFileAsync(name, cancellation).ConfigureAwait(false);
            mails.AddRange(await TakeApartAsync(name == StandardInput ? "standard input" : name, content, cancellation).ConfigureAwait(false));
        }
        return mails;
    }

    private static IEnumerable<string> Expanded(string name)
    {
        if (name == StandardInput || !Directory.Exists(name))
            return [name];
        string[] files = [.. Directory.EnumerateFiles(name).Where(f => PatchFile().IsMatch(f)).Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new PatchInputException($"{name} holds no file that ends in .patch, .diff, .eml, .mbox or .mbx");
    }

    private static async Task<byte[]> ReadFileAsync(string name, CancellationToken cancellation)
    {
        try
        {
            await using var file = File.OpenRead(name);
            return await ReadWholeAsync(name, file, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PatchInputException($"{name}: cannot be read: {e.Message}", e);
        }
    }

    private static async Task<byte[]> ReadWholeAsync(string name, Stream stream, CancellationToken cancellation)
    {
        using var whole = new MemoryStream();
        byte[] buffer = new byte[65536];
        int n;
        while ((n = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            whole.Write(buffer, 0, n);
            if (whole.Length > MostBytes)
                throw new PatchInputException($"{name}: more than {MostBytes >> 20} MiB are too much for a patch or a mailbox with a series");
        }
        return whole.Length > 0 ? whole.ToArray() : throw new PatchInputException($"{name}: there is nothing in it");
    }

    private static async Task<IReadOnlyList<PatchMail>> TakeApartAsync(string origin, byte[] content, CancellationToken cancellation)
    {
        bool hasReturns = content.AsSpan().IndexOf("\r\n"u8) >= 0;
        if (!IsMail(content))
        {
            string text = Encoding.UTF8.GetString(content);
            return [PlainDiff(origin, hasReturns ? text.ReplaceLineEndings("\n") : text, hasReturns)];
        }
        using var folder = await WorkFolder.CreateAsync().ConfigureAwait(false);
        string box = folder.At("box");
        await File.WriteAllBytesAsync(box, content, cancellation).ConfigureAwait(false);
        Directory.CreateDirectory(folder.At("mails"));
        // -b: a file with one mail need not begin with a mailbox's line. Carriage returns at the ends of lines go.
        await Git(folder.Path, "mailsplit", "-b", $"-o{folder.At("mails")}", box).MustAsync($"take the mails of {origin} apart", cancellation).ConfigureAwait(false);
        string[] files = [.. Directory.GetFiles(folder.At("mails")).Order(StringComparer.Ordinal)];
        if (files.Length > MostMails)
            throw new PatchInputException($"{origin}: {files.Length} mails are too many; {MostMails} are the most that a series may have");
        var mails = new List<PatchMail>();
        foreach (string file in files)
            mails.Add(await ReadMailAsync(folder, file, files.Length == 1 ? origin : $"{origin}, mail {mails.Count + 1}", hasReturns, cancellation).ConfigureAwait(false));
        return mails;
    }

    private static async Task<PatchMail> ReadMailAsync(WorkFolder folder, string file, string origin, bool hadReturns, CancellationToken cancellation)
    {
        string message = folder.At("message"), patch = folder.At("patch");
        byte[] raw = await File.ReadAllBytesAsync(file, cancellation).ConfigureAwait(false);
        using var input = new MemoryStream(raw);
        // -k keeps the words in brackets of the subject; returns that only the decoding brings to light go too.
        var told = await (Git(folder.Path, "mailinfo", "-k", "--encoding=UTF-8", "--quoted-cr=strip", message, patch) with { Input = input }).RunAsync(cancellation).ConfigureAwait(false);
        if (told.ExitCode != 0)
            throw new PatchInputException($"{origin}: git cannot read this mail: {told.Errors.Trim()}");
        var fields = told.Output.Split('\n').Select(l => l.Split(": ", 2)).Where(f => f.Length == 2).DistinctBy(f => f[0]).ToDictionary(f => f[0], f => f[1]);
        var (tags, subject) = PatchMail.Split(fields.GetValueOrDefault("Subject", "").TrimStart());
        string head = HeadOf(raw);
        string diff = await File.ReadAllTextAsync(patch, cancellation).ConfigureAwait(false);
        bool isReply = ReplySubject().IsMatch(head) || ReplyPrefix().IsMatch(subject);
        if (ReplyPrefix().Match(subject) is { Success: true } prefix)
            (tags, subject) = PatchMail.Split(subject[prefix.Length..]);
        return new PatchMail
        {
            Origin = origin,
            Subject = subject.Length > 0 ? subject : origin,
            Tags = tags,
            Author = fields.TryGetValue("Author", out string? author) ? $"{author} <{fields.GetValueOrDefault("Email", "")}>" : null,
            MessageId = Identifier().Match(head) is { Success: true } id ? id.Groups[1].Value : null,
            IsReply = isReply,
            BaseCommit = BaseLine().Match(Encoding.UTF8.GetString(raw)) is { Success: true } commit ? commit.Groups[1].Value : null,
            Diff = FirstChange().IsMatch(diff) ? diff : "",
            Notes = [.. Mended(head, hadReturns)],
        };
    }

    private static IEnumerable<string> Mended(string head, bool hadReturns)
    {
        if (hadReturns)
            yield return "lines ended in CR LF; the CR was left out";
        if (Encoded().Match(head) is { Success: true } encoding)
            yield return $"it was sent as {encoding.Groups[1].Value.ToLowerInvariant()} and decoded";
        if (Flowed().IsMatch(head))
            yield return "it was sent as format=flowed, which may have broken long lines and spaces; the author should send it as plain text";
    }

    private static PatchMail PlainDiff(string origin, string text, bool hadReturns)
    {
        if (!FirstChange().IsMatch(text))
            throw new PatchInputException($"{origin}: this is no patch: there is neither a line 'diff --git' nor a pair of '--- ' and '+++ ' in it");
        return new PatchMail
        {
            Origin = origin,
            Subject = Path.GetFileName(origin),
            Diff = text,
            BaseCommit = BaseLine().Match(text) is { Success: true } commit ? commit.Groups[1].Value : null,
            Notes = hadReturns ? ["lines ended in CR LF; the CR was left out"] : [],
        };
    }

    /// <summary>Header lines before the first empty one, one of which only mails have.</summary>
    internal static bool IsMail(byte[] content)
    {
        string head = HeadOf(content);
        return MailboxLine().IsMatch(head) || MailField().IsMatch(head);
    }

    /// <summary>The lines before the first empty one, folded lines joined; as bytes of Latin 1, which never fails.</summary>
    private static string HeadOf(byte[] raw)
    {
        string text = Encoding.Latin1.GetString(raw, 0, Math.Min(raw.Length, 64 << 10)).ReplaceLineEndings("\n");
        int end = text.IndexOf("\n\n", StringComparison.Ordinal);
        string head = end < 0 ? text : text[..(end + 1)];
        return head.Contains("\n--- ", StringComparison.Ordinal) && end < 0 ? head[..head.IndexOf("\n--- ", StringComparison.Ordinal)] : Folded().Replace(head, " ");
    }

    internal static Command Git(string folder, params IReadOnlyList<string> arguments) =>
        // No repository around the folder, and nobody's configuration, may have a say.
        new Command("git", arguments)
        {
            Folder = folder,
            Variables = new Dictionary<string, string?>
            {
                ["GIT_CEILING_DIRECTORIES"] = "/",
                ["GIT_DIR"] = "/nonexistent",
                ["GIT_CONFIG_GLOBAL"] = "/dev/null",
                ["GIT_CONFIG_NOSYSTEM"] = "1",
                ["LC_ALL"] = "C.UTF-8",
            },
        };

    [GeneratedRegex(@"\.(patch|diff|eml|mbox|mbx)$", RegexOptions.IgnoreCase)]
    private static partial Regex PatchFile();

    [GeneratedRegex(@"\AFrom \S+")]
    private static partial Regex MailboxLine();

    [GeneratedRegex(@"^(From|Message-Id|Return-Path|Received|Subject|Delivered-To): ?\S", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex MailField();

    [GeneratedRegex(@"\n[ \t]+")]
    private static partial Regex Folded();

    [GeneratedRegex(@"^Subject:\s*((\[[^\]]*\]\s*)?(Re|Aw|Sv|Antw)(\[\d+\])?\s*:)", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex ReplySubject();

    [GeneratedRegex(@"^(Re|Aw|Sv|Antw)(\[\d+\])?\s*:\s*", RegexOptions.IgnoreCase)]
    private static partial Regex ReplyPrefix();

    [GeneratedRegex(@"^Message-Id:\s*<([^>\s]+)>", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex Identifier();

    [GeneratedRegex(@"^base-commit: ([0-9a-f]{12,40})\s*$", RegexOptions.Multiline)]
    private static partial Regex BaseLine();

    [GeneratedRegex(@"^Content-Transfer-Encoding:\s*(quoted-printable|base64)", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex Encoded();

    [GeneratedRegex(@"^Content-Type:[^\n]*format=""?flowed", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex Flowed();

    [GeneratedRegex(@"^(diff --git |--- [^\n]+\n\+\+\+ )", RegexOptions.Multiline)]
    private static partial Regex FirstChange();
}
