namespace HilTests.Lab.Mutation;

/// <summary>
/// What of a device's sources is changed: the file <c>scope.list</c> in the device's folder of a set of mutants. Lines of <c>file NAME</c> (a source file)
/// <c>only NAME FUNCTION</c> (of that file nothing but functions so named) and <c>without FUNCTION REASON</c> (a function that the device does not run);
/// <c>#</c> begins a comment.
/// </summary>
/// <param name="Files">The source files.</param>
/// <param name="LeftOut">Functions that are not changed, with the reason.</param>
/// <param name="Picked">For a file of which only some functions are open: these. A file that is not named here is open as a whole.</param>
public sealed record MutationScope(IReadOnlyList<string> Files, IReadOnlyDictionary<string, string> LeftOut, IReadOnlyDictionary<string, IReadOnlySet<string>> Picked)
{
    /// <summary>Reads the list of a device.</summary>
    /// <param name="folder">The set of mutants.</param>
    /// <param name="device">The device.</param>
    /// <exception cref="FormatException">A line is none of the three.</exception>
    /// <exception cref="InfrastructureException">There is no list for the device.</exception>
    public static MutationScope Read(string folder, string device)
    {
        string path = Path.Combine(folder, device, "scope.list");
        if (!File.Exists(path))
            throw new InfrastructureException($"there is no {path}: it says which files and functions of {device} are to be changed");
        var files = new List<string>();
        var without = new Dictionary<string, string>();
        var picked = new Dictionary<string, IReadOnlySet<string>>();
        foreach (string line in File.ReadLines(path).Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
        {
            switch (line.Split(' ', 3))
            {
                case ["file", var file]:
                    files.Add(file);
                    break;
                case ["only", var file, var function]:
                    if (!picked.TryGetValue(file, out var some)) files.Add(file);
                    picked[file] = new HashSet<string>(some ?? new HashSet<string>()) { function };
                    break;
                case ["without", var function, var reason]:
                    without[function] = reason;
                    break;
                default:
                    throw new FormatException($"{path}: '{line}' is none of 'file NAME', 'only NAME FUNCTION' and 'without FUNCTION REASON'");
            }
        }
        return new MutationScope(files, without, picked);
    }

    /// <summary>Whether a function may be changed.</summary>
    /// <param name="file">The file's name, with or without a folder.</param>
    /// <param name="function">The function.</param>
    public bool Includes(string file, string function) =>
        !LeftOut.ContainsKey(function) && (!Picked.TryGetValue(Path.GetFileName(file), out var some) || some.Contains(function));
}
