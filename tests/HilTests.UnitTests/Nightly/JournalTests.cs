using HilTests.Nightly.Nights;

namespace HilTests.UnitTests.Nightly;

/// <summary>The journal survives a cut at any byte.</summary>
public sealed class JournalTests
{
    private string _file = "";

    [SetUp]
    public void Name() => _file = Path.GetTempFileName();

    [TearDown]
    public void Remove() => File.Delete(_file);

    [Test]
    public void A_journal_that_was_cut_anywhere_has_all_whole_lines_and_goes_on()
    {
        using (var journal = Journal.Open(_file))
            journal.Append((JournalEvent.Planned, null, "3 shards"), (JournalEvent.Submitted, 1, null), (JournalEvent.Lost, 1, "nöde\ndied"));
        var whole = File.ReadAllBytes(_file);
        for (var length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(_file, whole[..length]);
            var lines = whole[..length].Count(b => b == '\n');
            using (var cut = Journal.Open(_file))
            {
                Assert.That(cut.Entries, Has.Count.EqualTo(lines), $"cut at byte {length}");
                cut.Append((JournalEvent.Closed, null, null));
            }
            Assert.That(Journal.Read(_file)[^1], Has.Property("N").EqualTo(lines + 1).And.Property("Event").EqualTo(JournalEvent.Closed));
        }
    }

    [Test]
    public void Damage_in_the_middle_is_told_with_its_line()
    {
        using (var journal = Journal.Open(_file)) journal.Append((JournalEvent.Planned, null, null), (JournalEvent.Closed, null, null));
        var lines = File.ReadAllLines(_file);
        File.WriteAllLines(_file, [lines[0].Replace("Planned", "Plunned"), lines[1]]);
        Assert.That(() => Journal.Open(_file), Throws.TypeOf<NightException>().With.Message.Contains("line 1"));
    }

    [Test]
    public void A_line_that_is_missing_is_noticed()
    {
        using (var journal = Journal.Open(_file)) journal.Append((JournalEvent.Planned, null, null), (JournalEvent.Opened, null, null), (JournalEvent.Closed, null, null));
        var lines = File.ReadAllLines(_file);
        File.WriteAllLines(_file, [lines[0], lines[2]]);
        Assert.That(() => Journal.Open(_file), Throws.TypeOf<NightException>().With.Message.Contains("line 2"));
    }
}
