using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using HilTests.Lab.Cache;
using HilTests.Lab.Kernels;
using HilTests.Lab.Patches;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Modules;

/// <summary>
/// Builds kernel modules out of tree, for a packaged kernel, with or without patches, both in the same way. A result is kept under the hash
/// of all that went into it; the tree that was built without patches is kept as well, so that a patch rebuilds only what it touches.
/// </summary>
public sealed partial class ModuleBuilder(KernelList list, CacheFolder cache, Action<string>? progress)
{
    /// <summary>Grows when modules are built in another way, so that nothing built before is taken for the same.</summary>
    private const string Way = "3";

    /// <summary>The source folders that can be built.</summary>
    public static IReadOnlyCollection<string> Folders { get; } = [.. ModuleFolder.All.Select(f => f.Path)];

    /// <summary>
    /// Whether a build that cannot be confined (no namespaces on this machine) is refused. It must be where patches come from strangers.
    /// </summary>
    public bool RequiresConfinement { get; init; }

    /// <summary>Lines of context of a patch that need not fit.</summary>
    public int Fuzz { get; init; }

    /// <summary>Told of patches that fitted only with fuzz, and of what the compiler warned of.</summary>
    public Action<string>? Remark { get; init; }

    /// <summary>Builds the modules of one source folder with patches from files.</summary>
    /// <param name="kernel">The kernel they are for; one of the kernel list.</param>
    /// <param name="folder">One of <see cref="Folders"/>.</param>
    /// <param name="patches">Patch files, applied in order with <c>git apply</c> at the kernel's root.</param>
    /// <param name="cancellation">Ends the build; nothing half-built stays.</param>
    /// <exception cref="PatchException">A patch does not apply, touches nothing in the folder, or does not compile.</exception>
    /// <exception cref="InfrastructureException">Sources or tools are missing, or the sources do not build even without a patch.</exception>
    public async Task<BuiltModules> BuildAsync(
        KernelPackage kernel, string folder, IReadOnlyList<string> patches, CancellationToken cancellation)
    {
        var place = ModuleFolder.Get(folder);
        if (patches.Count == 0)
            return await BuildAsync(kernel, place, null, cancellation).ConfigureAwait(false);
        var mails = patches.Select(p => new PatchMail { Origin = p, Subject = Path.GetFileName(p), Diff = DiffOf(p) }).ToList();
        return await BuildAsync(kernel, place, PatchSeries.Of(mails), cancellation).ConfigureAwait(false);
    }

    /// <summary>Builds the modules of one source folder.</summary>
    /// <param name="kernel">The kernel they are for; one of the kernel list.</param>
    /// <param name="folder">Which.</param>
    /// <param name="series">The patches; null for the kernel as it is.</param>
    /// <param name="cancellation">Ends the build; nothing half-built stays.</param>
    /// <exception cref="PatchException">A patch does not apply, touches nothing that can be rebuilt, or does not compile.</exception>
    /// <exception cref="InfrastructureException">Sources or tools are missing, or the sources do not build even without a patch.</exception>
    public async Task<BuiltModules> BuildAsync(KernelPackage kernel, ModuleFolder folder, PatchSeries? series, CancellationToken cancellation)
    {
        Programs.Require("make", "make");
        Programs.Require("gcc", "gcc");
        Programs.Require("git", "git");
        var compiler = await ModuleCompiler.FindAsync(kernel, cancellation).ConfigureAwait(false);
        var touched = series is null ? [] : (await TouchedFiles.OfAsync(series, cancellation).ConfigureAwait(false)).Where(f => Matters(folder, f)).ToList();
        if (series is not null)
            ModulePlan.RequireRebuilt(await TouchedFiles.OfAsync(series, cancellation).ConfigureAwait(false), folder);
        string about = $"{kernel.Release}_{kernel.PackageVersion}_{folder.Path.Replace('/', '-')}_{compiler.Version}{(folder.IsOwn ? "_" + OwnSources.Hash(folder) : "")}";
        string built = await cache.GetOrBuildAsync("modules", $"{about}_{Hash(series)}", (into, token) => BuildIntoAsync(kernel, folder, series, touched, compiler, about, into, token), progress, cancellation)
            .ConfigureAwait(false);
        foreach (string line in File.Exists(Path.Combine(built, "remarks")) ? await File.ReadAllLinesAsync(Path.Combine(built, "remarks"), cancellation).ConfigureAwait(false) : [])
            Remark?.Invoke(line);
        return new BuiltModules(folder.Path, ByName(built), ByName(Path.Combine(built, "debug")));
    }

    private async Task BuildIntoAsync(
        KernelPackage kernel, ModuleFolder folder, PatchSeries? series, IReadOnlyCollection<string> touched, ModuleCompiler compiler, string about, string into, CancellationToken cancellation)
    {
        var store = new SourceTreeStore(list, cache, progress);
        using var own = folder.IsOwn ? await OwnSources.GatherAsync(folder, await store.SourcesAsync(kernel, cancellation).ConfigureAwait(false)).ConfigureAwait(false) : null;
        string sources = own?.At("root") ?? await store.SourcesAsync(kernel, cancellation).ConfigureAwait(false);
        string headers = await store.HeadersAsync(kernel, cancellation).ConfigureAwait(false);
        string? weakness = await ModuleSandbox.WeaknessAsync().ConfigureAwait(false);
        if (weakness is not null && RequiresConfinement && series is not null)
            throw new InfrastructureException($"a patch's Makefile can run commands, and a build cannot be confined here: {weakness}; where the patch is trusted, say --trust-patch");
        using var changes = series is null ? null
            : await PatchedSources.MakeAsync(sources, [.. series.Patches.Select(p => (Name(p), p.Diff))], touched, Fuzz, cancellation).ConfigureAwait(false);
        var bench = new ModuleBench(sources, headers, kernel.Release, folder, compiler, Path.Combine(cache.Root, "module-trees", $"{about}_{Way}{(weakness is null ? "" : "-open")}"), progress);
        string said = weakness is null
            ? await bench.BuildConfinedAsync(changes, into, cancellation).ConfigureAwait(false)
            : await bench.BuildInPlaceAsync(changes, into, cancellation).ConfigureAwait(false);
        string[] remarks = [.. (changes?.Fuzzy ?? []).Select(n => $"{n} fits only with less context around its changes"), .. series is null ? [] : CompilerErrors.Warnings(said).Select(w => $"the compiler warns: {w}")];
        if (remarks.Length > 0)
            await File.WriteAllLinesAsync(Path.Combine(into, "remarks"), remarks, cancellation).ConfigureAwait(false);
    }

    private static bool Matters(ModuleFolder folder, string file) => folder.Holds(file) || file.StartsWith("include/", StringComparison.Ordinal);

    private static string Name(PatchMail patch) => patch.Number is { } number ? $"patch {number}/{patch.Total} ('{patch.Subject}')" : patch.Origin;

    private static string DiffOf(string patch)
    {
        if (!File.Exists(patch))
            throw new PatchException($"there is no patch {patch}");
        return File.ReadAllText(patch);
    }

    internal static async Task CollectAsync(string from, string into, CancellationToken cancellation)
    {
        string debug = Path.Combine(into, "debug");
        Directory.CreateDirectory(debug);
        foreach (string module in Directory.GetFiles(from, "*.ko"))
        {
            string name = Path.GetFileName(module);
            File.Copy(module, Path.Combine(debug, name));
            await new Command("strip", "--strip-debug", "-o", Path.Combine(into, name), module).MustAsync($"strip {name}", cancellation).ConfigureAwait(false);
        }
    }

    private static Dictionary<string, string> ByName(string folder) =>
        Directory.GetFiles(folder, "*.ko").ToDictionary(f => Path.GetFileNameWithoutExtension(f).Replace('-', '_'));

    [GeneratedRegex("^(?:diff --git |--- (?!$))", RegexOptions.Multiline)]
    private static partial Regex FirstChange();

    private string Hash(PatchSeries? series)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes(Way));
        foreach (var patch in series?.Patches ?? [])
        {
            // What is said in front of the changes does not change the result.
            string diff = FirstChange().Match(patch.Diff) is { Success: true } first ? patch.Diff[first.Index..] : patch.Diff;
            hash.AppendData(Encoding.UTF8.GetBytes($"{diff.Length} {Fuzz}\n{diff}"));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
