using HilTests.Lab;
using HilTests.Lab.Cache;
using HilTests.Lab.Host;
using HilTests.Lab.Images;
using HilTests.Lab.Kernels;
using HilTests.Lab.Modules;

namespace HilTests.DeviceTests.Fixtures;

/// <summary>Modules built for the kernel that tests run on.</summary>
public static class BuiltKernel
{
    /// <summary>Builds the modules of a source folder, with patches.</summary>
    public static async Task<IReadOnlyList<ModuleOverride>> ModulesAsync(string folder, IReadOnlyList<string> patches, CancellationToken cancellation)
    {
        Action<string> progress = line => TestContext.Progress.WriteLine(line);
        await HostRequirements.EnsureAsync(progress, cancellation);
        var list = KernelList.Load(SourceTree.Find());
        var kernel = await new KernelStore(list, CacheFolder.Default(), progress).ResolveAsync("bookworm", cancellation);
        var built = await new ModuleBuilder(list, CacheFolder.Default(), progress).BuildAsync(kernel, folder, patches, cancellation);
        return built.ToOverrides();
    }

    /// <summary>The file of one of the project's mutants.</summary>
    public static string MutantFile(string device, string name) => SourceTree.Find().At("tests", "mutants", device, name + ".patch");
}
