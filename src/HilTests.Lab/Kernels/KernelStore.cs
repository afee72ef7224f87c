using HilTests.Lab.Cache;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Kernels;

/// <summary>Turns the name of a kernel into files that boot: downloads, unpacks and prepares once, then remembers.</summary>
public sealed class KernelStore(KernelList list, CacheFolder cache, Action<string>? progress)
{
    private const string Kind = "kernels";

    /// <summary>
    /// Finds a kernel. A name of the list is looked up with apt the first time and pinned to that version;
    /// a path to a Debian kernel package (.deb) is taken as it is.
    /// </summary>
    /// <exception cref="UnknownKernelException">Neither a known name nor a file.</exception>
    /// <exception cref="InfrastructureException">It could not be had; says why and what to do.</exception>
    public async Task<KernelPackage> ResolveAsync(string name, CancellationToken cancellation)
    {
        if (name.EndsWith(".deb", StringComparison.Ordinal))
            return await FromFileAsync(name, cancellation).ConfigureAwait(false);
        var known = list.Find(name);
        string pinFile = Path.Combine(cache.Root, Kind, $"{known.Name}.pin");
        if (ReadPin(pinFile) is not { } pin)
        {
            pin = await new AptSource(known.Suite, AptState(known), progress).ResolveAsync(known.Package, cancellation).ConfigureAwait(false);
            WritePin(pinFile, pin);
        }
        string folder = await cache.GetOrBuildAsync(Kind, $"{pin.Package}_{pin.Version}", async (into, token) =>
        {
            string deb = await new AptSource(known.Suite, AptState(known), progress)
                .DownloadAsync(pin.Package, pin.Version, into, token).ConfigureAwait(false);
            await UnpackAsync(deb, into, token).ConfigureAwait(false);
            File.Delete(deb);
        }, progress, cancellation).ConfigureAwait(false);
        return Describe(name, folder);
    }

    /// <summary>Forgets which version the name stands for, so that the next look-up asks apt again.</summary>
    public void Unpin(string name) => File.Delete(Path.Combine(cache.Root, Kind, $"{list.Find(name).Name}.pin"));

    /// <summary>The version a name is pinned to (package and version), or null when it was never used.</summary>
    public (string Package, string Version)? Pinned(string name) => ReadPin(Path.Combine(cache.Root, Kind, $"{list.Find(name).Name}.pin"));

    /// <summary>A kernel of the list as it was prepared before; null when it would have to be downloaded.</summary>
    /// <exception cref="UnknownKernelException">No such name.</exception>
    public KernelPackage? Prepared(string name)
    {
        if (Pinned(name) is not { } pin)
            return null;
        string folder = cache.PathOf(Kind, $"{pin.Package}_{pin.Version}");
        return File.Exists(Path.Combine(folder, "kernel")) ? Describe(name, folder) : null;
    }

    private string AptState(KnownKernel known) => Path.Combine(cache.Root, "apt", known.Suite);

    private async Task<KernelPackage> FromFileAsync(string deb, CancellationToken cancellation)
    {
        if (!File.Exists(deb))
            throw new UnknownKernelException($"no kernel package {deb}: there is no such file");
        var info = new FileInfo(deb);
        string key = $"file_{Path.GetFileName(deb)}_{info.Length}_{info.LastWriteTimeUtc.Ticks:x}";
        string folder = await cache.GetOrBuildAsync(Kind, key, (into, token) => UnpackAsync(info.FullName, into, token), progress, cancellation)
            .ConfigureAwait(false);
        return Describe(deb, folder);
    }

    private async Task UnpackAsync(string deb, string into, CancellationToken cancellation)
    {
        progress?.Invoke($"unpacking {Path.GetFileName(deb)}");
        string root = Path.Combine(into, "root");
        await new Command("dpkg-deb", "-x", deb, root).MustAsync($"unpack {deb}", cancellation).ConfigureAwait(false);
        string version = (await new Command("dpkg-deb", "-f", deb, "Version").MustAsync($"read {deb}", cancellation).ConfigureAwait(false)).Output.Trim();
        string modules = Directory.Exists(Path.Combine(root, "usr/lib/modules"))
            ? Path.Combine(root, "usr/lib/modules")
            : Path.Combine(root, "lib/modules");
        string? release = Directory.Exists(modules) ? Directory.GetDirectories(modules).Select(d => Path.GetFileName(d)!).SingleOrDefault() : null;
        if (release is null)
            throw new InfrastructureException($"{deb} holds no kernel modules; is it a kernel image package?");
        string bzimage = Require(deb, Path.Combine(root, "boot", $"vmlinuz-{release}"), Path.Combine(modules, release, "vmlinuz"));
        string config = Require(deb, Path.Combine(root, "boot", $"config-{release}"), Path.Combine(modules, release, "config"));
        File.Move(bzimage, Path.Combine(into, "bzImage"));
        File.Move(config, Path.Combine(into, "config"));
        Directory.CreateDirectory(Path.Combine(into, "lib"));
        Directory.Move(modules, Path.Combine(into, "lib", "modules"));
        Directory.Delete(root, recursive: true);
        progress?.Invoke($"preparing kernel {release}");
        await new Command("depmod", "-b", into, release).MustAsync("list the kernel's modules", cancellation).ConfigureAwait(false);
        await BzimagePayload.ExtractAsync(Path.Combine(into, "bzImage"), Path.Combine(into, "vmlinux"), cancellation).ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(into, "kernel"), $"{release}\n{version}\n", cancellation).ConfigureAwait(false);
    }

    private static string Require(string deb, params string[] places) =>
        places.FirstOrDefault(File.Exists) ?? throw new InfrastructureException($"{deb} holds none of {string.Join(", ", places.Select(Path.GetFileName))}");

    private static KernelPackage Describe(string name, string folder)
    {
        string[] lines = File.ReadAllLines(Path.Combine(folder, "kernel"));
        return new KernelPackage(name, lines[0], lines[1], Path.Combine(folder, "bzImage"), Path.Combine(folder, "vmlinux"),
            Path.Combine(folder, "lib", "modules", lines[0]), Path.Combine(folder, "config"));
    }

    private static (string Package, string Version)? ReadPin(string file)
    {
        string[] words = File.Exists(file) ? File.ReadAllText(file).Trim().Split(' ') : [];
        return words.Length == 2 ? (words[0], words[1]) : null;
    }

    private static void WritePin(string file, (string Package, string Version) pin)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            string fresh = $"{file}.{Environment.ProcessId}.new";
            File.WriteAllText(fresh, $"{pin.Package} {pin.Version}\n");
            File.Move(fresh, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InfrastructureException(
                $"could not write {file}: {e.Message}; make it writable or set {CacheFolder.PathVariable} to another folder", e);
        }
    }
}
