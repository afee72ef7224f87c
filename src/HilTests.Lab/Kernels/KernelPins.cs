using HilTests.Lab.Cache;

namespace HilTests.Lab.Kernels;

/// <summary>Remembers which packages a name stands for, so that later runs are about the same kernel and need no network.</summary>
internal sealed class KernelPins(CacheFolder cache)
{
    /// <returns>Null when the name was never resolved; the image package comes first.</returns>
    public IReadOnlyList<DebPackage>? Read(string name)
    {
        string file = FileOf(name);
        if (!File.Exists(file))
            return null;
        string[] lines = File.ReadAllLines(file);
        var packages = lines.Select(DebPackage.FromLine).OfType<DebPackage>().ToList();
        return packages.Count > 0 && packages.Count == lines.Length ? packages : null;
    }

    public void Write(string name, IReadOnlyList<DebPackage> packages)
    {
        string file = FileOf(name);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            string fresh = $"{file}.{Environment.ProcessId}.new";
            File.WriteAllLines(fresh, packages.Select(p => p.ToLine()));
            File.Move(fresh, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InfrastructureException(
                $"could not write {file}: {e.Message}; make it writable or set {CacheFolder.PathVariable} to another folder", e);
        }
    }

    public void Forget(string name) => File.Delete(FileOf(name));

    private string FileOf(string name) => Path.Combine(cache.Root, "kernel-pins", name.Replace('/', '_'));
}
