using HilTests.Nightly.Nights;
using Microsoft.Data.Sqlite;

namespace HilTests.Nightly.History;

/// <summary>Opens the history: checked, brought to the newest version, with backups beside it.</summary>
public static class HistoryFile
{
    /// <summary>SQLITE_CORRUPT and SQLITE_NOTADB.</summary>
    private const int Corrupt = 11;
    private const int NoDatabase = 26;

    private const int MostBackups = 5;

    /// <summary>Opens a history, makes one where there is none, and brings an older one to this version after a backup.</summary>
    /// <exception cref="NightException">It is damaged, from a newer version, or no history; nothing was written.</exception>
    public static HistoryStore Open(string path)
    {
        // One that was cut off as it was made is empty.
        var isNew = !File.Exists(path) || new FileInfo(path).Length == 0;
        var connection = Connect(path, isNew ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite);
        try
        {
            if (!isNew) Check(path, connection);
            Migrate(path, connection, isNew);
            return new HistoryStore(connection);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw Damaged(path, e.Message, e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens a history for reading only.</summary>
    /// <exception cref="NightException">It is not there, damaged, or of another version.</exception>
    public static HistoryStore OpenForReading(string path)
    {
        if (!File.Exists(path)) throw new NightException($"{path} is not there: no night has ended in this lab");
        var connection = Connect(path, SqliteOpenMode.ReadOnly);
        try
        {
            Check(path, connection);
            return Version(connection) == HistorySchema.Steps.Length ? new HistoryStore(connection) : throw new NightException($"{path} is of an older version; the next hil nightly brings it up to date");
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw Damaged(path, e.Message, e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Puts the newest whole backup in the place of a damaged history, which is kept under another name.</summary>
    /// <returns>Where the damaged one is now, and the backup that was taken; null where there is none, and the history begins anew.</returns>
    public static (string Kept, string? Backup) Restore(string path)
    {
        var kept = Free($"{path}.damaged");
        File.Move(path, kept);
        foreach (var rest in (string[])["-journal", "-wal", "-shm"])
            if (File.Exists(path + rest)) File.Move(path + rest, kept + rest);
        foreach (var backup in Backups(path))
        {
            try
            {
                using (var connection = Connect(backup, SqliteOpenMode.ReadOnly)) Check(backup, connection);
                var aside = path + ".restoring";
                File.Copy(backup, aside, overwrite: true);
                File.Move(aside, path);
                return (kept, backup);
            }
            catch (Exception e) when (e is NightException or SqliteException)
            {
                // The one before may be whole.
            }
        }
        return (kept, null);
    }

    /// <summary>Copies a history that may be in use: SQLite's own backup, written aside and renamed. The oldest ones go.</summary>
    /// <returns>The copy.</returns>
    public static string Backup(HistoryStore history, string path)
    {
        var folder = Directory.CreateDirectory(BackupFolder(path)).FullName;
        var file = Path.Combine(folder, $"history-{history.NewestRun():000000}.db");
        var aside = file + ".aside";
        File.Delete(aside);
        using (var copy = Connect(aside, SqliteOpenMode.ReadWriteCreate)) history.CopyTo(copy);
        File.Move(aside, file, overwrite: true);
        foreach (var old in Backups(path).Skip(MostBackups)) File.Delete(old);
        return file;
    }

    internal static int Version(SqliteConnection connection) => (int)(long)Scalar(connection, "PRAGMA user_version")!;

    private static string BackupFolder(string path) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "backups");

    /// <summary>The backups, newest first: by the number of their newest night.</summary>
    private static IReadOnlyList<string> Backups(string path) =>
        Directory.Exists(BackupFolder(path)) ? [.. Directory.GetFiles(BackupFolder(path), "history-*.db").OrderDescending(StringComparer.Ordinal)] : [];

    private static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = 60 }.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw Damaged(path, e.Message, e);
        }
    }

    private static void Check(string path, SqliteConnection connection)
    {
        try
        {
            var id = (long)Scalar(connection, "PRAGMA application_id")!;
            if (id != HistorySchema.ApplicationId) throw new NightException($"{path} is a database, but no history of hil nightly; name another --lab");
            var version = Version(connection);
            if (version > HistorySchema.Steps.Length)
                throw new NightException($"{path} is of version {version}; this hil knows versions up to {HistorySchema.Steps.Length}: use the newer hil that wrote it. It was not touched");
            var said = (string)Scalar(connection, "PRAGMA quick_check(1)")!;
            if (said != "ok") throw Damaged(path, said, null);
        }
        catch (SqliteException e)
        {
            throw Damaged(path, e.Message, e);
        }
    }

    private static void Migrate(string path, SqliteConnection connection, bool isNew)
    {
        var version = Version(connection);
        if (version == HistorySchema.Steps.Length) return;
        if (!isNew) File.Copy(path, Free($"{path}.version-{version}"));
        using var transaction = connection.BeginTransaction();
        foreach (var step in HistorySchema.Steps.Skip(version)) Execute(connection, transaction, step);
        Execute(connection, transaction, $"PRAGMA application_id = {HistorySchema.ApplicationId}; PRAGMA user_version = {HistorySchema.Steps.Length}");
        transaction.Commit();
    }

    /// <summary>Only what SQLite calls corrupt, or no database, is: a full disk or missing rights say nothing about what is in the file.</summary>
    private static NightException Damaged(string path, string said, Exception? inner) => inner is SqliteException { SqliteErrorCode: not (Corrupt or NoDatabase) }
        ? new($"{path} cannot be used ({said}); it was not touched: look at the disk's room and the file's rights", inner)
        : new($"{path} is damaged ({said}); it was not touched", inner ?? new IOException(said)) { IsHistoryDamaged = true };

    private static string Free(string name)
    {
        var free = name;
        for (var copy = 2; File.Exists(free); copy++) free = $"{name}-{copy}";
        return free;
    }

    private static object? Scalar(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar();
    }

    private static void Execute(SqliteConnection connection, SqliteTransaction transaction, string text)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
