namespace HilTests.Lab.Modules;

/// <summary>
/// The tree in which the modules of one source folder are built, always at the same place, since make compiles anew what was compiled elsewhere.
/// Beside it lies a copy of what the unpatched sources were built to. Before each build the tree is made equal to that copy, times included:
/// make then compiles what the patch touches and nothing else.
/// </summary>
/// <param name="sources">The kernel's sources.</param>
/// <param name="root">Where the tree is; stands for the kernel's root.</param>
/// <param name="folder">The source folder, such as <c>fs/f2fs</c>.</param>
internal sealed class ModuleWorkTree(string sources, string root, string folder)
{
    private readonly string _built = root + ".built";

    /// <summary>The tree's root; patches are applied here.</summary>
    public string Root => root;

    /// <summary>The folder that make builds.</summary>
    public string Folder => Path.Combine(root, folder);

    /// <summary>Whether the unpatched sources were built before.</summary>
    public bool HasBuilt => Directory.Exists(_built);

    /// <summary>Makes the tree equal to the sources, built where they were built before.</summary>
    /// <param name="touched">The files that will be patched: of those outside the folder only these come into the tree.</param>
    public void Restore(IEnumerable<string> touched)
    {
        if (HasBuilt)
            MakeEqual(_built, Folder);
        else
            MakeEqual(Path.Combine(sources, folder), Folder);
        string include = Path.Combine(root, "include");
        if (Directory.Exists(include))
            Directory.Delete(include, recursive: true);
        foreach (string file in touched.Where(f => f.StartsWith("include/", StringComparison.Ordinal) && File.Exists(Path.Combine(sources, f))))
            CopyWithTime(Path.Combine(sources, file), Path.Combine(root, file));
    }

    /// <summary>Keeps what was built; call after a build without patches.</summary>
    public void KeepBuilt()
    {
        string aside = $"{_built}.{Environment.ProcessId}.new";
        try
        {
            MakeEqual(Folder, aside);
            if (Directory.Exists(_built))
                Directory.Delete(_built, recursive: true);
            Directory.Move(aside, _built);
        }
        finally
        {
            if (Directory.Exists(aside))
                Directory.Delete(aside, recursive: true);
        }
    }

    /// <summary>Same files, same bytes, same times. A file of the same length and time is taken to be the same.</summary>
    private static void MakeEqual(string from, string to)
    {
        Directory.CreateDirectory(to);
        var wanted = Directory.GetFiles(from).Select(Path.GetFileName).ToHashSet();
        foreach (string file in Directory.GetFiles(to).Where(f => !wanted.Contains(Path.GetFileName(f))))
            File.Delete(file);
        foreach (string? name in wanted)
        {
            FileInfo one = new(Path.Combine(from, name!)), other = new(Path.Combine(to, name!));
            if (!other.Exists || one.Length != other.Length || one.LastWriteTimeUtc != other.LastWriteTimeUtc)
                CopyWithTime(one.FullName, other.FullName);
        }
    }

    private static void CopyWithTime(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Copy(from, to, overwrite: true);
        File.SetLastWriteTimeUtc(to, File.GetLastWriteTimeUtc(from));
    }
}
