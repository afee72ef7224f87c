using HilTests.Lab.Cache;
using HilTests.Lab.Images;
using HilTests.Lab.Kernels;

namespace HilTests.Lab.Machines;

/// <summary>What has to be built before a VM can start.</summary>
internal sealed record MachineParts(KernelPackage Kernel, MachineImage Image, string AgentBuild)
{
    /// <summary>Finds or builds everything; quick when nothing changed.</summary>
    public static async Task<MachineParts> PrepareAsync(MachineOptions options, CacheFolder cache, CancellationToken cancellation)
    {
        var tree = SourceTree.Find();
        var kernel = await new KernelStore(KernelList.Load(tree), cache, options.Progress)
            .ResolveAsync(options.Kernel, cancellation).ConfigureAwait(false);
        var (agent, build) = await new AgentBuilder(tree, cache, options.Progress).GetAsync(cancellation).ConfigureAwait(false);
        var image = await new ImageBuilder(tree, cache, options.Progress)
            .GetAsync(kernel, agent, build, options.ModuleOverrides, cancellation).ConfigureAwait(false);
        return new MachineParts(kernel, image, build);
    }

    /// <summary>After a boot that failed: reads every byte of what was booted; what is damaged is removed.</summary>
    /// <returns>Words for the error, empty when all is well.</returns>
    public string FindDamage()
    {
        string[] damaged =
        [
            .. new[] { Path.GetDirectoryName(Kernel.VmlinuxPvh)!, Image.CacheEntry }.Where(folder => !CacheFolder.VerifyFully(folder)),
        ];
        return damaged.Length == 0
            ? ""
            : $"\nThese cache entries were damaged and have been removed, so trying again builds them anew: {string.Join(", ", damaged)}";
    }
}
