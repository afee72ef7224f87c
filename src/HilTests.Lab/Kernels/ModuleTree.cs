namespace HilTests.Lab.Kernels;

/// <summary>A module in the order it has to be loaded.</summary>
/// <param name="Name">With '_' for '-'.</param>
/// <param name="RelativePath">Below the modules folder: <c>kernel/fs/f2fs/f2fs.ko</c>.</param>
/// <param name="Dependencies">Names of what has to be loaded before, in order, without this one.</param>
internal sealed record ModuleEntry(string Name, string RelativePath, IReadOnlyList<string> Dependencies);

/// <summary>What a kernel's modules.dep, modules.builtin and modules.softdep say.</summary>
internal sealed class ModuleTree
{
    private readonly Dictionary<string, (string Path, string[] DependsOn)> _modules = new(StringComparer.Ordinal);
    private readonly HashSet<string> _builtin = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _wantedBefore = new(StringComparer.Ordinal);

    public static ModuleTree Load(string modulesDir)
    {
        var tree = new ModuleTree();
        tree.ReadDependencies(File.ReadLines(Path.Combine(modulesDir, "modules.dep")));
        tree.ReadBuiltin(File.ReadLines(Path.Combine(modulesDir, "modules.builtin")));
        string soft = Path.Combine(modulesDir, "modules.softdep");
        if (File.Exists(soft))
            tree.ReadSoftDependencies(File.ReadLines(soft));
        return tree;
    }

    internal void ReadDependencies(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            int colon = line.IndexOf(':');
            if (colon < 0)
                continue;
            // modules.dep lists the nearest dependency first; loading wants the farthest first.
            string[] needs = [.. line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Reverse().Select(NameOf)];
            _modules[NameOf(line[..colon])] = (line[..colon], needs);
        }
    }

    internal void ReadBuiltin(IEnumerable<string> lines)
    {
        foreach (string line in lines.Where(l => l.Length > 0))
            _builtin.Add(NameOf(line));
    }

    internal void ReadSoftDependencies(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            int pre = Array.IndexOf(words, "pre:");
            if (words.Length > 2 && words[0] == "softdep" && pre >= 0)
                _wantedBefore[Normal(words[1])] = [.. words.Skip(pre + 1).TakeWhile(w => w != "post:").Select(Normal)];
        }
    }

    /// <summary>The module's entry; null when it is built in or this kernel does not have it.</summary>
    public ModuleEntry? Find(string name)
    {
        string normal = Normal(name);
        if (!_modules.TryGetValue(normal, out var module))
            return null;
        var order = new List<string>();
        Collect(normal, order, []);
        order.Remove(normal);
        return new ModuleEntry(normal, module.Path, order);
    }

    public bool IsBuiltin(string name) => _builtin.Contains(Normal(name));

    /// <summary>A module's name from its file's: no folder, no .ko or .ko.xz, '_' for '-'.</summary>
    public static string NameOf(string path)
    {
        string file = Path.GetFileName(path);
        int end = file.IndexOf(".ko", StringComparison.Ordinal);
        return Normal(end < 0 ? file : file[..end]);
    }

    private static string Normal(string name) => name.Replace('-', '_');

    private void Collect(string name, List<string> order, HashSet<string> seen)
    {
        if (!seen.Add(name) || !_modules.TryGetValue(name, out var module))
            return; // Built in, an alias, or of another kernel.
        foreach (string soft in _wantedBefore.GetValueOrDefault(name, []))
            Collect(soft, order, seen);
        foreach (string needed in module.DependsOn)
            Collect(needed, order, seen);
        order.Add(name);
    }
}
