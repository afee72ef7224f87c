using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace HilTests.Lab.Mutation;

/// <summary>
/// A patch that makes a device's module wrong on purpose, or changes what its interface leaves open. What it is stands in front of the diff,
/// a line each: <c>Breaks WHAT: how</c> or <c>Harmless: what</c>; then, where it holds, <c>Equivalent: why nothing can be seen of it</c>,
/// <c>Survives: why nothing here sees it</c>.
/// </summary>
/// <param name="Device">Whose module it changes.</param>
/// <param name="Path">The patch file.</param>
public sealed partial record Mutant(string Device, string Path)
{
    /// <summary>The name of the file without its ending.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>Whether the interface allows what it does.</summary>
    public bool IsHarmless { get; private init; }

    /// <summary>How it came to be: <c>sampled</c> by the operators, or <c>hand</c>.</summary>
    public string Origin { get; private init; } = "hand";

    /// <summary>A rule, a function, or empty.</summary>
    public string Target { get; private init; } = "";

    /// <summary>What it does, one line.</summary>
    public string Description { get; private init; } = "";

    /// <summary>Why no program could tell it from the original; empty where one could.</summary>
    public string Equivalent { get; private init; } = "";

    /// <summary>Why it is expected to survive though a program could tell it; empty where it should be caught.</summary>
    public string Survives { get; private init; } = "";

    /// <summary>The functions it changes.</summary>
    public ImmutableArray<string> Functions { get; private init; } = [];

    /// <summary>The rule it is known to break; null where its first line names none.</summary>
    public string? BrokenRule => Target.Contains('.') ? Target : null;

    /// <summary>Reads what stands in front of the diff.</summary>
    /// <exception cref="FormatException">The first line is neither of the two.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Mutant Read(string device, string path)
    {
        string[] lines = File.ReadAllLines(path);
        var head = lines.TakeWhile(l => !l.StartsWith("--- ", StringComparison.Ordinal)).ToList();
        var first = FirstLine().Match(head.FirstOrDefault(""));
        if (!first.Success)
            throw new FormatException($"{path}, line 1: expected 'Breaks WHAT: how' or 'Harmless: what', found '{head.FirstOrDefault("")}'");
        return new Mutant(device, path)
        {
            IsHarmless = !first.Groups["breaks"].Success,
            Target = first.Groups["target"].Value,
            Description = first.Groups["text"].Value,
            Origin = Field(head, "Made-by").Length > 0 ? "sampled" : "hand",
            Equivalent = Field(head, "Equivalent"),
            Survives = Field(head, "Survives"),
            Functions = [.. lines.Select(l => HunkFunction().Match(l)).Where(m => m.Success).Select(m => m.Groups["name"].Value).Distinct()],
        };
    }

    /// <summary>What stands behind <c>NAME: </c>, its indented lines below it too.</summary>
    private static string Field(List<string> head, string name)
    {
        int at = head.FindIndex(l => l.StartsWith(name + ": ", StringComparison.Ordinal));
        return at < 0 ? "" : string.Join(' ', head.Skip(at + 1).TakeWhile(l => l.StartsWith(' ')).Select(l => l.Trim()).Prepend(head[at][(name.Length + 2)..].Trim()));
    }

    [GeneratedRegex("^(?:(?<breaks>Breaks) (?<target>[^:]+)|Harmless|Changes nothing[^:]*): (?<text>.+)$")]
    private static partial Regex FirstLine();

    [GeneratedRegex(@"^@@ [-+0-9, ]+ @@.*?(?<name>\w+)(\(|$)")]
    private static partial Regex HunkFunction();
}

/// <summary>A folder of mutants: a folder a device; in it patches, those in a folder <c>harmless</c> are harmless.</summary>
public static class MutantSet
{
    /// <summary>Where the project keeps its own.</summary>
    public static string Folder(SourceTree tree) => tree.At("tests", "mutants");

    /// <summary>Reads a device's mutants, the wrong ones first, in the order of their names.</summary>
    /// <param name="folder">The set.</param>
    /// <param name="device">The device; its folder need not be there.</param>
    /// <exception cref="FormatException">A patch does not say what it is, or two have one name.</exception>
    public static ImmutableArray<Mutant> Read(string folder, string device)
    {
        string own = System.IO.Path.Combine(folder, device);
        if (!Directory.Exists(own))
            return [];
        ImmutableArray<Mutant> all =
        [
            .. Directory.EnumerateFiles(own, "*.patch", SearchOption.AllDirectories).Select(p => Mutant.Read(device, p))
                .OrderBy(m => m.IsHarmless).ThenBy(m => m.Origin, StringComparer.Ordinal).ThenBy(m => m.Name, StringComparer.Ordinal),
        ];
        if (all.GroupBy(m => m.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new FormatException($"two mutants are named {twice.Key}: {string.Join(", ", twice.Select(m => m.Path))}");
        return all;
    }
}
