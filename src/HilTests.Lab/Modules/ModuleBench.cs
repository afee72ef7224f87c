using HilTests.Lab.Cache;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Modules;

/// <summary>Builds the modules of one folder for one kernel: in the sandbox, or in place where this machine has none.</summary>
/// <param name="sources">The kernel's sources.</param>
/// <param name="headers">The folder to give to <c>make -C</c>.</param>
/// <param name="release">The kernel's release.</param>
/// <param name="folder">What is built.</param>
/// <param name="compiler">By what.</param>
/// <param name="tree">Where the tree that was built without patches is kept; must change with all that goes into it.</param>
/// <param name="progress">Told what takes time.</param>
internal sealed class ModuleBench(string sources, string headers, string release, ModuleFolder folder, ModuleCompiler compiler, string tree, Action<string>? progress)
{
    /// <summary>Builds in the sandbox.</summary>
    /// <param name="changes">What the patches leave behind; null for the kernel as it is.</param>
    /// <param name="into">Gets the modules.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What make said.</returns>
    public async Task<string> BuildConfinedAsync(PatchedSources? changes, string into, CancellationToken cancellation)
    {
        string root = Path.GetFullPath(Path.Combine(headers, "../../.."));
        Directory.CreateDirectory(Path.GetDirectoryName(tree)!);
        await using (await FileLock.TakeAsync(tree + ".lock", progress, cancellation).ConfigureAwait(false))
        {
            if (!Directory.Exists(tree))
                await BuildTreeAsync(root, cancellation).ConfigureAwait(false);
        }
        progress?.Invoke($"building the {(changes is null ? "" : "patched ")}modules of {folder.Path}");
        if (changes is not null)
            Prepare(changes.Root, ModuleSandbox.TreeRoot);
        var work = new SandboxWork(root, release, tree, changes?.Root, changes?.Gone ?? [], IsWhole(changes), KeepsTree: false);
        var (exit, said) = await ModuleSandbox.BuildAsync(work, folder, compiler.Name, into, null, cancellation).ConfigureAwait(false);
        return exit == 0 ? said : throw Failure(said, changes is not null);
    }

    /// <summary>Builds as whoever runs this, at a place of its own. For patches that are trusted.</summary>
    public async Task<string> BuildInPlaceAsync(PatchedSources? changes, string into, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(tree)!);
        await using var turn = await FileLock.TakeAsync(tree + ".lock", progress, cancellation).ConfigureAwait(false);
        var place = new ModuleWorkTree(tree, folder.Path);
        progress?.Invoke($"building the {(changes is null ? "" : "patched ")}modules of {folder.Path}");
        if (!place.HasBuilt)
        {
            if (Directory.Exists(tree))
                Directory.Delete(tree, recursive: true);
            CopySources(tree);
            Prepare(tree, tree);
            await MakeAsync(isPatched: false, cancellation).ConfigureAwait(false);
            place.KeepBuilt();
        }
        place.Restore();
        if (changes is not null)
        {
            Prepare(changes.Root, tree);
            foreach (string file in changes.Files)
                Copy(Path.Combine(changes.Root, file), Path.Combine(tree, file));
            foreach (string gone in changes.Gone)
                File.Delete(Path.Combine(tree, gone));
            foreach (string compiled in IsWhole(changes) ? Directory.GetFiles(place.Folder, "*.o") : [])
                File.Delete(compiled);
        }
        string said = await MakeAsync(changes is not null, cancellation).ConfigureAwait(false);
        await ModuleBuilder.CollectAsync(place.Folder, into, cancellation).ConfigureAwait(false);
        return said;
    }

    private async Task BuildTreeAsync(string root, CancellationToken cancellation)
    {
        progress?.Invoke($"building the modules of {folder.Path} without a patch, once");
        string aside = $"{tree}.{Environment.ProcessId}.new";
        using var input = await WorkFolder.CreateAsync().ConfigureAwait(false);
        using var modules = await WorkFolder.CreateAsync().ConfigureAwait(false);
        try
        {
            CopySources(input.At("root"));
            Prepare(input.At("root"), ModuleSandbox.TreeRoot);
            Directory.CreateDirectory(aside);
            var work = new SandboxWork(root, release, input.At("root"), null, [], IsWhole: false, KeepsTree: true);
            var (exit, said) = await ModuleSandbox.BuildAsync(work, folder, compiler.Name, modules.At("out"), aside, cancellation).ConfigureAwait(false);
            if (exit != 0)
                throw Failure(said, isPatched: false);
            Directory.Move(aside, tree);
        }
        finally
        {
            if (Directory.Exists(aside))
                Directory.Delete(aside, recursive: true);
        }
    }

    /// <summary>A header that other code shares is no neighbour of the folder: whatever includes it is compiled anew.</summary>
    private bool IsWhole(PatchedSources? changes) => changes?.Files.Concat(changes.Gone).Any(f => !folder.Holds(f)) ?? false;

    private void CopySources(string to)
    {
        foreach (string file in Directory.GetFiles(Path.Combine(sources, folder.Path)))
            Copy(file, Path.Combine(to, folder.Path, Path.GetFileName(file)));
        foreach (string header in folder.Headers.Where(h => File.Exists(Path.Combine(sources, h))))
            Copy(Path.Combine(sources, header), Path.Combine(to, header));
    }

    /// <summary>The tree's own headers come before those of the header package.</summary>
    private void Prepare(string root, string seenAs)
    {
        string makefile = Path.Combine(root, folder.Path, "Makefile");
        if (File.Exists(makefile))
            File.WriteAllText(makefile, $"LINUXINCLUDE := -I{seenAs}/include -I{seenAs}/include/uapi $(LINUXINCLUDE)\n{File.ReadAllText(makefile)}");
    }

    private async Task<string> MakeAsync(bool isPatched, CancellationToken cancellation)
    {
        var made = await new Command("make", [
            "-C", headers, $"M={Path.Combine(tree, folder.Path)}", $"-j{Environment.ProcessorCount}", $"CC={compiler.Name}", "CONFIG_DEBUG_INFO_BTF_MODULES=",
            .. folder.Settings, "modules"]).RunAsync(cancellation).ConfigureAwait(false);
        string said = made.Errors.Replace($"{tree}/", "", StringComparison.Ordinal);
        return made.ExitCode == 0 ? said : throw Failure(said, isPatched);
    }

    private Exception Failure(string said, bool isPatched)
    {
        string text = $"the modules of {folder.Path} do not compile:\n{CompilerErrors.Excerpt(said)}";
        return isPatched ? new PatchException(text) : new InfrastructureException(text);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        var time = File.GetLastWriteTimeUtc(from);
        File.Copy(from, to, overwrite: true);
        File.SetLastWriteTimeUtc(to, time);
    }
}
