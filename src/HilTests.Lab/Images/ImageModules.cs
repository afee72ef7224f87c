using HilTests.Lab.Kernels;
using HilTests.Lab.Processes;

namespace HilTests.Lab.Images;

/// <summary>Puts kernel modules into an image, with what they need, and the lists by which the agent loads them.</summary>
internal sealed class ImageModules(CpioWriter cpio, KernelPackage kernel, IReadOnlyList<ModuleOverride> overrides)
{
    private readonly ModuleTree _tree = ModuleTree.Load(kernel.ModulesDir);
    private readonly Dictionary<string, string> _replaced = overrides.Where(o => !o.IsAddition).ToDictionary(o => o.Name.Replace('-', '_'), o => o.Path);
    private readonly Dictionary<string, (string Path, ModuleEntry Entry)> _inImage = new(StringComparer.Ordinal);

    /// <returns>Modules this kernel does not have.</returns>
    /// <exception cref="InfrastructureException">A module cannot be read, or one that is not in the image is to be replaced.</exception>
    public async Task<List<string>> AddAsync(ImageFragment fragment, CancellationToken cancellation)
    {
        var leftOut = new List<string>();
        var bootList = new List<string>();
        foreach (var (name, parameters) in fragment.Boot)
            bootList.AddRange(await AddOneAsync(name, parameters, leftOut, cancellation).ConfigureAwait(false));
        foreach (string name in fragment.Modules)
            await AddOneAsync(name, "", leftOut, cancellation).ConfigureAwait(false);
        foreach (var addition in overrides.Where(o => o.IsAddition))
            cpio.File($"/lib/modules/{addition.Name}.ko", await ReadAsync(addition.Path, cancellation).ConfigureAwait(false), 0x1a4);
        string? stray = _replaced.Keys.FirstOrDefault(name => !_inImage.ContainsKey(name));
        if (stray is not null)
        {
            throw new InfrastructureException(
                $"the module {stray} is to be replaced, but the image for {kernel.Release} does not hold it; name it in vm-images/fragments");
        }
        cpio.Text("etc/hil/modules", string.Concat(bootList.Distinct().Select(l => l + "\n")));
        cpio.Text("etc/hil/modules.dep", string.Concat(_inImage.Select(m => DependencyLine(m.Key, m.Value.Path, m.Value.Entry)).Concat(overrides.Where(o => o.IsAddition).Select(DependencyLine))));
        return leftOut;
    }

    /// <returns>The lines that load it: what it needs, then itself.</returns>
    private async Task<List<string>> AddOneAsync(string name, string parameters, List<string> leftOut, CancellationToken cancellation)
    {
        if (_tree.Find(name) is not { } wanted)
        {
            if (!_tree.IsBuiltin(name))
                leftOut.Add(name);
            return [];
        }
        var lines = new List<string>();
        foreach (var module in wanted.Dependencies.Select(_tree.Find).OfType<ModuleEntry>())
            lines.Add(await PlaceAsync(module, cancellation).ConfigureAwait(false));
        lines.Add($"{await PlaceAsync(wanted, cancellation).ConfigureAwait(false)} {parameters}".TrimEnd());
        return lines;
    }

    private async Task<string> PlaceAsync(ModuleEntry module, CancellationToken cancellation)
    {
        if (_inImage.TryGetValue(module.Name, out var placed))
            return placed.Path;
        string source = _replaced.GetValueOrDefault(module.Name) ?? Path.Combine(kernel.ModulesDir, module.RelativePath);
        byte[] content = await ReadAsync(source, cancellation).ConfigureAwait(false);
        string path = $"/lib/modules/{module.Name}.ko";
        cpio.File(path, ModuleFile.WithoutSignature(content), 0x1a4);
        _inImage[module.Name] = (path, module);
        return path;
    }

    private static async Task<byte[]> ReadAsync(string source, CancellationToken cancellation)
    {
        string? tool = Path.GetExtension(source) switch { ".xz" => "xz", ".zst" => "zstd", ".gz" => "gzip", _ => null };
        if (tool is null)
            return await File.ReadAllBytesAsync(source, cancellation).ConfigureAwait(false);
        using var plain = new MemoryStream();
        await (new Command(tool, "-dc", source) { OutputTo = plain }).MustAsync($"decompress {source}", cancellation).ConfigureAwait(false);
        return plain.ToArray();
    }

    private static string DependencyLine(ModuleOverride addition) =>
        string.Join(' ', [addition.Name, $"/lib/modules/{addition.Name}.ko", .. addition.Needs.Select(n => $"/lib/modules/{n}.ko")]) + "\n";

    private string DependencyLine(string name, string path, ModuleEntry entry) =>
        string.Join(' ', [name, path, .. entry.Dependencies.Where(_inImage.ContainsKey).Select(d => _inImage[d].Path)]) + "\n";
}
