using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace HilTests.Nightly.Nights;

/// <summary>What happened to a night.</summary>
public enum JournalEvent
{
    /// <summary>The plan is written; the text says how many shards it has.</summary>
    Planned,

    /// <summary>A coordinator took the night up: at first, or again.</summary>
    Opened,

    /// <summary>A shard was given to the engine.</summary>
    Submitted,

    /// <summary>A shard that an earlier coordinator had submitted is still at work.</summary>
    Adopted,

    /// <summary>A shard's result is there; the text is its status.</summary>
    Ended,

    /// <summary>A shard was lost without a result about the kernel; the text says how.</summary>
    Lost,

    /// <summary>The engine will not take a shard; the text says why.</summary>
    Rejected,

    /// <summary>The night is over: nothing more is run.</summary>
    Closed,

    /// <summary>Something a person should know.</summary>
    Note,
}

/// <summary>One line of the journal.</summary>
/// <param name="N">Counted from 1; what orders the lines, whatever the clock does.</param>
/// <param name="At">The clock, for people.</param>
/// <param name="Event">What happened.</param>
/// <param name="Shard">The shard's number; null where it is about the night.</param>
/// <param name="Text">More about it.</param>
public sealed record JournalEntry(long N, DateTimeOffset At, JournalEvent Event, int? Shard = null, string? Text = null);

/// <summary>
/// The journal of a night: a line of JSON an event, only ever added to, on the disk before what it announces is done. A line that a crash cut off is
/// taken away when the journal is opened again.
/// </summary>
public sealed class Journal : IDisposable
{
    private readonly FileStream _file;
    private readonly List<JournalEntry> _entries;

    private Journal(FileStream file, List<JournalEntry> entries)
    {
        _file = file;
        _entries = entries;
    }

    /// <summary>Every line, in order.</summary>
    public IReadOnlyList<JournalEntry> Entries => _entries;

    /// <summary>Opens a journal, or begins one.</summary>
    /// <exception cref="NightException">A line in the middle is damaged.</exception>
    public static Journal Open(string path)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        try
        {
            var (entries, whole) = Parse(path, ReadAll(file));
            file.SetLength(whole);
            file.Seek(0, SeekOrigin.End);
            return new Journal(file, entries);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a journal that somebody else may be writing.</summary>
    /// <exception cref="NightException">A line in the middle is damaged.</exception>
    public static ImmutableArray<JournalEntry> Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return [.. Parse(path, ReadAll(file)).Entries];
    }

    /// <summary>Adds lines; they are on the disk when this returns.</summary>
    /// <exception cref="IOException">Disk full and the like: nothing was added.</exception>
    public void Append(params IReadOnlyList<(JournalEvent Event, int? Shard, string? Text)> events)
    {
        if (events.Count == 0) return;
        var added = events.Select((e, i) => new JournalEntry(_entries.Count + 1 + i, DateTimeOffset.Now, e.Event, e.Shard, e.Text)).ToList();
        var text = new StringBuilder();
        foreach (var entry in added) text.Append(JsonSerializer.Serialize(entry, JournalJson.Default.JournalEntry)).Append('\n');
        var before = _file.Length;
        try
        {
            _file.Write(Encoding.UTF8.GetBytes(text.ToString()));
            _file.Flush(flushToDisk: true);
        }
        catch
        {
            // Half a line would look like a crash's, and the next one would be glued to it.
            _file.SetLength(before);
            _file.Seek(0, SeekOrigin.End);
            throw;
        }
        _entries.AddRange(added);
    }

    public void Dispose() => _file.Dispose();

    private static byte[] ReadAll(FileStream file)
    {
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static (List<JournalEntry> Entries, long Whole) Parse(string path, byte[] bytes)
    {
        var whole = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        var entries = new List<JournalEntry>();
        foreach (var line in Encoding.UTF8.GetString(bytes, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                var entry = JsonSerializer.Deserialize(line, JournalJson.Default.JournalEntry) ?? throw new JsonException("it is empty");
                entries.Add(entry.N == entries.Count + 1 ? entry : throw new JsonException($"it is number {entry.N}"));
            }
            catch (JsonException e)
            {
                throw new NightException($"{path}, line {entries.Count + 1}: damaged: {e.Message}; remove the night's folder to give it up, or the line and all behind it to go on from there", e);
            }
        }
        return (entries, whole);
    }
}
