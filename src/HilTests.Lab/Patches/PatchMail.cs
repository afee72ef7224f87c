using System.Globalization;
using System.Text.RegularExpressions;

namespace HilTests.Lab.Patches;

/// <summary>One patch, as it came: a mail, or a diff in a file.</summary>
public sealed partial record PatchMail
{
    /// <summary>Where it came from, for messages: <c>series.mbx, mail 3</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>The subject without what stands in brackets before it; the file's name where it is no mail.</summary>
    public required string Subject { get; init; }

    /// <summary>The words in the brackets: <c>PATCH v2 3/5</c>; empty where there are none.</summary>
    public string Tags { get; init; } = "";

    /// <summary><c>Name &lt;address&gt;</c> of the author; null where it is no mail.</summary>
    public string? Author { get; init; }

    /// <summary>The mail's <c>Message-Id</c> without brackets; null where it has none.</summary>
    public string? MessageId { get; init; }

    /// <summary>Whether the subject begins with Re: or the like.</summary>
    public bool IsReply { get; init; }

    /// <summary>The commit that the patch says it was made on (<c>base-commit:</c>); null where it says nothing.</summary>
    public string? BaseCommit { get; init; }

    /// <summary>The diff, decoded; empty in a cover letter.</summary>
    public required string Diff { get; init; }

    /// <summary>What had to be mended, or could not be.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The number n of [PATCH n/m]; null where there is none.</summary>
    public int? Number => Part("n");

    /// <summary>The number m of [PATCH n/m]; null where there is none.</summary>
    public int? Total => Part("m");

    /// <summary>The version of the series: 2 of [PATCH v2 …], 1 where nothing is said.</summary>
    public int Version => VersionTag().Match(Tags) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 1;

    /// <summary>Whether it is the letter before a series.</summary>
    public bool IsCover => Number == 0;

    /// <summary>Subject and tags apart; a list's name in brackets, as lists put it there, goes too.</summary>
    internal static (string Tags, string Subject) Split(string subject)
    {
        var tags = new List<string>();
        string rest = subject.Trim();
        while (rest.StartsWith('[') && rest.IndexOf(']') is var end and > 0)
        {
            tags.Add(rest[1..end]);
            rest = rest[(end + 1)..].Trim();
        }
        return (string.Join(' ', tags), rest);
    }

    private int? Part(string group) =>
        NumberTag().Match(Tags) is { Success: true } match && int.TryParse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    [GeneratedRegex(@"(?:^|\s)(?<n>\d{1,4})/(?<m>\d{1,4})(?:\s|$)")]
    private static partial Regex NumberTag();

    [GeneratedRegex(@"(?:^|\s)(?:PATCH)?[vV](\d{1,3})(?:\s|$)", RegexOptions.IgnoreCase)]
    private static partial Regex VersionTag();
}
