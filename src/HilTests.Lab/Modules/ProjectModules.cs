using System.Security.Cryptography;
using System.Text;
using HilTests.Lab.Cache;
using HilTests.Lab.Images;
using HilTests.Lab.Kernels;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Modules;

/// <summary>Builds the kernel modules that are this project's own, from vm-images/kernel-modules, for a packaged kernel.</summary>
public sealed class ProjectModules(SourceTree tree, KernelList list, CacheFolder cache, Action<string>? progress)
{
    /// <summary>Builds one module; a result is kept under the hash of its sources.</summary>
    /// <param name="kernel">The kernel it is for; one of the kernel list.</param>
    /// <param name="name">A folder of vm-images/kernel-modules and the module's name: <c>hil_faults</c>.</param>
    /// <param name="cancellation">Ends the build; nothing half-built stays.</param>
    /// <returns>The module as an addition to an image, with the file that has its debug information.</returns>
    /// <exception cref="InfrastructureException">There is no such module, headers or tools are missing, or it does not compile.</exception>
    public async Task<ModuleOverride> BuildAsync(KernelPackage kernel, string name, CancellationToken cancellation)
    {
        string sources = tree.At("vm-images", "kernel-modules", name);
        if (!Directory.Exists(sources))
            throw new InfrastructureException($"there is no module {name} in vm-images/kernel-modules");
        Programs.Require("make", "make");
        Programs.Require("gcc", "gcc");
        var compiler = await ModuleCompiler.FindAsync(kernel, cancellation).ConfigureAwait(false);
        string built = await cache.GetOrBuildAsync("modules", $"{kernel.Release}_{kernel.PackageVersion}_{name}_{compiler.Version}_{Hash(sources)}", async (into, token) =>
        {
            string headers = await new SourceTreeStore(list, cache, progress).HeadersAsync(kernel, token).ConfigureAwait(false);
            progress?.Invoke($"building the module {name}");
            string work = Path.Combine(into, "work");
            Directory.CreateDirectory(work);
            foreach (string file in Directory.GetFiles(sources))
                File.Copy(file, Path.Combine(work, Path.GetFileName(file)));
            // The path that the compiler writes into debug information and BUG() is the one in the project.
            await new Command("make", "-C", headers, $"M={work}", $"CC={compiler.Name}", "CONFIG_DEBUG_INFO_BTF_MODULES=",
                $"KCFLAGS=-g -ffile-prefix-map={work}=vm-images/kernel-modules/{name}", "modules").MustAsync($"build the module {name}", token).ConfigureAwait(false);
            await ModuleBuilder.CollectAsync(work, into, token).ConfigureAwait(false);
            Directory.Delete(work, recursive: true);
        }, progress, cancellation).ConfigureAwait(false);
        string file = name + ".ko";
        return new ModuleOverride(name, Path.Combine(built, file)) { DebugPath = Path.Combine(built, "debug", file), IsAddition = true };
    }

    private static string Hash(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file) + "\n"));
            hash.AppendData(File.ReadAllBytes(file));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
