using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using HilTests.Lab.Modules;

namespace HilTests.Lab.Patches;

/// <summary>The patches to apply, in order: what is left of the mails without cover letter and replies.</summary>
public sealed record PatchSeries
{
    /// <summary>At least one.</summary>
    public required ImmutableArray<PatchMail> Patches { get; init; }

    /// <summary>The cover letter's subject; null where there is none.</summary>
    public string? Cover { get; init; }

    /// <summary>What was left out or mended, a line each.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>What stands for the whole: the cover's subject, else that of the only patch, else how many there are.</summary>
    public string Subject => Cover ?? (Patches.Length == 1 ? Patches[0].Subject : $"{Patches.Length} patches, the first is: {Patches[0].Subject}");

    /// <summary>SHA-256 of the diffs.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', Patches.Select(p => p.Diff)))));

    /// <summary>Orders the patches by [PATCH n/m] and sees to it that none is missing.</summary>
    /// <exception cref="PatchInputException">There is no patch among the mails.</exception>
    /// <exception cref="PatchException">One is missing, or two claim the same place.</exception>
    public static PatchSeries Of(IReadOnlyList<PatchMail> mails)
    {
        var notes = new List<string>();
        var patches = mails.Where(m => !m.IsReply && m.Diff.Length > 0).ToList();
        foreach (var mail in mails.Where(m => m.IsReply && m.Diff.Length > 0))
            notes.Add($"{mail.Origin} is a reply; the patch in it is left out");
        if (patches.Count == 0)
        {
            string what = mails.Any(m => m.IsCover) ? "a cover letter without its patches" : mails.Any(m => m.IsReply) ? "replies only" : "no patch in it";
            throw new PatchInputException($"{string.Join(", ", mails.Select(m => m.Origin).Take(3))}: {what}");
        }
        int newest = patches.Max(p => p.Version);
        if (patches.Any(p => p.Total is not null && p.Version < newest))
        {
            notes.Add($"of more than one version of the series the newest, v{newest}, is taken");
            patches = [.. patches.Where(p => p.Total is null || p.Version == newest)];
        }
        var ordered = Ordered(patches, notes);
        notes.AddRange(ordered.SelectMany(p => p.Notes.Select(n => $"{p.Origin}: {n}")));
        return new PatchSeries
        {
            Patches = [.. ordered],
            Cover = mails.FirstOrDefault(m => m is { IsCover: true, IsReply: false } && m.Version == newest)?.Subject,
            Notes = [.. notes],
        };
    }

    private static List<PatchMail> Ordered(List<PatchMail> patches, List<string> notes)
    {
        if (patches.All(p => p.Number is null))
            return patches;
        if (patches.FirstOrDefault(p => p.Number is null) is { } stray)
            throw new PatchException($"{stray.Origin} ('{stray.Subject}') has no number, but others are of a series; its place is not known");
        var totals = patches.Select(p => p.Total!.Value).Distinct().ToList();
        if (totals.Count > 1)
            throw new PatchException($"these are patches of more than one series: of {string.Join(" and of ", totals.Order())} patches; give one series at a time");
        var ordered = new List<PatchMail>();
        foreach (var same in patches.GroupBy(p => p.Number!.Value).OrderBy(g => g.Key))
        {
            if (same.Select(p => p.Diff).Distinct().Count() > 1)
                throw new PatchException($"two different patches are number {same.Key} of {totals[0]}: {string.Join(" and ", same.Select(p => p.Origin))}");
            if (same.Count() > 1)
                notes.Add($"number {same.Key} came {same.Count()} times and is taken once");
            ordered.Add(same.First());
        }
        var missing = Enumerable.Range(1, totals[0]).Except(ordered.Select(p => p.Number!.Value)).ToList();
        return missing.Count == 0
            ? ordered
            : throw new PatchException($"the series has {totals[0]} patches, {Counted(missing)} missing; only the whole series can be judged");
    }

    private static string Counted(List<int> numbers) =>
        $"{(numbers.Count == 1 ? "number" : "numbers")} {string.Join(", ", numbers.Take(10))}{(numbers.Count > 10 ? " …" : "")} {(numbers.Count == 1 ? "is" : "are")}";
}
