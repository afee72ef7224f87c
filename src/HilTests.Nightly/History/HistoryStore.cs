using System.Globalization;
using System.Text.Json;
using HilTests.Nightly.Nights;
using Microsoft.Data.Sqlite;

namespace HilTests.Nightly.History;

/// <summary>The nights of a lab, in a SQLite file: written a whole night at a time.</summary>
public sealed partial class HistoryStore : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<long, ShardOrigin> _origins = [];

    internal HistoryStore(SqliteConnection connection) => _connection = connection;

    /// <summary>The newest night's number; 0 where there is none.</summary>
    public int NewestRun() => (int)(long)Scalar("SELECT coalesce(max(id), 0) FROM runs")!;

    /// <summary>Whether a night is in.</summary>
    public bool Has(int run) => Scalar("SELECT 1 FROM runs WHERE id = $run", ("$run", run)) is not null;

    /// <summary>Seconds that each series took when it last ended with a result about the kernel.</summary>
    public IReadOnlyDictionary<string, double> LastSeconds()
    {
        var last = new Dictionary<string, double>();
        using var reader = Query($"SELECT s.key, h.seconds FROM shards h JOIN series s ON s.id = h.series WHERE h.status NOT IN ({(int)Status.Error}, {(int)Status.Miss}) ORDER BY h.run");
        while (reader.Read()) last[reader.GetString(0)] = reader.GetDouble(1);
        return last;
    }

    /// <summary>Adds a night, all of it or nothing of it; one that is in is left as it is.</summary>
    /// <returns>Whether it was added.</returns>
    public bool Add(NightRecord night)
    {
        using var transaction = _connection.BeginTransaction();
        if (Has(night.Plan.Number)) return false;
        Execute("INSERT INTO runs VALUES($id, $name, $started, $engine, $command, $folder)",
            ("$id", night.Plan.Number), ("$name", night.Plan.Name), ("$started", Time(night.Plan.Started)), ("$engine", night.Plan.Engine), ("$command", night.Plan.Command), ("$folder", Path.GetFileName(night.Folder)));
        foreach (var shard in night.Shards) Add(night.Plan.Number, shard);
        transaction.Commit();
        return true;
    }

    public void Dispose() => _connection.Dispose();

    internal void CopyTo(SqliteConnection copy) => _connection.BackupDatabase(copy);

    private void Add(int run, ShardRecord record)
    {
        var (shard, result) = (record.Shard, record.Result);
        var series = Id("INSERT INTO series(key, kind, kernel, device, owner) VALUES($key, $kind, $kernel, $device, $owner) ON CONFLICT DO NOTHING", "SELECT id FROM series WHERE key = $key",
            ("$key", shard.Series), ("$kind", shard.Kind.ToString().ToLowerInvariant()), ("$kernel", shard.KernelLabel), ("$device", shard.Device), ("$owner", shard.Owner));
        var origin = Origin(result.Origin);
        Execute("INSERT INTO shards(run, series, origin, shard, status, verdict, cause, node, attempts, started, seconds, folder) "
            + "VALUES($run, $series, $origin, $shard, $status, $verdict, $cause, $node, $attempts, $started, $seconds, $folder)",
            ("$run", run), ("$series", series), ("$origin", origin), ("$shard", shard.Id), ("$status", (int)result.Status), ("$verdict", result.Verdict), ("$cause", result.Cause),
            ("$node", result.Node), ("$attempts", record.Attempts), ("$started", Time(result.Started)), ("$seconds", result.Seconds), ("$folder", result.Folder));
        // What our own side spoilt says nothing about any test.
        if (!result.IsFinal) return;
        var findings = result.Findings.Select(f => AddFinding(run, series, f)).ToList();
        foreach (var test in result.Results) AddResult(run, series, origin, test, findings);
        foreach (var (name, value) in result.Metrics) Execute("INSERT INTO metrics VALUES($series, $name, $run, $value)", ("$series", series), ("$name", name), ("$run", run), ("$value", value));
    }

    private long Origin(ShardOrigin origin) =>
        Id("INSERT INTO origins(key, release, package, config, image, project, patches, accelerator) VALUES($key, $release, $package, $config, $image, $project, $patches, $accelerator) ON CONFLICT DO NOTHING",
            "SELECT id FROM origins WHERE key = $key",
            ("$key", JsonSerializer.Serialize(origin, HistoryJson.Default.ShardOrigin)), ("$release", origin.Release), ("$package", origin.Package), ("$config", origin.Config),
            ("$image", origin.Image), ("$project", origin.Project), ("$patches", origin.Patches), ("$accelerator", origin.Accelerator));

    private long AddFinding(int run, long series, ShardFinding finding)
    {
        Execute("INSERT INTO findings(run, series, rule, program, json) VALUES($run, $series, $rule, $program, $json)",
            ("$run", run), ("$series", series), ("$rule", finding.Rule), ("$program", finding.Program), ("$json", JsonSerializer.Serialize(finding, HistoryJson.Default.ShardFinding)));
        return (long)Scalar("SELECT last_insert_rowid()")!;
    }

    private void AddResult(int run, long series, long origin, TestResult test, List<long> findings)
    {
        var id = Id("INSERT INTO tests(series, kind, name) VALUES($series, $kind, $name) ON CONFLICT DO NOTHING", "SELECT id FROM tests WHERE name = $name AND kind = $kind AND series = $series",
            ("$series", series), ("$kind", (int)test.Kind), ("$name", test.Name));
        Execute("INSERT INTO results VALUES($test, $run, $status, $origin, $seen, $runs, $known, $reason, $finding)",
            ("$test", id), ("$run", run), ("$status", (int)test.Status), ("$origin", origin), ("$seen", test.Seen), ("$runs", test.Runs), ("$known", test.Known), ("$reason", test.Status == Status.Pass ? null : test.Reason),
            ("$finding", test.Finding is { } finding ? findings[finding] : null));
    }

    private long Id(string insert, string select, params (string Name, object? Value)[] values)
    {
        if (Scalar(select, [.. values.Where(v => select.Contains(v.Name, StringComparison.Ordinal))]) is long known) return known;
        Execute(insert, values);
        return (long)Scalar("SELECT last_insert_rowid()")!;
    }

    private static string Time(DateTimeOffset time) => time.ToString("O", CultureInfo.InvariantCulture);

    private SqliteCommand Command(string text, ReadOnlySpan<(string Name, object? Value)> values)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }

    private void Execute(string text, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        using var command = Command(text, values);
        command.ExecuteNonQuery();
    }

    private object? Scalar(string text, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        using var command = Command(text, values);
        return command.ExecuteScalar();
    }

    private SqliteDataReader Query(string text, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var command = Command(text, values);
        return command.ExecuteReader();
    }
}
