using System.Text;
using System.Text.RegularExpressions;
using HilTests.Lab.Patches;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Modules;

/// <summary>
/// The files that patches leave behind, in a folder of their own: laid over the kernel's sources they make the patched kernel. Only files that
/// can matter to the folder's modules are patched; a patch to another part of the kernel is refused, since it would be judged as if it were whole.
/// </summary>
internal sealed partial class PatchedSources : IDisposable
{
    private readonly WorkFolder _work;

    private PatchedSources(WorkFolder work, IReadOnlyList<string> files) => (_work, Files) = (work, files);

    /// <summary>The folder, standing for the kernel's root.</summary>
    public string Root => _work.At("root");

    /// <summary>What was changed or made, below the root.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>What was removed.</summary>
    public IReadOnlyList<string> Gone { get; private init; } = [];

    /// <summary>Whether a hunk fitted only with less context around it.</summary>
    public IReadOnlyList<string> Fuzzy { get; private init; } = [];

    /// <summary>Applies patches to copies of the files that they touch.</summary>
    /// <param name="sources">The kernel's root.</param>
    /// <param name="patches">Diffs, each with the name that messages give it.</param>
    /// <param name="touched">Files that matter and are touched.</param>
    /// <param name="fuzz">Lines of context that need not fit.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="PatchException">One does not apply; says which hunk, and what is there instead.</exception>
    public static async Task<PatchedSources> MakeAsync(
        string sources, IReadOnlyList<(string Name, string Diff)> patches, IReadOnlyCollection<string> touched, int fuzz, CancellationToken cancellation)
    {
        var work = await WorkFolder.CreateAsync().ConfigureAwait(false);
        try
        {
            string root = work.At("root");
            Directory.CreateDirectory(root);
            var there = touched.Where(f => File.Exists(Path.Combine(sources, f))).ToList();
            foreach (string file in there)
                Copy(Path.Combine(sources, file), Path.Combine(root, file));
            var fuzzy = new List<string>();
            foreach (var (name, diff) in patches)
            {
                if (await ApplyAsync(work, name, diff, touched, fuzz, cancellation).ConfigureAwait(false))
                    fuzzy.Add(name);
            }
            RefuseLinks(root);
            var left = Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(root, f)).ToList();
            return new PatchedSources(work, left) { Gone = [.. there.Except(left)], Fuzzy = fuzzy };
        }
        catch
        {
            work.Dispose();
            throw;
        }
    }

    public void Dispose() => _work.Dispose();

    /// <returns>Whether it fitted only with fuzz.</returns>
    private static async Task<bool> ApplyAsync(
        WorkFolder work, string name, string diff, IReadOnlyCollection<string> touched, int fuzz, CancellationToken cancellation)
    {
        string root = work.At("root"), patch = work.At("patch");
        await File.WriteAllTextAsync(patch, diff, cancellation).ConfigureAwait(false);
        string[] only = [.. touched.Select(f => $"--include={f}")];
        var exact = await PatchReader.Git(root, ["apply", "--whitespace=nowarn", .. only, patch]).RunAsync(cancellation).ConfigureAwait(false);
        if (exact.ExitCode == 0)
            return false;
        if (fuzz > 0)
        {
            var loose = await PatchReader.Git(root, ["apply", "--whitespace=nowarn", $"-C{Math.Max(1, 3 - fuzz)}", .. only, patch]).RunAsync(cancellation).ConfigureAwait(false);
            if (loose.ExitCode == 0)
                return true;
        }
        var back = await PatchReader.Git(root, ["apply", "-R", "--check", .. only, patch]).RunAsync(cancellation).ConfigureAwait(false);
        if (back.ExitCode == 0)
            throw new PatchException($"{name} is in this kernel's sources already: it can be taken back but not applied");
        await PatchReader.Git(root, ["apply", "--reject", "--whitespace=nowarn", .. only, patch]).RunAsync(cancellation).ConfigureAwait(false);
        RefuseLinks(root);
        throw new PatchException($"{name} does not apply:\n{Explain(root, exact.Errors)}");
    }

    /// <summary>Whatever the patch said: what git left is files and folders, so that nothing that is read or written here leads out of the tree.</summary>
    private static void RefuseLinks(string root)
    {
        var link = new DirectoryInfo(root).EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).FirstOrDefault(f => f.LinkTarget is not null);
        if (link is not null) throw new PatchException($"the patch makes {Path.GetRelativePath(root, link.FullName)} a symbolic link; that is refused, since it may lead out of the tree");
    }

    private static string Explain(string root, string errors)
    {
        var text = new StringBuilder();
        foreach (string reject in Directory.EnumerateFiles(root, "*.rej", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string file = Path.GetRelativePath(root, reject)[..^".rej".Length];
            string[] lines = File.Exists(Path.Combine(root, file)) ? File.ReadAllLines(Path.Combine(root, file)) : [];
            foreach (var hunk in RejectedHunk.Read(File.ReadAllLines(reject)))
                text.Append(hunk.Explain(file, lines));
        }
        if (text.Length == 0)
            text.Append(string.Join('\n', errors.Trim().Split('\n').Take(6).Select(l => Missing().Replace(l, "this kernel has no file $1"))));
        return text.ToString().TrimEnd();
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Copy(from, to);
    }

    [GeneratedRegex("^error: (.*): No such file or directory$")]
    private static partial Regex Missing();
}
