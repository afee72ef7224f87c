using System.Text.Json;
using System.Xml.Linq;
using HilTests.Lab;
using HilTests.Nightly.History;
using HilTests.Nightly.Morning;
using HilTests.Nightly.Nights;

namespace HilTests.UnitTests.Nightly;

/// <summary>What the morning says of a night, in each of its forms.</summary>
public sealed class MorningTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("hil-morning-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    /// <summary>Three nights: in the third bookworm's kernel is new, and a rule of vhost-net is broken, one of f2fs expected to be; sid's f2fs was lost.</summary>
    internal static MorningReport Third(string folder)
    {
        using var history = HistoryFile.Open(Path.Combine(folder, "history.db"));
        var (old, update) = (MadeNights.Origin(), MadeNights.Origin("linux-image 6.1.171-1"));
        history.Add(MadeNights.Night(1, s => MadeNights.Result(s, old, ["a.kept", "vhost.owner"])));
        history.Add(MadeNights.Night(2, s => s.Kind == ShardKind.Audit ? null : MadeNights.Result(s, old, ["a.kept", "vhost.owner", "b.gone"])));
        var third = MadeNights.Night(3, s => (s.Kind, s.Device, s.KernelLabel) switch
        {
            (ShardKind.Audit, _, _) => Audit(s),
            (_, "vhost-net", "bookworm") => MadeNights.Result(s, update, ["a.kept"], "vhost.owner"),
            (_, "f2fs", "sid") => MadeNights.Result(s, old, [], "a.kept") with { Status = Status.Error, Cause = "no space left" },
            (_, "f2fs", _) => MadeNights.Result(s, old, ["a.kept"], "f2fs.expected"),
            _ => MadeNights.Result(s, old, ["a.kept", "vhost.owner"]),
        });
        history.Add(third);
        return MorningReport.Make(third, history);
    }

    private static ShardResult Audit(Shard shard) => MadeNights.Result(shard, MadeNights.Origin(), []) with
    {
        Status = Status.Fail,
        Verdict = "1 of 2 caught",
        Results = [new TestResult(TestKind.Mutant, "caught-one", Status.Pass, null, "caught by x: y"), new TestResult(TestKind.Mutant, "survivor", Status.Fail, null, "no program was against it: relational")],
    };

    [Test]
    public void The_words_are_right()
    {
        var report = Third(_folder);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.Of(ChangeKind.Regression).Select(n => (n.Test.Name, n.Test.Kernel)), Is.EqualTo(new[] { ("vhost.owner", "bookworm") }));
            Assert.That(report.Of(ChangeKind.Disappeared).Select(n => n.Test.Name), Has.Exactly(3).EqualTo("b.gone"));
            Assert.That(report.Lost.Select(s => s.Result.Cause), Is.EqualTo((string[])["no space left"]));
            Assert.That(report.News.Where(n => n.Test.Name == "f2fs.expected").Select(n => n.Excuse), Is.All.Contains("expected until 2026-06-01"));
            Assert.That(report.AgainstTheJudge.Select(n => n.Test.Name), Is.EqualTo((string[])["survivor"]));
            Assert.That(report.Headline, Is.EqualTo("1 regression, 1 against the judge; of 1 of 5 shards nothing is known"));
        }
    }

    [Test]
    public void An_expectation_that_ran_out_counts_again()
    {
        using var history = HistoryFile.Open(Path.Combine(_folder, "history.db"));
        var late = MadeNights.Night(1, s => MadeNights.Result(s, MadeNights.Origin(), [], "f2fs.expected"));
        late = late with { Plan = late.Plan with { Started = new DateTimeOffset(2026, 6, 1, 2, 0, 0, TimeSpan.Zero) } };
        history.Add(late);
        var news = MorningReport.Make(late, history).News.First(n => n.Test.Name == "f2fs.expected");
        Assert.That((news.Counts, news.Expired?.Reason), Is.EqualTo((true, "old")));
    }

    [Test]
    public void The_page_is_well_formed_loads_nothing_and_shows_hostile_text_as_text()
    {
        using var text = new StringWriter();
        MorningPage.Write(Third(_folder), text);
        var page = text.ToString();
        var document = XDocument.Parse(page);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(document.Descendants("script"), Is.Empty);
            Assert.That(page, Does.Not.Contain("src=").And.Not.Contain("@import").And.Not.Contain("url("));
            Assert.That(document.Descendants("h2").Select(h => h.Value), Is.SupersetOf((string[])["What changed", "Not known: our own side failed", "Kernels, devices, rules", "How sharp the judge is", "Trends"]));
            Assert.That(page, Does.Contain("only this differs: kernel").And.Contain("hil replay results/x.hil").And.Contain("fails since night 3 (2026-01-04)"));
            Assert.That(page.IndexOf("What changed", StringComparison.Ordinal), Is.LessThan(page.IndexOf("Trends", StringComparison.Ordinal)));
        }
    }

    [Test]
    public void The_mail_has_headers_and_goes_to_the_owner_of_what_fails()
    {
        using var text = new StringWriter();
        MorningMail.Write(Third(_folder), "/lab/index.html", text);
        Assert.That(text.ToString(), Does.StartWith("To: net@example.org\nSubject: [hil] two kernels, night 3: 1 regression"));
        Assert.That(text.ToString(), Does.Contain("Regressions (1)\n  vhost-net on bookworm: vhost.owner [kernel]\n      owner-first, step 3").And.Contain("no space left").And.Contain("survivor"));
    }

    [Test]
    public void JUnit_counts_what_it_shows()
    {
        using var text = new StringWriter();
        MorningJUnit.Write(Third(_folder), text);
        var suites = XDocument.Parse(text.ToString()).Root!.Elements("testsuite").ToList();
        Assert.That(suites, Has.Count.EqualTo(5));
        using (Assert.EnterMultipleScope())
        {
            foreach (var (attribute, element) in new[] { ("failures", "failure"), ("errors", "error"), ("skipped", "skipped") })
                Assert.That(suites.Select(s => (int)s.Attribute(attribute)!), Is.EqualTo(suites.Select(s => s.Descendants(element).Count())), attribute);
            Assert.That(suites.Sum(s => s.Descendants("failure").Count()), Is.EqualTo(2), "the regression and the survivor; what is expected is skipped");
            Assert.That(suites.Single(s => s.Descendants("error").Any()).Descendants("error").Single().Attribute("message")!.Value, Is.EqualTo("no space left"));
        }
    }

    [Test]
    public void KCIDB_is_valid_and_its_objects_belong_together()
    {
        using var stream = new MemoryStream();
        KcidbReport.Write(Third(_folder), stream);
        using var json = JsonDocument.Parse(stream.ToArray());
        using var schema = JsonDocument.Parse(File.ReadAllText(SourceTree.Find().At("docs", "nightly", "kcidb-5.3.schema.json")));
        var tests = json.RootElement.GetProperty("tests").EnumerateArray().ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(SmallSchema.Check(schema.RootElement, json.RootElement), Is.Empty);
            Assert.That(tests.Select(t => t.GetProperty("id").GetString()), Is.Unique);
            Assert.That(tests.Select(t => t.GetProperty("build_id").GetString()).Distinct(), Is.SubsetOf(json.RootElement.GetProperty("builds").EnumerateArray().Select(b => b.GetProperty("id").GetString())));
            Assert.That(tests.Select(t => t.GetProperty("status").GetString()), Does.Contain("FAIL").And.Contain("ERROR").And.Contain("PASS"));
        }
    }

    [TestCase("\"status\":\"PASS\"", "\"status\":\"GOOD\"", "GOOD")]
    [TestCase("\"major\":5", "\"major\":\"5\"", "major")]
    [TestCase("\"origin\":\"hil\"", "\"origin\":\"HIL\"", "HIL")]
    [TestCase("\"build_id\"", "\"bild_id\"", "bild_id")]
    public void The_schema_finds_what_is_wrong(string right, string wrong, string told)
    {
        using var stream = new MemoryStream();
        KcidbReport.Write(Third(_folder), stream);
        var text = JsonSerializer.Serialize(JsonDocument.Parse(stream.ToArray()).RootElement);
        var at = text.IndexOf(right, StringComparison.Ordinal);
        Assert.That(at, Is.Positive);
        using var json = JsonDocument.Parse(text[..at] + wrong + text[(at + right.Length)..]);
        using var schema = JsonDocument.Parse(File.ReadAllText(SourceTree.Find().At("docs", "nightly", "kcidb-5.3.schema.json")));
        Assert.That(string.Join('\n', SmallSchema.Check(schema.RootElement, json.RootElement)), Does.Contain(told));
    }
}
