namespace HilTests.Lab.Images;

/// <summary>A kernel's first file system, ready for QEMU.</summary>
/// <param name="Initramfs">The archive.</param>
/// <param name="KernelParameters">Words the fragments add to the kernel's command line.</param>
/// <param name="ModulesLeftOut">Modules the fragments name that this kernel does not have.</param>
/// <param name="CacheEntry">The folder of the cache that holds it.</param>
public sealed record MachineImage(
    string Initramfs, IReadOnlyList<string> KernelParameters, IReadOnlyList<string> ModulesLeftOut, string CacheEntry);

/// <summary>A kernel module to use in place of the packaged one.</summary>
/// <param name="Name">The module's name, such as <c>vhost_net</c>.</param>
/// <param name="Path">The .ko file on this machine, not compressed.</param>
public sealed record ModuleOverride(string Name, string Path)
{
    /// <summary>The same module with debug information, for decoding traces; null where there is none.</summary>
    public string? DebugPath { get; init; }

    /// <summary>The kernel has no such module: it comes into the image besides the others, as /lib/modules/NAME.ko, and nothing loads it by itself.</summary>
    public bool IsAddition { get; init; }

    /// <summary>Of an addition: what has to be loaded before it, in this order; modules of the image, or other additions.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];
}
