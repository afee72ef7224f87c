namespace HilTests.Lab.Kernels;

/// <summary>A kernel ready to boot.</summary>
/// <param name="Name">What it was asked for by: <c>bookworm</c>, <c>bookworm/6.1.0-47</c>, or a path.</param>
/// <param name="Release">As <c>uname -r</c> says: <c>6.1.0-56-amd64</c>.</param>
/// <param name="PackageVersion">Version of the Debian package; "unknown" for one that came as plain files.</param>
/// <param name="Bzimage">The compressed kernel as packaged; of a kernel given as a plain ELF file, that file.</param>
/// <param name="VmlinuxPvh">
/// What QEMU is given. As a rule the same kernel, decompressed: QEMU starts it through PVH, without the slow decompression in the
/// guest. Where it cannot be decompressed here or has no PVH entry, <paramref name="Bzimage"/> itself.
/// </param>
/// <param name="ModulesDir">The folder <c>lib/modules/RELEASE</c>, with modules.dep.</param>
/// <param name="ConfigFile">The kernel's configuration; empty where none was found.</param>
public sealed record KernelPackage(
    string Name, string Release, string PackageVersion, string Bzimage, string VmlinuxPvh, string ModulesDir, string ConfigFile)
{
    /// <summary>The packages it was unpacked from, with their hashes; empty for one that came as plain files.</summary>
    public IReadOnlyList<DebPackage> Packages { get; init; } = [];

    /// <summary>
    /// SHA-256 of what it was made from: of the packages' hashes; of plain files, of the kernel's content and the modules' paths,
    /// lengths and times.
    /// </summary>
    public string Identity { get; init; } = "";

    /// <summary>The kernel with debug information (vmlinux of a build tree), for decoding traces; null where there is none.</summary>
    public string? DebugImage { get; init; }

    /// <summary>Where it comes from, in words: packages and versions, or the path.</summary>
    public string Origin => Packages.Count > 0 ? string.Join(", ", Packages) : Name;
}
