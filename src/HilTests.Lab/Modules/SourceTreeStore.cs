using HilTests.Lab.Cache;
using HilTests.Lab.Kernels;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Modules;

/// <summary>What modules are built with: the kernel's own source package and the header packages of its exact version.</summary>
internal sealed class SourceTreeStore(KernelList list, CacheFolder cache, Action<string>? progress)
{
    private static readonly string[] Folders = ["fs/f2fs", "drivers/vhost", "include"];

    /// <summary>The kernel's sources, as far as modules here need them; the folder's root is the kernel's.</summary>
    public Task<string> SourcesAsync(KernelPackage kernel, CancellationToken cancellation)
    {
        string package = $"linux-source-{Series(kernel)}";
        return cache.GetOrBuildAsync("kernel-sources", $"{package}_{kernel.PackageVersion}", async (into, token) =>
        {
            string scratch = Path.Combine(into, "package");
            await FetchAsync(kernel, package, scratch, token).ConfigureAwait(false);
            progress?.Invoke($"unpacking the sources of kernel {kernel.Release}");
            string tar = Path.Combine(scratch, "root", "usr", "src", $"{package}.tar.xz");
            await new Command("tar", ["-C", into, "--strip-components=1", "-xJf", tar, .. Folders.Select(f => $"{package}/{f}")])
                .MustAsync("unpack the kernel's sources", token).ConfigureAwait(false);
            Directory.Delete(scratch, recursive: true);
        }, progress, cancellation);
    }

    /// <summary>The folder to give to <c>make -C</c>.</summary>
    /// <exception cref="InfrastructureException">The packages cannot be had, or their programs do not run on this machine.</exception>
    public async Task<string> HeadersAsync(KernelPackage kernel, CancellationToken cancellation)
    {
        string flavour = $"linux-headers-{kernel.Release}";
        string folder = await cache.GetOrBuildAsync("kernel-headers", $"{flavour}_{kernel.PackageVersion}", async (into, token) =>
        {
            var headers = await Apt(kernel).ShowAsync(flavour, kernel.PackageVersion, token).ConfigureAwait(false);
            string common = headers.Depends.First(d => d.StartsWith("linux-headers-", StringComparison.Ordinal));
            string kbuild = headers.Depends.First(d => d.StartsWith("linux-kbuild-", StringComparison.Ordinal));
            foreach (string package in (string[])[flavour, common, kbuild])
            {
                string scratch = Path.Combine(into, "package");
                await FetchAsync(kernel, package, scratch, token).ConfigureAwait(false);
                await new Command("cp", "-a", Path.Combine(scratch, "root") + "/.", into).MustAsync($"unpack {package}", token).ConfigureAwait(false);
                Directory.Delete(scratch, recursive: true);
            }
            await RequireRunningAsync(kernel, into, kbuild, token).ConfigureAwait(false);
            // The package names its own place under /usr/src; here it lies elsewhere.
            string makefile = Path.Combine(into, "usr/src", flavour, "Makefile");
            await File.WriteAllTextAsync(makefile, $"include $(dir $(abspath $(lastword $(MAKEFILE_LIST))))../{common}/Makefile\n", token).ConfigureAwait(false);
        }, progress, cancellation).ConfigureAwait(false);
        return Path.Combine(folder, "usr/src", flavour);
    }

    /// <summary>The kernel's build programs come compiled for their own suite.</summary>
    private static async Task RequireRunningAsync(KernelPackage kernel, string root, string kbuild, CancellationToken cancellation)
    {
        string fixdep = Path.Combine(root, "usr/lib", kbuild, "scripts/basic/fixdep");
        var libraries = await new Command("ldd", fixdep).RunAsync(cancellation).ConfigureAwait(false);
        if ((libraries.Output + libraries.Errors).Contains("not found", StringComparison.Ordinal))
        {
            throw new InfrastructureException(
                $"modules for {kernel.Name} cannot be built on this machine: the programs of {kbuild} need a newer C library than it has. " +
                "Take a kernel of this suite or an older one, or build on a machine of that suite");
        }
    }

    private AptSource Apt(KernelPackage kernel)
    {
        var (known, _) = list.Split(kernel.Name) ?? throw new InfrastructureException(
            $"modules can be built for kernels of `hil kernels` only, whose sources are packaged; {kernel.Name} is a path");
        return new KernelStore(list, cache, progress).Apt(known);
    }

    private async Task FetchAsync(KernelPackage kernel, string package, string scratch, CancellationToken cancellation)
    {
        var apt = Apt(kernel);
        // The build programs of a series serve every kernel of it; the rest must be of the very version.
        var wanted = package == $"linux-kbuild-{Series(kernel)}"
            ? await apt.ShowAsync(package, cancellation).ConfigureAwait(false)
            : await apt.ShowAsync(package, kernel.PackageVersion, cancellation).ConfigureAwait(false);
        string deb = await new DebCache(cache, progress).GetAsync(wanted.ToPackage(), apt.DownloadAsync, cancellation).ConfigureAwait(false);
        Directory.CreateDirectory(scratch);
        await new Command("dpkg-deb", "-x", deb, Path.Combine(scratch, "root")).MustAsync($"unpack {package}", cancellation).ConfigureAwait(false);
    }

    /// <summary><c>6.1</c> of <c>6.1.0-56-amd64</c>.</summary>
    private static string Series(KernelPackage kernel) => string.Join('.', kernel.Release.Split('.', '-').Take(2));
}
