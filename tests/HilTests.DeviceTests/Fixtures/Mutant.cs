using HilTests.Lab;
using HilTests.Lab.Cache;
using HilTests.Lab.Host;
using HilTests.Lab.Images;
using HilTests.Lab.Kernels;
using HilTests.Lab.Machines;
using HilTests.Lab.Modules;

namespace HilTests.DeviceTests.Fixtures;

/// <summary>A kernel patch of the project that breaks a rule on purpose, or changes nothing that can be seen.</summary>
/// <param name="Device">whose modules it changes</param>
/// <param name="Path">the patch file</param>
public sealed record Mutant(string Device, string Path)
{
    /// <summary>The rule it breaks, as its first line says.</summary>
    public string BrokenRule => FirstLine.Split(' ')[1].TrimEnd(':');

    private string FirstLine => File.ReadLines(Path).First();

    /// <summary>All mutants of a device.</summary>
    public static IEnumerable<Mutant> Of(string device, string folder = "") =>
        Directory.EnumerateFiles(SourceTree.Find().At("vm-images", "mutants", device, folder), "*.patch")
            .Order(StringComparer.Ordinal)
            .Select(path => new Mutant(device, path));

    /// <summary>Builds its modules and describes a machine that runs them.</summary>
    public async Task<MachineOptions> BuildAsync(CancellationToken cancellation)
    {
        Action<string> progress = line => TestContext.Progress.WriteLine(line);
        await HostRequirements.EnsureAsync(progress, cancellation);
        var list = KernelList.Load(SourceTree.Find());
        var kernel = await new KernelStore(list, CacheFolder.Default(), progress).ResolveAsync("bookworm", cancellation);
        var built = await new ModuleBuilder(list, CacheFolder.Default(), progress).BuildAsync(kernel, SourceFolder, [Path], cancellation);
        return new MachineOptions { ModuleOverrides = [.. built.Files.Select(f => new ModuleOverride(f.Key, f.Value) { DebugPath = built.DebugFiles.GetValueOrDefault(f.Key) })] };
    }

    private string SourceFolder => Device == "f2fs" ? "fs/f2fs" : "drivers/vhost";

    /// <inheritdoc/>
    public override string ToString() => System.IO.Path.GetFileNameWithoutExtension(Path);
}
