using HilTests.Nightly.History;
using HilTests.Nightly.Nights;
using Microsoft.Data.Sqlite;

namespace HilTests.UnitTests.Nightly;

/// <summary>The history keeps nights whole, refuses what it should not touch, and comes back from a backup.</summary>
public sealed class HistoryTests
{
    private string _folder = "";

    private string File1 => Path.Combine(_folder, "history.db");

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("hil-history-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    private static NightRecord Night(int number, params string[] broken) => MadeNights.Night(number, s => MadeNights.Result(s, MadeNights.Origin(), ["a.kept"], broken));

    [Test]
    public void A_night_is_added_once()
    {
        using var history = HistoryFile.Open(File1);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(history.Add(Night(1)), Is.True);
            Assert.That(history.Add(Night(1, "a.kept")), Is.False);
            Assert.That(history.Rule("a.kept").Select(t => t.Nights[0].Status), Is.All.EqualTo(Status.Pass).And.Exactly(5).Items);
        }
    }

    [Test]
    public void Nights_are_ordered_by_number_whatever_the_clock_says()
    {
        using var history = HistoryFile.Open(File1);
        foreach (var number in (int[])[1, 2, 3])
        {
            var night = Night(number, number == 2 ? ["a.broken"] : []);
            history.Add(night with { Plan = night.Plan with { Started = DateTimeOffset.UnixEpoch.AddDays(-number) } });
        }
        Assert.That(history.Rule("a.kept")[0].Nights.Select(n => n.Run), Is.EqualTo((int[])[3, 2, 1]));
        Assert.That(history.NewestRun(), Is.EqualTo(3));
    }

    [Test]
    public void One_rules_history_is_read_by_indexes_alone()
    {
        HistoryFile.Open(File1).Dispose();
        using var connection = new SqliteConnection($"Data Source={File1};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + HistoryStore.NamedQuery;
        command.Parameters.AddWithValue("$name", "a.kept");
        command.Parameters.AddWithValue("$kind", 1);
        using var reader = command.ExecuteReader();
        var plan = new List<string>();
        while (reader.Read()) plan.Add(reader.GetString(3));
        Assert.That(plan, Has.Exactly(3).Items.And.All.StartWith("SEARCH"), "a scan or a sort grows with the history");
    }

    [Test]
    public void What_our_own_side_spoilt_says_nothing_of_any_test()
    {
        using var history = HistoryFile.Open(File1);
        history.Add(Night(1));
        history.Add(MadeNights.Night(2, s => MadeNights.Result(s, MadeNights.Origin(), [], "a.kept") with { Status = Status.Error, Cause = "no space" }));
        Assert.That(history.Rule("a.kept")[0].Nights.Select(n => n.Run), Is.EqualTo((int[])[1]));
        Assert.That(history.Tests(2, 30), Is.Empty);
        Assert.That(history.Shards(Night(1).Shards[0].Shard.Series, 2, 30).Select(s => s.Cause), Is.EqualTo((string?[])["no space", null]));
    }

    [TestCase("UPDATE results SET status = 3")]
    [TestCase("DELETE FROM results")]
    [TestCase("DELETE FROM runs")]
    [TestCase("UPDATE shards SET verdict = 'x'")]
    [TestCase("UPDATE findings SET json = '{}'")]
    public void It_is_only_added_to(string text)
    {
        using (var history = HistoryFile.Open(File1)) history.Add(Night(1, "a.broken"));
        Assert.That(() => Execute(File1, text), Throws.TypeOf<SqliteException>().With.Message.Contains("only added to"));
    }

    [Test]
    public void A_newer_version_is_refused_and_not_touched()
    {
        HistoryFile.Open(File1).Dispose();
        Execute(File1, "PRAGMA user_version = 99");
        var before = File.ReadAllBytes(File1);
        Assert.That(() => HistoryFile.Open(File1), Throws.TypeOf<NightException>().With.Message.Contains("version 99").And.Property("IsHistoryDamaged").False);
        Assert.That(File.ReadAllBytes(File1), Is.EqualTo(before));
    }

    [Test]
    public void Another_program_s_database_is_refused()
    {
        Execute(File1, "CREATE TABLE x(y)");
        Assert.That(() => HistoryFile.Open(File1), Throws.TypeOf<NightException>().With.Message.Contains("no history"));
    }

    [Test]
    public void An_older_version_is_brought_up_to_date_and_kept()
    {
        Execute(File1, HistorySchema.Steps[0]);
        Execute(File1, $"PRAGMA application_id = {HistorySchema.ApplicationId}; PRAGMA user_version = 1");
        using (var history = HistoryFile.Open(File1)) history.Add(Night(1));
        Assert.That(() => Execute(File1, "DELETE FROM runs"), Throws.TypeOf<SqliteException>());
        Assert.That(File.Exists(File1 + ".version-1"), Is.True);
    }

    [Test]
    public void A_damaged_history_is_kept_and_the_backup_and_the_nights_folders_take_its_place()
    {
        using var lab = LabFolder.Take(_folder);
        for (var number = 1; number <= 2; number++)
        {
            WriteNight(lab, number);
            using var history = LabHistory.Open(lab, static _ => { });
            if (number == 1) HistoryFile.Backup(history, lab.HistoryFile);
        }
        var damaged = File.ReadAllBytes(File1);
        Array.Fill(damaged, (byte)0xa5, 4096, damaged.Length - 4096);
        File.WriteAllBytes(File1, damaged);

        var notes = new List<string>();
        using (var mended = LabHistory.Open(lab, notes.Add))
        using (Assert.EnterMultipleScope())
        {
            Assert.That(mended.Has(1), Is.True, "from the backup");
            Assert.That(mended.Has(2), Is.True, "from its folder");
            Assert.That(File.ReadAllBytes(File1 + ".damaged"), Is.EqualTo(damaged), "what was there is not overwritten");
            Assert.That(notes[0], Does.Contain("damaged").And.Contain("history-000001.db"));
        }
    }

    [Test]
    public void A_file_that_is_no_database_is_damaged_and_without_a_backup_the_folders_are_read()
    {
        using var lab = LabFolder.Take(_folder);
        WriteNight(lab, 1);
        File.WriteAllText(File1, new string('x', 5000));
        using var mended = LabHistory.Open(lab, static _ => { });
        Assert.That(mended.Has(1), Is.True);
    }

    private static void WriteNight(LabFolder lab, int number)
    {
        var night = Night(number);
        var folder = lab.NewNight(number, night.Plan.Started);
        folder.WritePlan(night.Plan, "");
        foreach (var shard in night.Shards) folder.Publish(shard.Shard, shard.Result);
        using var journal = Journal.Open(folder.JournalFile);
        journal.Append((JournalEvent.Closed, null, null));
    }

    private static void Execute(string file, string text)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
