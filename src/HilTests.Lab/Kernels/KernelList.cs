namespace HilTests.Lab.Kernels;

/// <summary>A kernel that can be asked for by name; a line of vm-images/kernels.list.</summary>
/// <param name="Name">What <c>--kernel</c> takes.</param>
/// <param name="Suites">The Debian suites that may hold it.</param>
/// <param name="Package">The package, or a meta package that depends on it.</param>
public sealed record KnownKernel(string Name, IReadOnlyList<string> Suites, string Package);

/// <summary>The names of vm-images/kernels.list.</summary>
public sealed class KernelList(IReadOnlyList<KnownKernel> kernels)
{
    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<KnownKernel> Kernels { get; } = kernels;

    /// <summary>Reads the project's own list.</summary>
    public static KernelList Load(SourceTree tree)
    {
        string file = tree.At("vm-images", "kernels.list");
        return Parse(File.ReadAllText(file), file);
    }

    /// <exception cref="InfrastructureException">A line is not <c>NAME SUITE[,SUITE…] PACKAGE</c>; names file and line.</exception>
    public static KernelList Parse(string text, string file)
    {
        var kernels = new List<KnownKernel>();
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            string[] words = line.Split('#')[0].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
                continue;
            if (words.Length != 3)
                throw new InfrastructureException($"{file}:{number}: expected NAME SUITE[,SUITE…] PACKAGE, read '{line.Trim()}'");
            kernels.Add(new KnownKernel(words[0], words[1].Split(','), words[2]));
        }
        return new KernelList(kernels);
    }

    /// <exception cref="UnknownKernelException">No such name; the message suggests near ones.</exception>
    public KnownKernel Find(string name) =>
        Kernels.FirstOrDefault(k => k.Name == name) ?? throw new UnknownKernelException(name, Nearest(name), [.. Kernels.Select(k => k.Name)]);

    /// <summary>Splits <c>NAME</c> or <c>NAME/VERSION</c>.</summary>
    /// <returns>The kernel of the list, and the version or null; null when the text begins with no known name.</returns>
    public (KnownKernel Kernel, string? Version)? Split(string text)
    {
        string[] parts = text.Split('/', 2);
        var known = Kernels.FirstOrDefault(k => k.Name == parts[0]);
        if (known is null || (parts.Length == 2 && (parts[1].Length == 0 || parts[1].Contains('/', StringComparison.Ordinal))))
            return null;
        return (known, parts.Length == 2 ? parts[1] : null);
    }

    /// <summary>The known names that differ from <paramref name="name"/> by few letters, nearest first.</summary>
    public IReadOnlyList<string> Nearest(string name) =>
    [
        .. Kernels.Select(k => (k.Name, Distance: Distance(k.Name, name)))
            .Where(k => k.Distance <= Math.Max(2, k.Name.Length / 2))
            .OrderBy(k => k.Distance).ThenBy(k => k.Name, StringComparer.Ordinal)
            .Take(3).Select(k => k.Name),
    ];

    /// <summary>How many letters have to be inserted, removed or replaced (Levenshtein).</summary>
    internal static int Distance(string a, string b)
    {
        int[] above = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int[] row = new int[b.Length + 1];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(above[j], row[j - 1]) + 1);
            }
            above = row;
        }
        return above[b.Length];
    }
}

/// <summary>A kernel was asked for by a name that is neither known nor a path: wrong usage.</summary>
public sealed class UnknownKernelException : ArgumentException
{
    public UnknownKernelException(string name, IReadOnlyList<string> nearest, IReadOnlyList<string> known)
        : base($"no kernel named '{name}'" +
            (nearest.Count > 0 ? $"; did you mean {string.Join(" or ", nearest)}?" : ".") +
            $" Known are: {string.Join(", ", known)}; or NAME/VERSION, or a path (see docs/kernels.md)")
    {
        Nearest = nearest;
    }

    public UnknownKernelException() => Nearest = [];

    public UnknownKernelException(string message) : base(message) => Nearest = [];

    public UnknownKernelException(string message, Exception inner) : base(message, inner) => Nearest = [];

    /// <summary>Known names that are spelled alike, nearest first.</summary>
    public IReadOnlyList<string> Nearest { get; }
}
