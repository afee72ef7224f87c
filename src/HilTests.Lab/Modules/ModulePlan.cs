using System.Collections.Immutable;
using System.Text.RegularExpressions;
using HilTests.Lab.Kernels;

namespace HilTests.Lab.Modules;

/// <summary>Which folders have to be rebuilt for a patch.</summary>
/// <param name="Folders">At least one.</param>
/// <param name="Notes">What of the patch is not rebuilt, and does not matter to a module; what is shared with code that is not rebuilt.</param>
public sealed partial record ModulePlan(ImmutableArray<ModuleFolder> Folders, ImmutableArray<string> Notes)
{
    private static readonly string[] Words = ["Documentation/", "MAINTAINERS", "tools/", "samples/", "LICENSES/", ".mailmap", "CREDITS"];

    /// <summary>Decides by the files that a patch touches.</summary>
    /// <param name="touched">Names below the kernel's root.</param>
    /// <param name="sources">The kernel's sources, as far as they are here.</param>
    /// <param name="kernel">The running kernel, which says what is built in.</param>
    /// <exception cref="PatchException">Something is touched that cannot be rebuilt, or nothing that can.</exception>
    public static ModulePlan Of(IReadOnlyList<string> touched, string sources, KernelPackage kernel)
    {
        var folders = new List<ModuleFolder>();
        var notes = new List<string>();
        foreach (string file in touched)
        {
            var holders = ModuleFolder.All.Where(f => f.Holds(file)).ToList();
            if (holders.Count == 0 && file.StartsWith("include/", StringComparison.Ordinal))
            {
                holders = [.. ModuleFolder.All.Where(f => Includes(sources, f, file))];
                if (holders.Count > 0)
                    notes.Add($"{file} is also used by code that is not rebuilt; only {string.Join(" and ", holders.Select(f => f.Path))} see the change");
            }
            if (holders.Count > 0)
                folders.AddRange(holders);
            else if (IsNoCode(file))
                notes.Add($"{file} is no code of a module and is left out");
            else
                throw new PatchException($"{file} cannot be rebuilt: {WhyNot(file, kernel)}");
        }
        return folders.Count > 0
            ? new ModulePlan([.. ModuleFolder.All.Where(folders.Contains)], [.. notes])
            : throw new PatchException($"nothing that can be rebuilt is touched: {string.Join(", ", touched.Take(5))}{(touched.Count > 5 ? " …" : "")}; {WhatCan}");
    }

    /// <summary>Sees to it that a patch changes nothing that is not built from one folder.</summary>
    /// <exception cref="PatchException">It does, or touches nothing of the folder.</exception>
    internal static void RequireRebuilt(IReadOnlyList<string> touched, ModuleFolder folder)
    {
        bool Matters(string file) => folder.Holds(file) || file.StartsWith("include/", StringComparison.Ordinal);
        if (!touched.Any(Matters))
            throw new PatchException($"nothing that can be rebuilt is touched: {string.Join(", ", touched)}; modules are built from {folder.Path}");
        // A patch that is applied in part would be judged as if it were whole.
        var outside = touched.Where(f => !Matters(f) && !IsNoCode(f) && !ModuleFolder.All.Any(o => o.Holds(f))).ToList();
        if (outside.Count > 0)
            throw new PatchException($"the patch also changes {string.Join(", ", outside)}, which is not rebuilt; modules are built from {folder.Path} alone");
    }

    private static string WhatCan => $"modules are built from {string.Join(" and ", ModuleFolder.All.Select(f => f.Path))}";

    private static bool IsNoCode(string file) => Words.Any(w => file.StartsWith(w, StringComparison.Ordinal)) || file.EndsWith(".rst", StringComparison.Ordinal);

    private static string WhyNot(string file, KernelPackage kernel)
    {
        string folder = Path.GetDirectoryName(file) ?? "";
        string list = Path.Combine(kernel.ModulesDir, "modules.dep");
        var modules = File.Exists(list)
            ? File.ReadLines(list).Select(l => l.Split(':')[0]).Where(m => Path.GetDirectoryName(m) == $"kernel/{folder}").Select(m => Path.GetFileName(m).Split('.')[0]).ToList()
            : [];
        string own = Path.GetFileNameWithoutExtension(file).Replace('-', '_');
        if (modules.FirstOrDefault(m => m.Replace('-', '_') == own) is { } module)
            return $"it is the module {module}, which no program here uses; {WhatCan}";
        return modules.Count > 0
            ? $"it is built into kernel {kernel.Release}, or a part of {string.Join(", ", modules.Take(4))}{(modules.Count > 4 ? " …" : "")}, which no program here uses; {WhatCan}"
            : $"it is built into kernel {kernel.Release} or not in it at all, and only modules can be swapped; {WhatCan}";
    }

    /// <summary>Whether a file of the folder includes the header, itself or through others.</summary>
    private static bool Includes(string sources, ModuleFolder folder, string header)
    {
        var seen = new HashSet<string>();
        string own = Path.Combine(sources, folder.Path);
        var open = new Queue<string>(Directory.Exists(own) ? Directory.GetFiles(own).Where(f => f.EndsWith(".c", StringComparison.Ordinal) || f.EndsWith(".h", StringComparison.Ordinal)) : []);
        while (open.TryDequeue(out string? file))
        {
            foreach (Match match in Include().Matches(File.ReadAllText(file)))
            {
                foreach (string place in (string[])["include", "include/uapi"])
                {
                    string name = $"{place}/{match.Groups[1].Value}";
                    if (!seen.Add(name)) continue;
                    if (name == header) return true;
                    if (File.Exists(Path.Combine(sources, name))) open.Enqueue(Path.Combine(sources, name));
                }
            }
        }
        return false;
    }

    [GeneratedRegex(@"^\s*#\s*include\s*[<""]([^>""]+)[>""]", RegexOptions.Multiline)]
    private static partial Regex Include();
}
