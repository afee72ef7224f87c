using System.Collections.Immutable;
using HilTests.Cli.Triaging;
using HilTests.Lab.Host;
using HilTests.Lab.Images;
using HilTests.Lab.Modules;
using HilTests.Lab.Patches;

namespace HilTests.Cli.Nightly;

/// <summary>Modules of a kernel with patches that a lab carries.</summary>
/// <param name="Modules">To be swapped into machines of that kernel; none where no patches are carried.</param>
/// <param name="Hash">Of the patches; empty for none.</param>
internal sealed record CarriedPatches(ImmutableArray<ModuleOverride> Modules, string Hash)
{
    /// <summary>Builds them, confined as <c>hil triage</c> does.</summary>
    /// <exception cref="PatchInputException">One of them cannot be read, or is no patch.</exception>
    /// <exception cref="PatchException">They do not apply, do not compile, or touch nothing that can be rebuilt.</exception>
    public static async Task<CarriedPatches> BuildAsync(string kernel, IReadOnlyList<string> patches, Action<string> note, CancellationToken cancellation)
    {
        if (patches.Count == 0) return new CarriedPatches([], "");
        var series = PatchSeries.Of(await new PatchReader(Stream.Null).ReadAsync(patches, cancellation).ConfigureAwait(false));
        var files = await TouchedFiles.OfAsync(series, cancellation).ConfigureAwait(false);
        await HostRequirements.EnsureAsync(note, cancellation).ConfigureAwait(false);
        var builds = new BothBuilds(new TriageSettings { Command = "", Patches = patches, Kernel = kernel }, note);
        var plan = await builds.PlanAsync(series, files, cancellation).ConfigureAwait(false);
        var pairs = await builds.BuildAsync(plan, cancellation).ConfigureAwait(false);
        return new CarriedPatches([.. pairs.SelectMany(p => p.Patched.ToOverrides())], series.Hash);
    }
}
