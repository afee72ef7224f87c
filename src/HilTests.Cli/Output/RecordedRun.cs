using System.Collections.Immutable;
using HilTests.Cli.Running;
using HilTests.Core.Results;
using HilTests.Lab.Images;
using HilTests.Reporting;

namespace HilTests.Cli.Output;

/// <summary>What <c>hil replay</c> must know of the run that a program was recorded in: the file <c>kernel.txt</c> of its folder.</summary>
/// <param name="KernelName">what <c>--kernel</c> was</param>
/// <param name="Machine"><c>qemu</c> or <c>local</c></param>
/// <param name="Kernel">what the kernel was found to be</param>
/// <param name="Swapped">modules that were put in the place of the kernel's own, with their files</param>
internal sealed record RecordedRun(string KernelName, string Machine, KernelRecord Kernel, ImmutableArray<ModuleOverride> Swapped)
{
    private const string FileName = "kernel.txt";

    /// <summary>
    /// Writes the file: lines of <c>name NAME</c>, <c>machine KIND</c>, <c>release RELEASE</c>, <c>module NAME SHA256</c>, and, for modules that lie in the
    /// run's folder, <c>swap NAME FILE</c>.
    /// </summary>
    /// <exception cref="IOException">disk full and the like</exception>
    public static void Write(string folder, RunResult run)
    {
        if (run.Profile is null) return;
        ResultFolder.WriteFile(Path.Combine(folder, FileName), writer =>
        {
            writer.WriteLine($"name {run.Kernel.Name}");
            writer.WriteLine($"machine {run.Machine.Kind}");
            writer.WriteLine($"release {run.Kernel.Release}");
            foreach (var (module, hash) in run.Kernel.Modules) writer.WriteLine($"module {module} {hash}");
            foreach (var file in PatchedModules(folder)) writer.WriteLine($"swap {Path.GetFileNameWithoutExtension(file).Replace('-', '_')} {Path.GetRelativePath(folder, file)}");
        });
    }

    /// <summary>Reads the record that belongs to a program or trace of a results folder; null where the file stands alone.</summary>
    /// <exception cref="UsageException">there is a record and it cannot be read</exception>
    public static RecordedRun? FindFor(string programOrTrace)
    {
        var folder = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(programOrTrace)));
        if (folder is null || Path.Combine(folder, FileName) is var file && !File.Exists(file)) return null;
        try
        {
            return Parse(File.ReadAllLines(file), folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new UsageException($"{file}: cannot be read: {e.Message}; name the kernel with --kernel after removing it", e);
        }
    }

    /// <summary>Where a triage keeps the modules that it tried.</summary>
    public static string PatchedFolder(string folder) => Path.Combine(folder, "modules", "patched");

    private static IEnumerable<string> PatchedModules(string folder) =>
        Directory.Exists(PatchedFolder(folder)) ? Directory.GetFiles(PatchedFolder(folder), "*.ko").Order(StringComparer.Ordinal) : [];

    /// <exception cref="FormatException">a line that is none of the five kinds, or a kind is missing</exception>
    internal static RecordedRun Parse(IEnumerable<string> lines, string folder = "")
    {
        var swapped = ImmutableArray.CreateBuilder<ModuleOverride>();
        string? name = null, machine = null, release = null;
        var modules = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var line in lines.Where(l => l.Length > 0))
        {
            var rest = line[(line.IndexOf(' ') + 1)..];
            switch (line.Split(' '))
            {
                case ["name", _, ..]: name = rest; break;
                case ["machine", "qemu" or "local"]: machine = rest; break;
                case ["release", _]: release = rest; break;
                case ["module", var module, var hash]: modules[module] = hash; break;
                case ["swap", var module, var file]: swapped.Add(new ModuleOverride(module, Path.Combine(folder, file))); break;
                default: throw new FormatException($"'{line}' is not understood");
            }
        }
        return name is not null && machine is not null && release is not null
            ? new RecordedRun(name, machine, new KernelRecord(release, modules.ToImmutable()), swapped.ToImmutable())
            : throw new FormatException("name, machine or release is missing");
    }
}
