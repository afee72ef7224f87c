using HilTests.Lab.Cache;
using HilTests.Lab.Kernels;

namespace HilTests.Lab.Modules;

/// <summary>The sources of a kernel, for reading.</summary>
public static class ModuleSources
{
    /// <summary>Fetches and unpacks them once.</summary>
    /// <returns>The folder that stands for the kernel's root; it holds the folders that modules are built from and <c>include</c>.</returns>
    /// <exception cref="InfrastructureException">They cannot be had.</exception>
    public static Task<string> GetAsync(KernelPackage kernel, KernelList list, CacheFolder cache, Action<string>? progress, CancellationToken cancellation) =>
        new SourceTreeStore(list, cache, progress).SourcesAsync(kernel, cancellation);
}
