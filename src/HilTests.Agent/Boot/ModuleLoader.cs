using HilTests.Uapi;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.Boot;

/// <summary>
/// Loads kernel modules. The image holds two lists, both made by the image builder:
/// <c>/etc/hil/modules</c>, what to load at boot, in order, as <c>PATH [PARAMETERS]</c>;
/// <c>/etc/hil/modules.dep</c>, every module of the image as <c>NAME PATH DEPENDENCY…</c>, dependencies in load order.
/// </summary>
internal static class ModuleLoader
{
    public const string BootList = "/etc/hil/modules";
    public const string DependencyList = "/etc/hil/modules.dep";

    /// <summary>
    /// Loads what the boot list names, one after the other: side by side was slower under TCG, where each module
    /// makes all processors wait for each other several times.
    /// </summary>
    /// <returns>One line for each module that did not load: path, errno and what the kernel said.</returns>
    public static IReadOnlyList<string> LoadBootList()
    {
        var failures = new List<string>();
        if (!File.Exists(BootList))
            return failures;
        using var words = KernelWords.Listen();
        foreach (string line in File.ReadLines(BootList).Where(l => l.Length > 0))
        {
            int space = line.IndexOf(' ');
            string path = space < 0 ? line : line[..space];
            string parameters = space < 0 ? "" : line[(space + 1)..];
            var inserted = LoadedModules.Insert(new ModuleSource(path, parameters));
            if (!Tolerable(inserted))
                failures.Add($"module-failed path={path} errno={inserted.Error}{Said(words.About(Path.GetFileNameWithoutExtension(path)))}");
        }
        return failures;
    }

    /// <summary>Loads a module of the image and what it needs. One that is loaded or built in is fine.</summary>
    /// <param name="name">The module's name; '-' and '_' are the same.</param>
    /// <param name="parameters">As after the name on insmod's command line; may be empty.</param>
    /// <exception cref="FileNotFoundException">The image does not hold it.</exception>
    /// <exception cref="SyscallException">The kernel refused it; carries the errno.</exception>
    public static void Load(string name, string parameters = "")
    {
        string wanted = name.Replace('-', '_');
        if (Directory.Exists($"/sys/module/{wanted}"))
            return;
        string[] entry = File.ReadLines(DependencyList).Select(l => l.Split(' ')).FirstOrDefault(f => f[0] == wanted)
            ?? throw new FileNotFoundException($"module {name} is not in this image ({DependencyList} does not name it)");
        foreach (string dependency in entry.Skip(2))
            Require(dependency, "");
        Require(entry[1], parameters);
    }

    private static string Said(IReadOnlyList<string> lines) => lines.Count == 0 ? "" : $" kernel says: {string.Join("; ", lines)}";

    private static void Require(string path, string parameters)
    {
        var inserted = LoadedModules.Insert(new ModuleSource(path, parameters));
        if (!Tolerable(inserted))
            inserted.OrThrow($"load a kernel module with parameters '{parameters}'");
    }

    /// <summary>One that is there already is as good as one that was loaded.</summary>
    private static bool Tolerable(SyscallResult inserted) => inserted.Ok || inserted.Error == Errno.EEXIST;
}
