using HilTests.Lab.Images;

namespace HilTests.Lab.Modules;

/// <summary>Kernel modules built from source.</summary>
/// <param name="Folder">The source folder they come from, such as <c>fs/f2fs</c>.</param>
/// <param name="Files">By module name as the kernel gives it (<c>vhost_net</c>): the .ko to load, without debug information.</param>
/// <param name="DebugFiles">The same modules with debug information, for decoding.</param>
public sealed record BuiltModules(string Folder, IReadOnlyDictionary<string, string> Files, IReadOnlyDictionary<string, string> DebugFiles)
{
    /// <summary>The modules as what a machine takes in place of its own: at its start, or swapped in later.</summary>
    public IReadOnlyList<ModuleOverride> ToOverrides() =>
        [.. Files.Select(f => new ModuleOverride(f.Key, f.Value) { DebugPath = DebugFiles.GetValueOrDefault(f.Key) })];
}
