using System.Globalization;

namespace HilTests.Nightly.Nights;

/// <summary>The folder of a lab: its nights, its history, and a lock that one coordinator holds at a time.</summary>
public sealed class LabFolder : IDisposable
{
    private readonly FileStream? _lock;

    private LabFolder(string root, FileStream? locked)
    {
        Root = root;
        _lock = locked;
    }

    /// <summary>An absolute path.</summary>
    public string Root { get; }

    public string HistoryFile => Path.Combine(Root, "history.db");

    public string NightsFolder => Path.Combine(Root, "nights");

    /// <summary>Makes the folder where it is not there, and takes its lock, which dies with this process.</summary>
    /// <exception cref="NightException">Another one works there.</exception>
    public static LabFolder Take(string root)
    {
        root = Path.GetFullPath(root);
        Directory.CreateDirectory(Path.Combine(root, "nights"));
        var file = Path.Combine(root, "lock");
        try
        {
            var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
            return new LabFolder(root, stream);
        }
        catch (IOException e)
        {
            throw new NightException($"another nightly works in {root} (its lock is taken: {e.Message}); wait for it, or name another folder with --lab", e);
        }
    }

    /// <summary>Looks at a folder without taking it.</summary>
    public static LabFolder LookAt(string root) => new(Path.GetFullPath(root), null);

    /// <summary>Every night, oldest first; those without a plan never began.</summary>
    public IReadOnlyList<(int Number, NightFolder Folder)> Nights() => Directory.Exists(NightsFolder)
        ? [.. Directory.GetDirectories(NightsFolder)
            .Select(f => (Number: int.TryParse(Path.GetFileName(f).Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0, Folder: new NightFolder(f)))
            .Where(n => n.Number > 0 && File.Exists(n.Folder.PlanFile))
            .OrderBy(n => n.Number)]
        : [];

    /// <summary>The folder of a night that begins now.</summary>
    public NightFolder NewNight(int number, DateTimeOffset now)
    {
        var folder = Path.Combine(NightsFolder, string.Create(CultureInfo.InvariantCulture, $"{number:0000}-{now:yyyy-MM-dd}"));
        Directory.CreateDirectory(folder);
        return new NightFolder(folder);
    }

    public void Dispose() => _lock?.Dispose();
}
