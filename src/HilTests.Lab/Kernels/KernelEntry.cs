using HilTests.Lab.Processes;

namespace HilTests.Lab.Kernels;

/// <summary>
/// An unpacked kernel in the cache: bzImage, vmlinux (where it could be decompressed), config, lib/modules/RELEASE, and a file
/// named "kernel" that says what they are, in lines <c>WORD VALUE</c>.
/// </summary>
internal static class KernelEntry
{
    private const string Description = "kernel";

    /// <summary>Completes an entry whose lib/modules/RELEASE and bzImage are in place.</summary>
    public static async Task FinishAsync(
        string into, string release, string version, IEnumerable<DebPackage> packages, string identity, string? debugImage,
        Action<string>? progress, CancellationToken cancellation)
    {
        progress?.Invoke($"preparing kernel {release}");
        await new Command("depmod", "-b", into, release).MustAsync("list the kernel's modules", cancellation).ConfigureAwait(false);
        string bzimage = Path.Combine(into, "bzImage"), vmlinux = Path.Combine(into, "vmlinux");
        string boot = File.Exists(vmlinux) ? vmlinux : await BootableKernel.PrepareAsync(bzimage, vmlinux, progress, cancellation).ConfigureAwait(false);
        string[] lines =
        [
            $"release {release}", $"version {version}", $"boot {Path.GetFileName(boot)}", $"identity {identity}",
            .. packages.Select(p => $"package {p.ToLine()}"),
            .. debugImage is null ? (string[])[] : [$"debug {debugImage}"],
        ];
        await File.WriteAllLinesAsync(Path.Combine(into, Description), lines, cancellation).ConfigureAwait(false);
    }

    /// <summary>Whether the folder is a finished entry, as far as can be seen without reading it all.</summary>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, Description));

    /// <param name="name">What the kernel was asked for by.</param>
    /// <param name="folder">The entry.</param>
    public static KernelPackage Read(string name, string folder)
    {
        var values = File.ReadAllLines(Path.Combine(folder, Description)).Select(l => l.Split(' ', 2)).ToLookup(l => l[0], l => l[1]);
        string release = values["release"].Single();
        string boot = Path.Combine(folder, values["boot"].Single()), bzimage = Path.Combine(folder, "bzImage"), config = Path.Combine(folder, "config");
        return new KernelPackage(name, release, values["version"].Single(), File.Exists(bzimage) ? bzimage : boot, boot,
            Path.Combine(folder, "lib", "modules", release), File.Exists(config) ? config : "")
        {
            Packages = [.. values["package"].Select(DebPackage.FromLine).OfType<DebPackage>()],
            Identity = values["identity"].Single(),
            DebugImage = values["debug"].SingleOrDefault(),
        };
    }
}
