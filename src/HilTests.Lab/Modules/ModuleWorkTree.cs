namespace HilTests.Lab.Modules;

/// <summary>
/// The tree in which the modules of one source folder are built where there is no sandbox, always at the same place, since make compiles anew
/// what was compiled elsewhere. Beside it lies a copy of what the unpatched sources were built to. Before each build the tree is made equal to that
/// copy, times included: make then compiles what the patch touches and nothing else.
/// </summary>
/// <param name="root">Where the tree is; stands for the kernel's root.</param>
/// <param name="folder">The source folder, such as <c>fs/f2fs</c>.</param>
internal sealed class ModuleWorkTree(string root, string folder)
{
    private readonly string _built = root + ".built";

    /// <summary>The folder that make builds.</summary>
    public string Folder => Path.Combine(root, folder);

    /// <summary>Whether the unpatched sources were built before.</summary>
    public bool HasBuilt => Directory.Exists(_built);

    /// <summary>Makes the tree equal to what the unpatched sources were built to.</summary>
    public void Restore() => MakeEqual(_built, root);

    /// <summary>Keeps what was built; call after a build without patches.</summary>
    public void KeepBuilt()
    {
        string aside = $"{_built}.{Environment.ProcessId}.new";
        try
        {
            MakeEqual(root, aside);
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
        var wanted = Names(from);
        foreach (string file in Names(to).Except(wanted))
            File.Delete(Path.Combine(to, file));
        foreach (string name in wanted)
        {
            FileInfo one = new(Path.Combine(from, name)), other = new(Path.Combine(to, name));
            if (other.Exists && one.Length == other.Length && one.LastWriteTimeUtc == other.LastWriteTimeUtc)
                continue;
            Directory.CreateDirectory(other.DirectoryName!);
            File.Copy(one.FullName, other.FullName, overwrite: true);
            File.SetLastWriteTimeUtc(other.FullName, one.LastWriteTimeUtc);
        }
    }

    private static HashSet<string> Names(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f))];
}
