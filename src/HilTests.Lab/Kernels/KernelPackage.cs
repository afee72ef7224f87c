namespace HilTests.Lab.Kernels;

/// <summary>A kernel ready to boot.</summary>
/// <param name="Name">What it was asked for by: <c>bookworm</c>, or a path.</param>
/// <param name="Release">As <c>uname -r</c> says: <c>6.1.0-56-amd64</c>.</param>
/// <param name="PackageVersion">Version of the Debian package; "unknown" for one that came as plain files.</param>
/// <param name="Bzimage">The compressed kernel as packaged.</param>
/// <param name="VmlinuxPvh">The same kernel, decompressed: QEMU starts it through PVH, without the slow decompression in the guest.</param>
/// <param name="ModulesDir">The folder <c>lib/modules/RELEASE</c>, with modules.dep.</param>
/// <param name="ConfigFile">The kernel's configuration.</param>
public sealed record KernelPackage(
    string Name, string Release, string PackageVersion, string Bzimage, string VmlinuxPvh, string ModulesDir, string ConfigFile);
