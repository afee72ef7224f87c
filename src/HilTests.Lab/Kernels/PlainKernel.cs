using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace HilTests.Lab.Kernels;

/// <summary>
/// A kernel given as files: a vmlinuz, bzImage or vmlinux with a folder of modules, or the tree it was built in. Modules are
/// linked to, not copied; the identity changes when one of them does.
/// </summary>
internal sealed record PlainKernel
{
    private static readonly string[] ListNames = ["modules.order", "modules.builtin", "modules.builtin.modinfo"];

    private static readonly string[] Endings = [".ko", ".ko.xz", ".ko.zst", ".ko.gz"];

    /// <summary>The bzImage; null when there is only the ELF kernel.</summary>
    public string? Bzimage { get; private init; }

    /// <summary>The ELF kernel; null when there is only the bzImage.</summary>
    public string? Vmlinux { get; private init; }

    public required string Release { get; init; }

    public string? Config { get; private init; }

    /// <summary>Module files, by their path below lib/modules/RELEASE.</summary>
    public required IReadOnlyList<(string Relative, string File)> Modules { get; init; }

    /// <summary>modules.builtin and modules.order, where there are any.</summary>
    public IReadOnlyList<string> Lists { get; private init; } = [];

    /// <summary>SHA-256 of the kernel's content and of path, length and time of each module.</summary>
    public required string Identity { get; init; }

    /// <summary>Looks at the files of a kernel.</summary>
    /// <param name="path">A kernel file, or a folder in which one was built.</param>
    /// <param name="modules">The folder of modules, "none" for a kernel that has all built in, or null to look in the usual places.</param>
    /// <exception cref="InfrastructureException">It is no kernel, or its modules were not found; says where they were looked for.</exception>
    public static PlainKernel Find(string path, string? modules) => Directory.Exists(path) ? FromTree(Path.GetFullPath(path)) : FromFile(Path.GetFullPath(path), modules);

    /// <summary>Fills a cache entry with links to the files.</summary>
    public async Task LinkAsync(string into, Action<string>? progress, CancellationToken cancellation)
    {
        if (Bzimage is not null)
            File.Copy(Bzimage, Path.Combine(into, "bzImage"));
        else if (BootableKernel.HasPvhEntry(Vmlinux!))
            File.CreateSymbolicLink(Path.Combine(into, "vmlinux"), Vmlinux!);
        else
            throw new InfrastructureException($"{Vmlinux} has no PVH entry, so QEMU cannot start it; build it with CONFIG_PVH=y, or give the bzImage");
        if (Config is not null)
            File.Copy(Config, Path.Combine(into, "config"));
        string folder = Path.Combine(into, "lib", "modules", Release);
        Directory.CreateDirectory(folder);
        foreach (var (relative, file) in Modules)
        {
            string link = Path.Combine(folder, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            File.CreateSymbolicLink(link, file);
        }
        foreach (string list in Lists)
            File.Copy(list, Path.Combine(folder, Path.GetFileName(list)));
        await KernelEntry.FinishAsync(into, Release, "unknown", [], Identity, Vmlinux, progress, cancellation).ConfigureAwait(false);
    }

    private static PlainKernel FromTree(string tree)
    {
        string bzimage = Path.Combine(tree, "arch/x86/boot/bzImage"), order = Path.Combine(tree, "modules.order");
        if (!File.Exists(bzimage))
        {
            throw new InfrastructureException(
                $"{tree} is no kernel tree that was built: there is no arch/x86/boot/bzImage; run make in it (O= trees: give the output folder)");
        }
        string release = ReleaseOf(bzimage, File.ReadAllBytes(bzimage));
        var modules = new List<(string, string)>();
        foreach (string line in File.Exists(order) ? File.ReadLines(order) : [])
        {
            // "fs/f2fs/f2fs.o" since 6.4, ".ko" before, with "kernel/" in front before 5.4.
            string name = Path.ChangeExtension(line.StartsWith("kernel/", StringComparison.Ordinal) ? line["kernel/".Length..] : line, ".ko");
            string file = Path.Combine(tree, name);
            if (!File.Exists(file))
                throw new InfrastructureException($"{order} names {line}, but there is no {file}; run `make modules` in {tree}");
            modules.Add(($"kernel/{name}", file));
        }
        return new PlainKernel
        {
            Bzimage = bzimage,
            Vmlinux = Existing(Path.Combine(tree, "vmlinux")),
            Release = release,
            Config = Existing(Path.Combine(tree, ".config")),
            Modules = modules,
            Lists = [.. ListNames.Select(l => Path.Combine(tree, l)).Where(File.Exists)],
            Identity = Identify(bzimage, modules),
        };
    }

    private static PlainKernel FromFile(string file, string? wanted)
    {
        byte[] content = File.ReadAllBytes(file);
        string release = ReleaseOf(file, content);
        bool isBzimage = BzimagePayload.IsBzimage(content);
        string? folder = wanted == "none" ? null : FindModules(file, release, wanted);
        var modules = folder is null ? [] : ModulesBelow(folder);
        string beside = Path.GetDirectoryName(file)!;
        return new PlainKernel
        {
            Bzimage = isBzimage ? file : null,
            Vmlinux = isBzimage ? null : file,
            Release = release,
            Config = new[] { Path.Combine(beside, $"config-{release}"), Path.Combine(folder ?? beside, "config"), Path.Combine(beside, ".config") }
                .FirstOrDefault(File.Exists),
            Modules = modules,
            Lists = folder is null ? [] : [.. ListNames.Select(l => Path.Combine(folder, l)).Where(File.Exists)],
            Identity = Identify(file, modules),
        };
    }

    private static string ReleaseOf(string file, byte[] content)
    {
        if (BzimagePayload.IsBzimage(content))
        {
            BzimagePayload.Locate(content, file);
            return BzimagePayload.Release(content, file);
        }
        if (!content.AsSpan().StartsWith("\u007fELF"u8))
            throw new InfrastructureException($"{file} is no x86 kernel: neither a bzImage (vmlinuz) nor an ELF file (vmlinux), nor a .deb");
        return BootableKernel.Release(content) ?? throw new InfrastructureException($"{file} is an ELF file, but no Linux kernel: it has no version banner");
    }

    private static string FindModules(string kernel, string release, string? wanted)
    {
        string beside = Path.GetDirectoryName(kernel)!;
        string[] places = wanted is not null
            ? [Path.GetFullPath(wanted), Path.GetFullPath(Path.Combine(wanted, release)), Path.GetFullPath(Path.Combine(wanted, "lib/modules", release))]
            :
            [
                .. Path.GetFileName(beside) == release ? (string[])[beside] : [],
                Path.GetFullPath(Path.Combine(beside, "lib/modules", release)), Path.GetFullPath(Path.Combine(beside, "../lib/modules", release)),
                Path.Combine("/lib/modules", release),
            ];
        return places.FirstOrDefault(p => Directory.Exists(p) && (File.Exists(Path.Combine(p, "modules.builtin")) || Directory.Exists(Path.Combine(p, "kernel"))))
            ?? throw new InfrastructureException(
                $"no modules of {release} for {kernel}; looked in {string.Join(", ", places)}. Name their folder: --kernel {kernel},modules=DIR " +
                "(or modules=none for a kernel that has everything built in)");
    }

    private static List<(string, string)> ModulesBelow(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*.ko*", SearchOption.AllDirectories)
            .Where(f => Endings.Any(e => f.EndsWith(e, StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal).Select(f => (Path.GetRelativePath(folder, f), f)),
    ];

    private static string Identify(string kernel, IReadOnlyList<(string Relative, string File)> modules)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(SHA256.HashData(File.ReadAllBytes(kernel)));
        foreach (var (relative, file) in modules)
        {
            var info = new FileInfo(file);
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{relative}\n{file}\n{info.Length} {info.LastWriteTimeUtc.Ticks}\n")));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string? Existing(string file) => File.Exists(file) ? file : null;
}
