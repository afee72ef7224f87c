using System.Security.Cryptography;
using HilTests.Lab.Cache;

namespace HilTests.Lab.Kernels;

/// <summary>
/// Turns the name of a kernel into files that boot: downloads, unpacks and prepares once, then remembers. A name that was
/// resolved once needs no network again.
/// </summary>
public sealed class KernelStore(KernelList list, CacheFolder cache, Action<string>? progress)
{
    private const string Kind = "kernels";
    private const string ModulesWord = ",modules=";

    private readonly KernelPins _pins = new(cache);
    private readonly DebCache _debs = new(cache, progress);

    /// <summary>
    /// Finds a kernel: <c>NAME</c> or <c>NAME/VERSION</c> of the list; or a path: of a .deb, of a vmlinuz, bzImage or vmlinux (with
    /// <c>,modules=DIR</c> behind it where the modules lie elsewhere), of a folder in which a kernel was built.
    /// </summary>
    /// <exception cref="UnknownKernelException">Neither a known name nor a file.</exception>
    /// <exception cref="InfrastructureException">It could not be had; says why and what to do.</exception>
    public async Task<KernelPackage> ResolveAsync(string name, CancellationToken cancellation)
    {
        Check(name);
        if (list.Split(name) is { } known)
            return await FromSuiteAsync(name, known.Kernel, known.Version, cancellation).ConfigureAwait(false);
        var (path, modules) = SplitPath(name);
        return path.EndsWith(".deb", StringComparison.Ordinal)
            ? await FromDebAsync(path, cancellation).ConfigureAwait(false)
            : await FromPlainAsync(name, path, modules, cancellation).ConfigureAwait(false);
    }

    /// <summary>Checks a name without fetching anything.</summary>
    /// <exception cref="UnknownKernelException">It begins with no known name, and no such file is there.</exception>
    public void Check(string name)
    {
        if (list.Split(name) is not null)
            return;
        string path = SplitPath(name).Path;
        if (File.Exists(path) || Directory.Exists(path))
            return;
        if (path.Contains('/', StringComparison.Ordinal) || path.EndsWith(".deb", StringComparison.Ordinal))
            throw new UnknownKernelException($"no kernel '{path}': there is no such file or folder, and no name of `hil kernels` before the '/'");
        list.Find(name);
    }

    /// <summary>Forgets which version the name stands for, so that the next look-up asks apt for the newest.</summary>
    public void Unpin(string name) => _pins.Forget(name);

    /// <summary>The image package a name is pinned to, or null when it was never used.</summary>
    public DebPackage? Pinned(string name) => _pins.Read(name)?[0];

    /// <summary>A kernel of the list as it was prepared before; null when it would have to be downloaded or unpacked.</summary>
    public KernelPackage? Prepared(string name)
    {
        if (_pins.Read(name) is not { } pin)
            return null;
        string folder = cache.PathOf(Kind, Key(pin));
        return KernelEntry.Exists(folder) ? KernelEntry.Read(name, folder) : null;
    }

    /// <summary>The versions of a name that its archive has now, newest first.</summary>
    /// <exception cref="InfrastructureException">The mirror cannot be reached.</exception>
    public async Task<IReadOnlyList<ArchivedKernel>> VersionsAsync(string name, CancellationToken cancellation)
    {
        var kernel = list.Find(name);
        var apt = Apt(kernel);
        apt.Refresh();
        return await new KernelArchive(kernel, apt).ListAsync(cancellation).ConfigureAwait(false);
    }

    internal AptSource Apt(KnownKernel kernel) => new(kernel.Suites, Path.Combine(cache.Root, "apt", kernel.Name), progress);

    private async Task<KernelPackage> FromSuiteAsync(string name, KnownKernel kernel, string? version, CancellationToken cancellation)
    {
        var apt = Apt(kernel);
        if (_pins.Read(name) is not { } pin)
        {
            var archive = new KernelArchive(kernel, apt);
            pin = version is null
                ? await archive.NewestAsync(cancellation).ConfigureAwait(false)
                : await archive.VersionAsync(version, cancellation).ConfigureAwait(false);
            _pins.Write(name, pin);
        }
        string identity = DebKernel.Identify(pin.Select(p => p.Sha256));
        string folder = await cache.GetOrBuildAsync(Kind, Key(pin), async (into, token) =>
        {
            var files = new List<string>();
            foreach (var package in pin)
                files.Add(await _debs.GetAsync(package, apt.DownloadAsync, token).ConfigureAwait(false));
            await new DebKernel(progress).UnpackAsync(files, pin, identity, into, token).ConfigureAwait(false);
        }, progress, cancellation).ConfigureAwait(false);
        return KernelEntry.Read(name, folder);
    }

    private async Task<KernelPackage> FromDebAsync(string deb, CancellationToken cancellation)
    {
        var files = await DebKernel.WithPartsAsync(deb, cancellation).ConfigureAwait(false);
        var hashes = new List<string>();
        foreach (string file in files)
        {
            await using var stream = File.OpenRead(file);
            hashes.Add(Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation).ConfigureAwait(false)));
        }
        string identity = DebKernel.Identify(hashes);
        string folder = await cache.GetOrBuildAsync(Kind, $"file_{Path.GetFileName(deb)}_{identity[..12]}",
            (into, token) => new DebKernel(progress).UnpackAsync(files, [], identity, into, token), progress, cancellation).ConfigureAwait(false);
        return KernelEntry.Read(deb, folder);
    }

    private async Task<KernelPackage> FromPlainAsync(string name, string path, string? modules, CancellationToken cancellation)
    {
        var plain = PlainKernel.Find(path, modules);
        string folder = await cache.GetOrBuildAsync(Kind, $"own_{plain.Release}_{plain.Identity[..12]}",
            (into, token) => plain.LinkAsync(into, progress, token), progress, cancellation).ConfigureAwait(false);
        return KernelEntry.Read(name, folder);
    }

    private static string Key(IReadOnlyList<DebPackage> pin) => $"{pin[0].Name}_{pin[0].Version}_{DebKernel.Identify(pin.Select(p => p.Sha256))[..8]}";

    private static (string Path, string? Modules) SplitPath(string name)
    {
        int at = name.IndexOf(ModulesWord, StringComparison.Ordinal);
        return at < 0 ? (name, null) : (name[..at], name[(at + ModulesWord.Length)..]);
    }
}
