using System.Security.Cryptography;
using System.Text;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Kernels;

/// <summary>Unpacks a kernel's Debian packages, without installing them.</summary>
internal sealed class DebKernel(Action<string>? progress)
{
    private static readonly string[] ModuleFolders = ["usr/lib/modules", "lib/modules"];

    /// <summary>Fills a cache entry.</summary>
    /// <param name="debs">The packages' files: one that holds everything, or, since Debian's 7.2, image, binary, modules and base.</param>
    /// <param name="packages">What they are, where known.</param>
    /// <param name="identity">The kernel's identity.</param>
    /// <param name="into">The empty folder of the entry.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="InfrastructureException">A package is damaged, or together they are no kernel.</exception>
    public async Task UnpackAsync(
        IReadOnlyList<string> debs, IReadOnlyList<DebPackage> packages, string identity, string into, CancellationToken cancellation)
    {
        string root = Path.Combine(into, "root"), names = string.Join(", ", debs.Select(Path.GetFileName));
        foreach (string deb in debs)
        {
            progress?.Invoke($"unpacking {Path.GetFileName(deb)}");
            await new Command("dpkg-deb", "-x", deb, root).MustAsync($"unpack {deb}; is it complete?", cancellation).ConfigureAwait(false);
        }
        string version = packages.Count > 0 ? packages[0].Version : await FieldAsync(debs[0], "Version", cancellation).ConfigureAwait(false);
        string modules = ModuleFolders.Select(m => Path.Combine(root, m)).FirstOrDefault(Directory.Exists) ?? "";
        string? release = modules.Length > 0 ? Directory.GetDirectories(modules).Select(d => Path.GetFileName(d)!).SingleOrDefault() : null;
        if (release is null)
            throw new InfrastructureException($"{names}: no folder of kernel modules in it; is it a kernel image package?");
        string bzimage = Require(names, Path.Combine(root, "boot", $"vmlinuz-{release}"), Path.Combine(modules, release, "vmlinuz"));
        string? config = new[] { Path.Combine(root, "boot", $"config-{release}"), Path.Combine(modules, release, "config") }.FirstOrDefault(File.Exists);
        File.Move(bzimage, Path.Combine(into, "bzImage"));
        if (config is not null)
            File.Move(config, Path.Combine(into, "config"));
        Directory.CreateDirectory(Path.Combine(into, "lib"));
        Directory.Move(modules, Path.Combine(into, "lib", "modules"));
        Directory.Delete(root, recursive: true);
        await KernelEntry.FinishAsync(into, release, version, packages, identity, null, progress, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// The package files that make the kernel of <paramref name="deb"/>: itself, and those it depends on for its files, which have to lie in the
    /// same folder.
    /// </summary>
    /// <exception cref="InfrastructureException">It is no package, or one that it needs is not beside it.</exception>
    public static async Task<IReadOnlyList<string>> WithPartsAsync(string deb, CancellationToken cancellation)
    {
        string depends = await FieldAsync(deb, "Depends", cancellation).ConfigureAwait(false);
        var parts = new AptStanza(new Dictionary<string, string> { ["Depends"] = depends }).Depends.Where(KernelArchive.IsPart).ToList();
        string version = await FieldAsync(deb, "Version", cancellation).ConfigureAwait(false);
        string folder = Path.GetDirectoryName(Path.GetFullPath(deb))!;
        var files = new List<string> { Path.GetFullPath(deb) };
        foreach (string part in parts)
        {
            // Debian's own file names leave out the epoch, and apt writes a colon as %3a.
            string? file = Directory.GetFiles(folder, $"{part}_*.deb").FirstOrDefault(f => Path.GetFileName(f).Split('_')[1] == version.Split(':')[^1]);
            files.Add(file ?? throw new InfrastructureException(
                $"{deb} needs {part} {version}, which has to lie in the same folder ({folder}): it holds the kernel's files"));
        }
        return files;
    }

    /// <summary>SHA-256 over the hashes of the packages.</summary>
    public static string Identify(IEnumerable<string> hashes) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Join('\n', hashes))));

    private static async Task<string> FieldAsync(string deb, string field, CancellationToken cancellation) =>
        (await new Command("dpkg-deb", "-f", deb, field).MustAsync($"read {deb}; is it a complete Debian package?", cancellation).ConfigureAwait(false)).Output.Trim();

    private static string Require(string debs, params string[] places) =>
        places.FirstOrDefault(File.Exists) ?? throw new InfrastructureException($"{debs}: no kernel in it ({string.Join(", ", places.Select(Path.GetFileName))})");
}
