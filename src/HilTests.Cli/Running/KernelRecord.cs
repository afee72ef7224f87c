using System.Collections.Immutable;
using System.Security.Cryptography;
using HilTests.Core.Results;
using HilTests.Lab;
using HilTests.Lab.Cache;
using HilTests.Lab.Images;
using HilTests.Lab.Kernels;
using HilTests.Models;
using LabFacts = HilTests.Lab.Machines.MachineFacts;

namespace HilTests.Cli.Running;

/// <summary>What a kernel and its modules were when a program was recorded.</summary>
/// <param name="Release"><c>uname -r</c>; null where it is not known</param>
/// <param name="Modules">modules under test with the SHA-256 of their files; empty where not known</param>
internal sealed record KernelRecord(string? Release, ImmutableSortedDictionary<string, string> Modules)
{
    /// <summary>Says how another kernel differs from this record; null where it does not.</summary>
    public string? Difference(KernelFacts kernel)
    {
        if (Release is not null && Release != kernel.Release) return $"it was recorded on kernel {Release}, this one is {kernel.Release}";
        var other = Modules.Where(m => kernel.Modules.TryGetValue(m.Key, out var hash) && hash != m.Value).Select(m => m.Key).ToList();
        return other.Count == 0 ? null : $"it was recorded with other builds of {string.Join(", ", other)}";
    }

    /// <summary>Names the kernel of a machine that has come up, with the hashes of the modules under test.</summary>
    public static async Task<KernelFacts> DescribeAsync(
        RunSettings settings, LabFacts machine, IEnumerable<DeviceSuite> suites, CancellationToken cancellation)
    {
        var isLocal = settings.Machine == MachineKind.Local;
        // What is loaded counts; the files may be others by now.
        if (isLocal)
            return new KernelFacts("host", machine.KernelRelease, null, machine.ModuleVersions.ToImmutableSortedDictionary(m => m.Key, m => $"srcversion:{m.Value}"));
        var kernel = await new KernelStore(KernelList.Load(SourceTree.Find()), CacheFolder.Default(), null)
            .ResolveAsync(settings.Kernel, cancellation).ConfigureAwait(false);
        var package = kernel.Packages.Count > 0 ? kernel.Packages[0].ToString() : $"{kernel.Origin} (sha256:{kernel.Identity})";
        return new KernelFacts(settings.Kernel, machine.KernelRelease, package, Hashes(kernel.ModulesDir, suites).SetItems(settings.SwappedModules.Select(Hashed)));
    }

    /// <summary>What was put in the place of the package's counts.</summary>
    private static KeyValuePair<string, string> Hashed(ModuleOverride module)
    {
        using var file = File.OpenRead(module.Path);
        return new(module.Name, Convert.ToHexStringLower(SHA256.HashData(file)));
    }

    private static ImmutableSortedDictionary<string, string> Hashes(string folder, IEnumerable<DeviceSuite> suites)
    {
        var wanted = suites.SelectMany(s => s.Modules).ToHashSet();
        var list = Path.Combine(folder, "modules.dep");
        if (!File.Exists(list)) return ImmutableSortedDictionary<string, string>.Empty;
        var hashes = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(list))
        {
            var path = line.Split(':')[0];
            var name = Path.GetFileName(path).Split('.')[0].Replace('-', '_');
            if (!wanted.Contains(name)) continue;
            using var file = File.OpenRead(Path.Combine(folder, path));
            hashes[name] = Convert.ToHexStringLower(SHA256.HashData(file));
        }
        return hashes.ToImmutable();
    }
}
