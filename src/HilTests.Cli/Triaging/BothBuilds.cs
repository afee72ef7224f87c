using System.Collections.Immutable;
using System.Diagnostics;
using HilTests.Lab;
using HilTests.Lab.Cache;
using HilTests.Lab.Kernels;
using HilTests.Lab.Modules;
using HilTests.Lab.Patches;

namespace HilTests.Cli.Triaging;

/// <summary>The modules of one folder, without and with the patch.</summary>
internal sealed record BuiltPair(ModuleFolder Folder, BuiltModules Stock, BuiltModules Patched);

/// <summary>A patch, read, and what it is about on this kernel.</summary>
internal sealed record PatchUnderTest(PatchSeries Series, ImmutableArray<string> Files, ModulePlan Plan, ChangedFunctions Changed, string Sources);

/// <summary>Reads the patch and builds both sides.</summary>
internal sealed class BothBuilds(TriageSettings settings, Action<string> note)
{
    private readonly KernelList _list = KernelList.Load(SourceTree.Find());
    private readonly CacheFolder _cache = CacheFolder.Default();
    private KernelPackage? _kernel;

    /// <summary>What the builds had to say: fuzz, warnings.</summary>
    public List<string> Remarks { get; } = [];

    /// <summary>Seconds that building took.</summary>
    public double Seconds { get; private set; }

    /// <summary>The kernel's package, fetched.</summary>
    public async Task<KernelPackage> KernelAsync(CancellationToken cancellation) =>
        _kernel ??= await new KernelStore(_list, _cache, note).ResolveAsync(settings.Kernel, cancellation).ConfigureAwait(false);

    /// <summary>Finds out what the patch is about.</summary>
    /// <exception cref="PatchException">It is unusable.</exception>
    public async Task<PatchUnderTest> PlanAsync(PatchSeries series, ImmutableArray<string> files, CancellationToken cancellation)
    {
        var kernel = await KernelAsync(cancellation).ConfigureAwait(false);
        // What the package alone can say is said before anything big is unpacked.
        var sources = await ModuleSources.GetAsync(kernel, _list, _cache, note, cancellation).ConfigureAwait(false);
        var plan = ModulePlan.Of(files, sources, kernel);
        return new PatchUnderTest(series, files, plan, ChangedFunctions.Of(series, sources), sources);
    }

    /// <summary>Builds both sides of each folder.</summary>
    /// <exception cref="PatchException">The patch does not apply or does not compile.</exception>
    public async Task<ImmutableArray<BuiltPair>> BuildAsync(PatchUnderTest patch, CancellationToken cancellation)
    {
        var begin = Stopwatch.GetTimestamp();
        var kernel = await KernelAsync(cancellation).ConfigureAwait(false);
        var builder = new ModuleBuilder(_list, _cache, note) { RequiresConfinement = !settings.TrustsPatch, Fuzz = settings.Fuzz, Remark = Remarks.Add };
        var pairs = ImmutableArray.CreateBuilder<BuiltPair>();
        foreach (var folder in patch.Plan.Folders)
        {
            var stock = await builder.BuildAsync(kernel, folder, null, cancellation).ConfigureAwait(false);
            var patched = await builder.BuildAsync(kernel, folder, patch.Series, cancellation).ConfigureAwait(false);
            pairs.Add(new BuiltPair(folder, stock, patched));
        }
        Seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        return pairs.ToImmutable();
    }
}
