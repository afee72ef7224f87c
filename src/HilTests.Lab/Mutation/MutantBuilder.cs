using System.Security.Cryptography;
using HilTests.Lab.Cache;
using HilTests.Lab.Kernels;
using HilTests.Lab.Modules;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Mutation;

/// <summary>Builds mutants for one kernel, and draws new ones from its sources.</summary>
public sealed class MutantBuilder
{
    private static readonly Dictionary<string, string> Folders = new() { ["vhost-net"] = "drivers/vhost", ["f2fs"] = "fs/f2fs", ["vhost-net-async"] = "vm-images/kernel-modules/vhost_net_async" };

    private readonly KernelPackage _kernel;
    private readonly ModuleBuilder _builder;
    private readonly SourceTreeStore _sources;

    private MutantBuilder(KernelPackage kernel, KernelList list, CacheFolder cache, Action<string>? progress)
    {
        _kernel = kernel;
        // What is built is told by whoever asks for it.
        _builder = new ModuleBuilder(list, cache, null);
        _sources = new SourceTreeStore(list, cache, progress);
    }

    /// <summary>The kernel's version, as its source package has it.</summary>
    public string KernelVersion => _kernel.PackageVersion;

    /// <summary>Prepares to build for a kernel.</summary>
    /// <exception cref="UnknownKernelException">No such kernel.</exception>
    /// <exception cref="InfrastructureException">It cannot be had.</exception>
    public static async Task<MutantBuilder> ForAsync(string kernel, Action<string>? progress, CancellationToken cancellation)
    {
        var (list, cache) = (KernelList.Load(SourceTree.Find()), CacheFolder.Default());
        var package = await new KernelStore(list, cache, progress).ResolveAsync(kernel, cancellation).ConfigureAwait(false);
        return new MutantBuilder(package, list, cache, progress);
    }

    /// <summary>The folder of the kernel that holds a device's modules.</summary>
    /// <exception cref="ArgumentException">The device's modules cannot be built.</exception>
    public static string SourceFolder(string device) =>
        Folders.TryGetValue(device, out string? folder) ? folder : throw new ArgumentException($"the modules of {device} cannot be built; known: {string.Join(", ", Folders.Keys)}", nameof(device));

    /// <summary>Builds a mutant; what was built before comes from the cache.</summary>
    /// <exception cref="PatchException">It does not apply or does not compile.</exception>
    /// <exception cref="InfrastructureException">Sources or tools are missing.</exception>
    public Task<BuiltModules> BuildAsync(Mutant mutant, CancellationToken cancellation) =>
        _builder.BuildAsync(_kernel, SourceFolder(mutant.Device), [mutant.Path], cancellation);

    /// <summary>
    /// Draws mutants and keeps those that compile to other code than the original; writes each as a patch.
    /// </summary>
    /// <param name="device">Whose modules.</param>
    /// <param name="files">File names in the device's source folder.</param>
    /// <param name="isRun">Whether a function, by its file and its name, belongs to the device under test.</param>
    /// <param name="seed">The draw's seed.</param>
    /// <param name="count">How many to keep.</param>
    /// <param name="into">The folder for the patches; made if need be.</param>
    /// <param name="told">Told of each that was drawn, and what became of it: <c>kept</c>, <c>does not compile</c>, <c>same code</c>.</param>
    /// <param name="cancellation">Ends it; what was kept stays.</param>
    /// <returns>How many were kept.</returns>
    public async Task<int> SampleAsync(
        string device, IReadOnlyList<string> files, Func<string, string, bool> isRun, ulong seed, int count, string into, Action<Mutation, string> told, CancellationToken cancellation)
    {
        string folder = SourceFolder(device);
        string root = await _sources.SourcesAsync(_kernel, cancellation).ConfigureAwait(false);
        var sources = files.Select(f => CSource.Parse($"{folder}/{f}", File.ReadAllText(Path.Combine(root, folder, f)))).ToList();
        string original = await CodeOfAsync(await _builder.BuildAsync(_kernel, folder, [], cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        Directory.CreateDirectory(into);
        int kept = 0;
        foreach (var mutation in MutationSampler.Draw(sources, isRun, seed))
        {
            if (kept == count)
                break;
            string path = Path.Combine(into, mutation.Name + ".patch");
            string head = $"Breaks {mutation.Function}: {mutation.Description}\nMade-by: hil audit sample {device} --seed {seed}, kernel {_kernel.PackageVersion}\n\n";
            await File.WriteAllTextAsync(path, head + mutation.ToPatch(), cancellation).ConfigureAwait(false);
            string became;
            try
            {
                var built = await _builder.BuildAsync(_kernel, folder, [path], cancellation).ConfigureAwait(false);
                became = await CodeOfAsync(built, cancellation).ConfigureAwait(false) == original ? "same code" : "kept";
            }
            catch (PatchException e)
            {
                became = e.Message.Contains("does not apply", StringComparison.Ordinal) ? throw new InfrastructureException(e.Message, e) : "does not compile";
            }
            if (became == "kept")
                kept++;
            else
                File.Delete(path);
            told(mutation, became);
        }
        return kept;
    }

    /// <summary>A hash of the modules without what changes with the text of the sources alone.</summary>
    private static async Task<string> CodeOfAsync(BuiltModules built, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, file) in built.Files.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            string bare = Path.GetTempFileName();
            try
            {
                await new Command("objcopy", "--strip-debug", "-R", ".note*", "-R", ".modinfo", "-R", ".gnu_debuglink", file, bare).MustAsync($"compare {file}", cancellation).ConfigureAwait(false);
                hash.AppendData(await File.ReadAllBytesAsync(bare, cancellation).ConfigureAwait(false));
            }
            finally
            {
                File.Delete(bare);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
