using System.ComponentModel;
using System.Runtime.InteropServices;
using LibcBoot = HilTests.Uapi.Libc.Boot;

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
    private const int EEXIST = 17;

    /// <summary>Loads what the boot list names.</summary>
    /// <returns>One line for each module that did not load: path and errno.</returns>
    public static IReadOnlyList<string> LoadBootList()
    {
        var failures = new List<string>();
        if (!File.Exists(BootList))
            return failures;
        foreach (string line in File.ReadLines(BootList))
        {
            if (line.Length == 0)
                continue;
            int space = line.IndexOf(' ');
            string path = space < 0 ? line : line[..space];
            string parameters = space < 0 ? "" : line[(space + 1)..];
            if (Insert(path, parameters) is not (0 or EEXIST) and var errno)
                failures.Add($"module-failed path={path} errno={errno}");
        }
        return failures;
    }

    /// <summary>Loads a module of the image and what it needs. One that is loaded or built in is fine.</summary>
    /// <param name="name">The module's name; '-' and '_' are the same.</param>
    /// <param name="parameters">As after the name on insmod's command line; may be empty.</param>
    /// <exception cref="FileNotFoundException">The image does not hold it.</exception>
    /// <exception cref="Win32Exception">The kernel refused it; carries the errno.</exception>
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

    private static void Require(string path, string parameters)
    {
        int errno = Insert(path, parameters);
        if (errno is not (0 or EEXIST))
            throw new Win32Exception(errno, $"finit_module {path} '{parameters}': errno {errno}");
    }

    /// <returns>0 or the errno.</returns>
    private static int Insert(string path, string parameters)
    {
        if (!File.Exists(path))
            return 2;
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        long result = LibcBoot.finit_module(LibcBoot.SYS_finit_module, (int)file.DangerousGetHandle(), parameters, 0);
        return result == 0 ? 0 : Marshal.GetLastPInvokeError();
    }
}
