using System.Globalization;
using HilTests.Lab.Kernels;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Modules;

/// <summary>The compiler for a kernel's modules.</summary>
/// <param name="Name">The program.</param>
/// <param name="Version">The first line of what it says of itself, made fit for a file's name; part of the key of what it compiled.</param>
internal sealed record ModuleCompiler(string Name, string Version)
{
    private const string VersionSetting = "CONFIG_GCC_VERSION=";

    /// <summary>The kernel's own compiler where it is installed, else gcc 12 or the usual one.</summary>
    /// <exception cref="InfrastructureException">Every one here is older than the kernel's own, whose options its configuration asks for.</exception>
    public static async Task<ModuleCompiler> FindAsync(KernelPackage kernel, CancellationToken cancellation)
    {
        int own = kernel.ConfigFile.Length > 0 ? VersionOf(File.ReadLines(kernel.ConfigFile)) : 0;
        string compiler = new[] { $"gcc-{own}", "gcc-12" }.FirstOrDefault(c => Programs.Find(c) is not null) ?? "gcc";
        var told = await new Command(compiler, "-dumpversion").MustAsync("ask the compiler for its version", cancellation).ConfigureAwait(false);
        int here = int.TryParse(told.Output.Trim().Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major) ? major : 0;
        string version = (await new Command(compiler, "--version").MustAsync("ask the compiler for its version", cancellation).ConfigureAwait(false)).Output.Split('\n')[0];
        return here >= own
            ? new ModuleCompiler(compiler, string.Concat(version.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+' or '~' ? c : '_')))
            : throw new InfrastructureException(
                $"modules for {kernel.Name} cannot be built on this machine: the kernel was compiled by gcc {own} and asks for its options, here is " +
                $"gcc {here}. Install gcc-{own}, take a kernel of this suite or an older one, or build on a machine of that suite");
    }

    /// <summary>The major version of gcc that a kernel configuration names; 0 where it names none.</summary>
    internal static int VersionOf(IEnumerable<string> config) =>
        config.FirstOrDefault(l => l.StartsWith(VersionSetting, StringComparison.Ordinal)) is { } line
        && int.TryParse(line[VersionSetting.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int version)
            ? version / 10_000
            : 0;
}
