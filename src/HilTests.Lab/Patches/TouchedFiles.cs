using System.Collections.Immutable;
using System.Text.RegularExpressions;
using HilTests.Lab.Modules;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Patches;

/// <summary>Which files patches change, as git reads them; names that lead out of the kernel's tree are refused.</summary>
public static partial class TouchedFiles
{
    /// <summary>The files of a series, each once, in the order of their names.</summary>
    /// <exception cref="PatchInputException">git finds no patch there, or a damaged one.</exception>
    /// <exception cref="PatchException">A name leads out of the tree, or something is changed that is no plain text file.</exception>
    public static async Task<ImmutableArray<string>> OfAsync(PatchSeries series, CancellationToken cancellation)
    {
        var files = new SortedSet<string>(StringComparer.Ordinal);
        using var folder = await WorkFolder.CreateAsync().ConfigureAwait(false);
        foreach (var patch in series.Patches)
        {
            Refuse(patch);
            string file = folder.At("patch");
            await File.WriteAllTextAsync(file, patch.Diff, cancellation).ConfigureAwait(false);
            var listed = await PatchReader.Git(folder.Path, "apply", "--numstat", "-z", file).RunAsync(cancellation).ConfigureAwait(false);
            if (listed.ExitCode != 0)
                throw new PatchInputException(Explain(patch, listed.Errors));
            // ADDED TAB DELETED TAB NAME, or an empty name and then the old and the new one.
            foreach (string entry in listed.Output.Split('\0', StringSplitOptions.RemoveEmptyEntries))
                files.Add(CheckedName(patch, entry.Split('\t') is [_, _, { Length: > 0 } name] ? name : entry.Split('\t')[^1]));
        }
        files.Remove("");
        return [.. files];
    }

    /// <summary>By hand, before git sees it: git would say less clearly what is wrong.</summary>
    private static void Refuse(PatchMail patch)
    {
        foreach (Match match in NameLine().Matches(patch.Diff))
            CheckedName(patch, match.Groups["name"].Value.Split('\t')[0].Trim());
        foreach (Match match in ModeLine().Matches(patch.Diff))
        {
            // git reads it as a number, so leading zeros make no difference.
            string kind = match.Groups["mode"].Value.TrimStart('0');
            if (kind.StartsWith("100", StringComparison.Ordinal) && kind.Length == 6) continue;
            throw new PatchException(kind.StartsWith("12", StringComparison.Ordinal)
                ? $"{patch.Origin}: the patch makes or changes a symbolic link; that is refused, since it may lead out of the tree"
                : $"{patch.Origin}: the patch makes '{match.Groups["mode"].Value}' of a file: a submodule, or no file that a source tree has");
        }
        if (patch.Diff.Contains("\nGIT binary patch\n", StringComparison.Ordinal))
            throw new PatchException($"{patch.Origin}: the patch changes a binary file; only source files are taken");
    }

    private static string CheckedName(PatchMail patch, string name)
    {
        name = name.Trim('"');
        if (name is "/dev/null" or "")
            return "";
        string bare = name.StartsWith("a/", StringComparison.Ordinal) || name.StartsWith("b/", StringComparison.Ordinal) ? name[2..] : name;
        if (bare.StartsWith('/') || name.StartsWith('/'))
            throw new PatchException($"{patch.Origin}: '{name}' is an absolute path; a patch may only name files below the kernel's root");
        if (bare.Split('/').Any(p => p is ".." or ".git") || bare.Contains('\\'))
            throw new PatchException($"{patch.Origin}: '{name}' leads out of the kernel's tree; nothing was applied");
        return bare;
    }

    private static string Explain(PatchMail patch, string errors)
    {
        string said = errors.Trim().Split('\n')[0];
        if (CorruptLine().Match(said) is not { Success: true } corrupt)
            return $"{patch.Origin}: this is no patch that git understands: {said}";
        string[] lines = patch.Diff.Split('\n');
        int at = int.Parse(corrupt.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
        string line = at >= 1 && at <= lines.Length ? lines[at - 1] : "";
        return $"{patch.Origin}: the patch is damaged at its line {at}: '{line}'; a mail program may have broken lines or spaces";
    }

    [GeneratedRegex(@"^(?:--- |\+\+\+ |rename from |rename to |copy from |copy to )(?<name>[^\n]+)$", RegexOptions.Multiline)]
    private static partial Regex NameLine();

    [GeneratedRegex(@"^(?:new file mode |new mode |old mode |deleted file mode |index [0-9a-f]+\.\.[0-9a-f]+ )\s*(?<mode>[0-9]+)\s*$", RegexOptions.Multiline)]
    private static partial Regex ModeLine();

    [GeneratedRegex(@"corrupt patch at (?:\S+:|line )(\d+)")]
    private static partial Regex CorruptLine();
}
