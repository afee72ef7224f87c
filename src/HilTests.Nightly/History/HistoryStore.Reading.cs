using System.Text.Json;
using HilTests.Nightly.Nights;
using Microsoft.Data.Sqlite;

namespace HilTests.Nightly.History;

/// <summary>A shard as the history has it.</summary>
public sealed record PastShard(int Run, Status Status, string Verdict, string? Cause, double Seconds);

/// <summary>A number of a series in a night.</summary>
public sealed record MetricPoint(int Run, double Value);

public sealed partial class HistoryStore
{
    private const string NightColumns = "r.run, r.status, r.seen, r.runs, r.known, r.reason, r.finding, r.origin";

    /// <summary>One test in every series. Its order is that of the indexes: nothing is sorted, and nothing is read that is not told.</summary>
    internal const string NamedQuery = $"SELECT t.id, s.kernel, s.device, s.key, s.owner, {NightColumns} FROM tests t JOIN series s ON s.id = t.series JOIN results r ON r.test = t.id "
        + "WHERE t.name = $name AND t.kind = $kind ORDER BY t.series, r.run DESC";

    /// <summary>
    /// Every test of the series that a night ran with a result, with its nights up to that one; also those that the night did not have.
    /// </summary>
    /// <param name="run">The night.</param>
    /// <param name="nights">How many nights back.</param>
    public IReadOnlyList<TestHistory> Tests(int run, int nights)
    {
        var found = new List<TestHistory>();
        var list = new List<TestNight>();
        (long Test, string Kernel, string Device, string Series, string Owner, TestKind Kind, string Name)? at = null;
        using var reader = Query(
            $"SELECT t.id, s.kernel, s.device, s.key, s.owner, t.kind, t.name, {NightColumns} "
            + "FROM shards h JOIN series s ON s.id = h.series JOIN tests t ON t.series = s.id JOIN results r ON r.test = t.id AND r.run BETWEEN $from AND $run "
            + $"WHERE h.run = $run AND h.status NOT IN ({(int)Status.Error}, {(int)Status.Miss}) ORDER BY s.id, t.id, r.run DESC",
            ("$run", run), ("$from", run - nights));
        while (reader.Read())
        {
            if (at?.Test != reader.GetInt64(0))
            {
                Close();
                at = (reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), (TestKind)reader.GetInt32(5), reader.GetString(6));
            }
            list.Add(Night(reader, 7));
        }
        Close();
        return found;

        void Close()
        {
            if (at is not { } test) return;
            found.Add(new TestHistory(test.Test, test.Kernel, test.Device, test.Series, test.Owner, test.Kind, test.Name, [.. list]));
            list.Clear();
        }
    }

    /// <summary>Whether a test that a night lacks was there when its series last ran with a result: then it disappeared in that very night.</summary>
    public int? LastRunOfSeriesBefore(string series, int run) => Scalar(
        $"SELECT max(h.run) FROM shards h JOIN series s ON s.id = h.series WHERE s.key = $series AND h.run < $run AND h.status NOT IN ({(int)Status.Error}, {(int)Status.Miss})",
        ("$series", series), ("$run", run)) is long last ? (int)last : null;

    /// <summary>The history of one rule in every series, newest night first.</summary>
    public IReadOnlyList<TestHistory> Rule(string rule) => Named(TestKind.Rule, rule);

    /// <summary>The history of one test by its name, in every series.</summary>
    public IReadOnlyList<TestHistory> Named(TestKind kind, string name)
    {
        var found = new Dictionary<long, (TestHistory Test, List<TestNight> Nights)>();
        using var reader = Query(NamedQuery, ("$name", name), ("$kind", (int)kind));
        while (reader.Read())
        {
            if (!found.TryGetValue(reader.GetInt64(0), out var test))
            {
                var nights = new List<TestNight>();
                found[reader.GetInt64(0)] = test = (new TestHistory(reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), kind, name, nights), nights);
            }
            test.Nights.Add(Night(reader, 5));
        }
        return [.. found.Values.Select(t => t.Test)];
    }

    /// <summary>The first night in which a test ever failed, however long ago; null where it never did.</summary>
    public int? FirstFailure(long test) =>
        Scalar("SELECT min(run) FROM results WHERE test = $test AND status = $fail", ("$test", test), ("$fail", (int)Status.Fail)) is long run ? (int)run : null;

    /// <summary>A night's day and name; null where it is not in.</summary>
    public string? Day(int run) => Scalar("SELECT substr(started, 1, 10) FROM runs WHERE id = $run", ("$run", run)) as string;

    /// <summary>A finding by its number.</summary>
    public ShardFinding? Finding(long id) =>
        Scalar("SELECT json FROM findings WHERE id = $id", ("$id", id)) is string json ? JsonSerializer.Deserialize(json, HistoryJson.Default.ShardFinding) : null;

    /// <summary>The numbers of a series over the nights, oldest first, by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<MetricPoint>> Metrics(string series, int run, int nights)
    {
        var points = new Dictionary<string, List<MetricPoint>>();
        using var reader = Query("SELECT m.name, m.run, m.value FROM metrics m JOIN series s ON s.id = m.series WHERE s.key = $series AND m.run BETWEEN $from AND $run ORDER BY m.name, m.run",
            ("$series", series), ("$run", run), ("$from", run - nights));
        while (reader.Read())
        {
            if (!points.TryGetValue(reader.GetString(0), out var list)) points[reader.GetString(0)] = list = [];
            list.Add(new MetricPoint(reader.GetInt32(1), reader.GetDouble(2)));
        }
        return points.ToDictionary(p => p.Key, p => (IReadOnlyList<MetricPoint>)p.Value);
    }

    /// <summary>How the shards of a series ended, newest first.</summary>
    public IReadOnlyList<PastShard> Shards(string series, int run, int nights)
    {
        var shards = new List<PastShard>();
        using var reader = Query("SELECT h.run, h.status, h.verdict, h.cause, h.seconds FROM shards h JOIN series s ON s.id = h.series WHERE s.key = $series AND h.run BETWEEN $from AND $run ORDER BY h.run DESC",
            ("$series", series), ("$run", run), ("$from", run - nights));
        while (reader.Read()) shards.Add(new PastShard(reader.GetInt32(0), (Status)reader.GetInt32(1), reader.GetString(2), Text(reader, 3), reader.GetDouble(4)));
        return shards;
    }

    private TestNight Night(SqliteDataReader reader, int from) => new(
        reader.GetInt32(from),
        (Status)reader.GetInt32(from + 1),
        OriginOf(reader.GetInt64(from + 7)),
        reader.GetInt32(from + 2),
        reader.GetInt32(from + 3),
        Text(reader, from + 4),
        Text(reader, from + 5),
        reader.IsDBNull(from + 6) ? null : reader.GetInt64(from + 6));

    /// <summary>What was tested: few things, in many results.</summary>
    private ShardOrigin OriginOf(long id)
    {
        if (_origins.TryGetValue(id, out var known)) return known;
        using var reader = Query("SELECT release, package, config, image, project, patches, accelerator FROM origins WHERE id = $id", ("$id", id));
        reader.Read();
        return _origins[id] = new ShardOrigin(Text(reader, 0), Text(reader, 1), Text(reader, 2), Text(reader, 3), Text(reader, 4), Text(reader, 5), Text(reader, 6));
    }

    private static string? Text(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
