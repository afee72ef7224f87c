using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace HilTests.Lab.Cache;

/// <summary>How a cache entry was found.</summary>
internal enum CacheState
{
    Missing,
    Damaged,
    Whole,
}

/// <summary>
/// The list of an entry's files: SHA-256, length, time of change, name; its own hash in the last line. A file whose
/// length and time are as recorded is taken as it is; one that was touched is read and its hash compared.
/// Kernel modules of an unpacked package are many and not listed one by one; images made of them are.
/// </summary>
internal static class CacheManifest
{
    public const string FileName = ".manifest";

    /// <summary>A folder of an entry with more files than this is not listed.</summary>
    private const int ManyFiles = 200;

    public static void Write(string folder)
    {
        var lines = new StringBuilder();
        foreach (string file in Files(folder))
        {
            var info = new FileInfo(Path.Combine(folder, file));
            lines.Append(CultureInfo.InvariantCulture, $"{Hash(info.FullName)} {info.Length} {info.LastWriteTimeUtc.Ticks} {file}\n");
        }
        string body = lines.ToString();
        File.WriteAllText(Path.Combine(folder, FileName), $"{body}{HashText(body)}\n");
    }

    /// <param name="folder">The entry.</param>
    /// <param name="readEverything">Also read files whose length and time are as recorded.</param>
    public static CacheState Check(string folder, bool readEverything = false)
    {
        string manifest = Path.Combine(folder, FileName);
        if (!Directory.Exists(folder))
            return CacheState.Missing;
        if (!File.Exists(manifest))
            return CacheState.Damaged;
        string text = File.ReadAllText(manifest);
        int last = text.TrimEnd('\n').LastIndexOf('\n') + 1;
        if (text[last..].TrimEnd('\n') != HashText(text[..last]))
            return CacheState.Damaged;
        return text[..last].Split('\n', StringSplitOptions.RemoveEmptyEntries).All(line => IsAsRecorded(folder, line, readEverything))
            ? CacheState.Whole
            : CacheState.Damaged;
    }

    /// <summary>The hash of a file as its folder's manifest has it; null when there is none or the file was touched since.</summary>
    public static string? RecordedHash(string path)
    {
        string manifest = Path.Combine(Path.GetDirectoryName(path)!, FileName);
        if (!File.Exists(manifest))
            return null;
        var info = new FileInfo(path);
        string rest = string.Create(CultureInfo.InvariantCulture, $" {info.Length} {info.LastWriteTimeUtc.Ticks} {info.Name}");
        return File.ReadLines(manifest).FirstOrDefault(l => l.EndsWith(rest, StringComparison.Ordinal))?[..^rest.Length];
    }

    private static bool IsAsRecorded(string folder, string line, bool readEverything)
    {
        string[] fields = line.Split(' ', 4);
        var info = new FileInfo(Path.Combine(folder, fields[3]));
        if (!info.Exists || info.Length.ToString(CultureInfo.InvariantCulture) != fields[1])
            return false;
        bool untouched = info.LastWriteTimeUtc.Ticks.ToString(CultureInfo.InvariantCulture) == fields[2];
        return (untouched && !readEverything) || Hash(info.FullName) == fields[0];
    }

    private static IEnumerable<string> Files(string folder)
    {
        string[] top = [.. Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)!).Where(f => f != FileName)];
        var deep = Directory.EnumerateDirectories(folder)
            .Select(d => Directory.GetFiles(d, "*", SearchOption.AllDirectories))
            .Where(files => files.Length <= ManyFiles)
            .SelectMany(files => files)
            .Where(f => new FileInfo(f).LinkTarget is null)
            .Select(f => Path.GetRelativePath(folder, f));
        return top.Concat(deep).Order(StringComparer.Ordinal);
    }

    public static string Hash(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static string HashText(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
