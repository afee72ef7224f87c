using System.Security.Cryptography;
using System.Text;
using HilTests.Lab.Cache;
using HilTests.Lab.Kernels;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Modules;

/// <summary>
/// Builds kernel modules out of tree, for a packaged kernel, with or without patches. A result is kept under the hash
/// of all that went into it; the work tree is kept as well (<see cref="ModuleWorkTree"/>), so that a patch rebuilds only what it touches.
/// </summary>
public sealed class ModuleBuilder(KernelList list, CacheFolder cache, Action<string>? progress)
{
    /// <summary>Inside a checkout git would take the names in a patch to be relative to the checkout's root.</summary>
    private static readonly Dictionary<string, string?> NoRepository = new() { ["GIT_CEILING_DIRECTORIES"] = "/", ["GIT_DIR"] = "/nonexistent" };

    /// <summary>What is switched off because only its own modules would be built by it.</summary>
    private static readonly Dictionary<string, string[]> Settings = new()
    {
        ["fs/f2fs"] = [],
        ["drivers/vhost"] = ["CONFIG_VHOST_SCSI=", "CONFIG_VHOST_VSOCK=", "CONFIG_VHOST_VDPA="],
    };

    /// <summary>The source folders that can be built.</summary>
    public static IReadOnlyCollection<string> Folders => Settings.Keys;

    /// <summary>Builds the modules of one source folder.</summary>
    /// <param name="kernel">The kernel they are for; one of the kernel list.</param>
    /// <param name="folder">One of <see cref="Folders"/>.</param>
    /// <param name="patches">Patch files, applied in order with <c>git apply</c> at the kernel's root.</param>
    /// <param name="cancellation">Ends the build; nothing half-built stays.</param>
    /// <exception cref="PatchException">A patch does not apply, touches nothing in the folder, or does not compile.</exception>
    /// <exception cref="InfrastructureException">Sources or tools are missing, or the sources do not build even without a patch.</exception>
    public async Task<BuiltModules> BuildAsync(
        KernelPackage kernel, string folder, IReadOnlyList<string> patches, CancellationToken cancellation)
    {
        if (!Settings.ContainsKey(folder))
            throw new ArgumentException($"modules of {folder} cannot be built; known: {string.Join(", ", Folders)}", nameof(folder));
        Programs.Require("make", "make");
        Programs.Require("gcc", "gcc");
        Programs.Require("git", "git");
        string key = $"{kernel.Release}_{kernel.PackageVersion}_{folder.Replace('/', '-')}_{Hash(patches)}";
        string built = await cache.GetOrBuildAsync("modules", key, (into, token) => BuildIntoAsync(kernel, folder, patches, into, token), progress, cancellation)
            .ConfigureAwait(false);
        return new BuiltModules(folder, ByName(built), ByName(Path.Combine(built, "debug")));
    }

    private async Task BuildIntoAsync(KernelPackage kernel, string folder, IReadOnlyList<string> patches, string into, CancellationToken cancellation)
    {
        string compiler = await ModuleCompiler.FindAsync(kernel, cancellation).ConfigureAwait(false);
        var store = new SourceTreeStore(list, cache, progress);
        string sources = await store.SourcesAsync(kernel, cancellation).ConfigureAwait(false);
        string headers = await store.HeadersAsync(kernel, cancellation).ConfigureAwait(false);
        string root = Path.Combine(cache.Root, "module-trees", $"{kernel.Release}_{kernel.PackageVersion}_{folder.Replace('/', '-')}");
        Directory.CreateDirectory(root);
        await using var turn = await FileLock.TakeAsync(root + ".lock", progress, cancellation).ConfigureAwait(false);
        var touched = await PatchedFilesAsync(patches, cancellation).ConfigureAwait(false);
        var tree = new ModuleWorkTree(sources, root, folder);
        tree.Restore(patches.Count > 0 && tree.HasBuilt ? touched : []);
        if (!tree.HasBuilt)
        {
            await MakeAsync(headers, tree, folder, compiler, patched: false, cancellation).ConfigureAwait(false);
            tree.KeepBuilt();
            tree.Restore(touched);
        }
        if (patches.Count > 0)
            await ApplyAsync(root, folder, patches, touched, cancellation).ConfigureAwait(false);
        await MakeAsync(headers, tree, folder, compiler, patches.Count > 0, cancellation).ConfigureAwait(false);
        await CollectAsync(tree.Folder, into, cancellation).ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<string>> PatchedFilesAsync(IReadOnlyList<string> patches, CancellationToken cancellation)
    {
        var files = new List<string>();
        foreach (string patch in patches)
        {
            var listed = await new Command("git", "apply", "--numstat", Path.GetFullPath(patch)) { Folder = Path.GetTempPath(), Variables = NoRepository }
                .RunAsync(cancellation).ConfigureAwait(false);
            if (listed.ExitCode != 0)
                throw new PatchException($"{patch} is no patch that git understands: {listed.Errors.Trim()}");
            files.AddRange(listed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')[2]));
        }
        return files;
    }

    private static async Task ApplyAsync(
        string work, string folder, IReadOnlyList<string> patches, IReadOnlyList<string> touched, CancellationToken cancellation)
    {
        bool Matters(string file) => file.StartsWith(folder + "/", StringComparison.Ordinal) || file.StartsWith("include/", StringComparison.Ordinal);
        if (patches.Count > 0 && !touched.Any(Matters))
            throw new PatchException($"nothing that can be rebuilt is touched: {string.Join(", ", touched)}; modules are built from {folder}");
        // A patch that is applied in part would be judged as if it were whole.
        var outside = touched.Where(f => !Matters(f) && !f.StartsWith("Documentation/", StringComparison.Ordinal)).ToList();
        if (outside.Count > 0)
            throw new PatchException($"the patch also changes {string.Join(", ", outside)}, which is not rebuilt; modules are built from {folder} alone");
        foreach (string patch in patches)
        {
            var command = new Command("git", "apply", "--whitespace=nowarn", $"--include={folder}/*", "--include=include/*", Path.GetFullPath(patch))
            {
                Folder = work,
                // The work tree is no repository, and must not be taken for a part of one around it.
                Variables = new Dictionary<string, string?> { ["GIT_CEILING_DIRECTORIES"] = Path.GetDirectoryName(work) },
            };
            var applied = await command.RunAsync(cancellation).ConfigureAwait(false);
            if (applied.ExitCode != 0)
                throw new PatchException($"{patch} does not apply: {applied.Errors.Trim()}");
        }
        string include = Path.Combine(work, "include");
        if (!Directory.Exists(include))
            return;
        // Patched headers come before those of the header package.
        string makefile = Path.Combine(work, folder, "Makefile");
        string rules = await File.ReadAllTextAsync(makefile, cancellation).ConfigureAwait(false);
        await File.WriteAllTextAsync(makefile, $"LINUXINCLUDE := -I{include} $(LINUXINCLUDE)\n{rules}", cancellation).ConfigureAwait(false);
    }

    private async Task MakeAsync(string headers, ModuleWorkTree tree, string folder, string compiler, bool patched, CancellationToken cancellation)
    {
        progress?.Invoke($"building the modules of {folder}");
        var command = new Command("make", [
            "-C", headers, $"M={tree.Folder}", $"-j{Environment.ProcessorCount}", $"CC={compiler}", "CONFIG_DEBUG_INFO_BTF_MODULES=",
            .. Settings[folder], "modules"]);
        var made = await command.RunAsync(cancellation).ConfigureAwait(false);
        if (made.ExitCode == 0)
            return;
        string errors = string.Join('\n', made.Errors.Split('\n').Where(l => l.Contains("error", StringComparison.OrdinalIgnoreCase)).Take(20));
        string text = $"the modules of {folder} do not compile:\n{(errors.Length > 0 ? errors : made.Errors.Trim())}";
        throw patched ? new PatchException(text) : new InfrastructureException(text);
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

    private static string Hash(IReadOnlyList<string> patches)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string patch in patches)
        {
            if (!File.Exists(patch))
                throw new PatchException($"there is no patch {patch}");
            // What is said in front of the changes does not change the result.
            var content = File.ReadAllBytes(patch).AsSpan();
            int start = content.IndexOf("\n--- "u8);
            content = content[(start + 1)..];
            hash.AppendData(Encoding.ASCII.GetBytes($"{content.Length}\n"));
            hash.AppendData(content);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
