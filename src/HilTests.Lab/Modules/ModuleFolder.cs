namespace HilTests.Lab.Modules;

/// <summary>A folder of the kernel's sources from which modules are built.</summary>
/// <param name="Path">Below the kernel's root: <c>fs/f2fs</c>.</param>
/// <param name="Device">The device whose programs run on its modules.</param>
/// <param name="Headers">
/// Files of <c>include/</c> that belong to it. They lie in the work tree beside it, so that a patch to one compiles anew just what includes it.
/// </param>
/// <param name="Settings">What is switched off because only modules that nobody asks for would be built by it; words for make.</param>
public sealed record ModuleFolder(string Path, string Device, IReadOnlyList<string> Headers, IReadOnlyList<string> Settings)
{
    /// <summary>The folders that can be built.</summary>
    public static IReadOnlyList<ModuleFolder> All { get; } =
    [
        new("fs/f2fs", "f2fs", ["include/trace/events/f2fs.h", "include/linux/f2fs_fs.h", "include/uapi/linux/f2fs.h"], []),
        new("drivers/vhost", "vhost-net", ["include/uapi/linux/vhost.h", "include/uapi/linux/vhost_types.h", "include/linux/vhost_iotlb.h"],
            ["CONFIG_VHOST_SCSI=", "CONFIG_VHOST_VSOCK=", "CONFIG_VHOST_VDPA="]),
    ];

    /// <summary>Folders of this project that modules are built from; the path is below the project's root.</summary>
    public static IReadOnlyList<ModuleFolder> Own { get; } =
    [
        new("vm-images/kernel-modules/vhost_net_async", "vhost-net-async", [], []) { Borrowed = ["drivers/vhost/vhost.h"] },
    ];

    /// <summary>Private headers of the kernel that lie beside the files of one of the project's own folders when it is built.</summary>
    public IReadOnlyList<string> Borrowed { get; private init; } = [];

    /// <summary>Whether it is one of the project's own.</summary>
    public bool IsOwn => Own.Contains(this);

    /// <summary>The folder of this path.</summary>
    /// <exception cref="ArgumentException">It cannot be built.</exception>
    public static ModuleFolder Get(string path) => All.Concat(Own).FirstOrDefault(f => f.Path == path)
        ?? throw new ArgumentException($"modules of {path} cannot be built; known: {string.Join(", ", All.Concat(Own).Select(f => f.Path))}", nameof(path));

    /// <summary>Whether a change of the file changes its modules for sure.</summary>
    public bool Holds(string file) => file.StartsWith(Path + "/", StringComparison.Ordinal) || Headers.Contains(file);
}
