using HilTests.Lab.Cache;
using HilTests.Lab.Images;
using HilTests.Lab.Kernels;

namespace HilTests.Lab.Modules;

/// <summary>The project's own modules behind the device vhost-net-async, as additions to an image.</summary>
public static class AsyncLinkModules
{
    /// <summary>The device that they make.</summary>
    public const string Device = "vhost-net-async";

    private static readonly Dictionary<string, string[]> Needs = new() { ["mp"] = [], ["vhost_net_async"] = ["vhost_iotlb", "vhost", "tun", "tap", "mp"] };

    /// <summary>Builds them; what was built before comes from the cache.</summary>
    /// <param name="kernel">The kernel's name in <c>hil kernels</c>.</param>
    /// <param name="progress">Told what takes time.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="InfrastructureException">Headers, sources or a compiler are missing, or this kernel's vhost is another than they know.</exception>
    public static async Task<IReadOnlyList<ModuleOverride>> BuildAsync(string kernel, Action<string>? progress, CancellationToken cancellation)
    {
        var (list, cache) = (KernelList.Load(SourceTree.Find()), CacheFolder.Default());
        var package = await new KernelStore(list, cache, progress).ResolveAsync(kernel, cancellation).ConfigureAwait(false);
        var built = await new ModuleBuilder(list, cache, progress).BuildAsync(package, ModuleFolder.Own.Single(f => f.Device == Device), null, cancellation).ConfigureAwait(false);
        return [.. built.ToOverrides().OrderBy(o => o.Name, StringComparer.Ordinal).Select(o => o with { IsAddition = true, Needs = Needs[o.Name] })];
    }
}
