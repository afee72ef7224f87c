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
    public async Task<string> HeadersAsync(KernelPackage kernel, CancellationToken cancellation)
    {
        string common = $"linux-headers-{kernel.Release[..kernel.Release.LastIndexOf('-')]}-common";
        string flavour = $"linux-headers-{kernel.Release}";
        string folder = await cache.GetOrBuildAsync("kernel-headers", $"{flavour}_{kernel.PackageVersion}", async (into, token) =>
        {
            foreach (string package in (string[])[flavour, common, $"linux-kbuild-{Series(kernel)}"])
            {
                string scratch = Path.Combine(into, "package");
                await FetchAsync(kernel, package, scratch, token).ConfigureAwait(false);
                await new Command("cp", "-a", Path.Combine(scratch, "root") + "/.", into).MustAsync($"unpack {package}", token).ConfigureAwait(false);
                Directory.Delete(scratch, recursive: true);
            }
            // The package names its own place under /usr/src; here it lies elsewhere.
            string makefile = Path.Combine(into, "usr/src", flavour, "Makefile");
            await File.WriteAllTextAsync(makefile, $"include $(dir $(abspath $(lastword $(MAKEFILE_LIST))))../{common}/Makefile\n", token).ConfigureAwait(false);
        }, progress, cancellation).ConfigureAwait(false);
        return Path.Combine(folder, "usr/src", flavour);
    }

    private async Task FetchAsync(KernelPackage kernel, string package, string scratch, CancellationToken cancellation)
    {
        var (known, _) = list.Split(kernel.Name) ?? throw new InfrastructureException(
            $"modules can be built for kernels of `hil kernels` only, whose sources are packaged; {kernel.Name} is a path");
        var apt = new KernelStore(list, cache, progress).Apt(known);
        var wanted = (await apt.ShowAsync(package, kernel.PackageVersion, cancellation).ConfigureAwait(false)).ToPackage();
        string deb = await new DebCache(cache, progress).GetAsync(wanted, apt.DownloadAsync, cancellation).ConfigureAwait(false);
        Directory.CreateDirectory(scratch);
        await new Command("dpkg-deb", "-x", deb, Path.Combine(scratch, "root")).MustAsync($"unpack {package}", cancellation).ConfigureAwait(false);
    }

    /// <summary><c>6.1</c> of <c>6.1.0-56-amd64</c>.</summary>
    private static string Series(KernelPackage kernel) => string.Join('.', kernel.Release.Split('.', '-').Take(2));
}
