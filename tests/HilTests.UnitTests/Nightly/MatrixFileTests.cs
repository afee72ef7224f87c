using System.Text.Json;
using HilTests.Lab;
using HilTests.Nightly.Matrices;
using HilTests.Nightly.Nights;

namespace HilTests.UnitTests.Nightly;

/// <summary>A matrix is read whole, and each mistake is told with its place and with what was meant.</summary>
public sealed class MatrixFileTests
{
    internal const string Small = """
        hil-matrix: 1
        name: small
        kernels: [{name: bookworm}, {name: sid, memory: 768}]
        suites:
          - device: vhost-net
            seeds: [1, tonight]
            programs: 5
        audits:
          - {device: f2fs, kernel: bookworm, count: 3, time: 5s}
        """;

    private static readonly MatrixWords Words = new(["vhost-net", "f2fs"], name => name is "bookworm" or "sid" ? null : $"no kernel named '{name}'");

    internal static Matrix Parse(string text) => MatrixFile.Parse("/lab/m.yaml", text, Words);

    [Test]
    public void Every_suite_is_cut_by_kernel_and_seed()
    {
        var shards = Planning.Shards(Parse(Small), new PlanningFacts { Night = 3 });
        Assert.That(shards.Select(s => s.Id), Is.EqualTo((string[])
            ["0001-bookworm-vhost-net-1", "0002-bookworm-vhost-net-tonight", "0003-sid-vhost-net-1", "0004-sid-vhost-net-tonight", "0005-bookworm-f2fs-audit"]));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(shards[2].MemoryMiB, Is.EqualTo(768));
            Assert.That(shards[0].Seed, Is.EqualTo(1));
            Assert.That(shards[1].IsTonight, Is.True);
            Assert.That(shards[4].Turn, Is.EqualTo(2));
            Assert.That(shards.Select(s => s.Series), Is.Unique);
        }
    }

    [Test]
    public void Tonight_s_seed_is_another_one_each_night_and_the_series_the_same()
    {
        var matrix = Parse(Small);
        var (one, two) = (Planning.Shards(matrix, new PlanningFacts { Night = 1 })[1], Planning.Shards(matrix, new PlanningFacts { Night = 2 })[1]);
        Assert.That(one.Seed, Is.Not.EqualTo(two.Seed));
        Assert.That(one.Series, Is.EqualTo(two.Series));
    }

    [Test]
    public void A_shard_that_needs_more_than_the_machine_has_is_planned_and_says_why()
    {
        var shards = Planning.Shards(Parse(Small), new PlanningFacts { Night = 1, MostMemoryMiB = 600 });
        Assert.That(shards.Where(s => s.Impossible is not null).Select(s => s.KernelLabel), Is.All.EqualTo("sid").And.Exactly(2).Items);
        Assert.That(shards[2].Impossible, Does.Contain("768 MiB").And.Contain("600 MiB"));
    }

    [Test]
    public void What_was_measured_last_takes_the_place_of_a_guess()
    {
        var guessed = Planning.Shards(Parse(Small), new PlanningFacts { Night = 1 })[0];
        var known = Planning.Shards(Parse(Small), new PlanningFacts { Night = 2, LastSeconds = new Dictionary<string, double> { [guessed.Series] = 77 } })[0];
        Assert.That(known.EstimateSeconds, Is.EqualTo(77).And.Not.EqualTo(guessed.EstimateSeconds));
    }

    [TestCase("suite:\n  - device: f2fs", 4, 1, "did you mean suites?")]
    [TestCase("suites:\n  - device: f2s", 5, 13, "did you mean f2fs?")]
    [TestCase("suites:\n  - device: f2fs\n    seads: [1]", 6, 5, "did you mean seeds?")]
    [TestCase("suites:\n  - device: f2fs\n    seeds: [1, tonite]", 6, 16, "`tonight`")]
    [TestCase("suites:\n  - device: f2fs\n    seeds: [7, 7]", 6, 16, "twice")]
    [TestCase("suites:\n  - device: f2fs\n    limit: soon", 6, 12, "5m")]
    [TestCase("suites:\n  - device: f2fs\n    accel: fast", 6, 12, "auto or kvm or tcg")]
    [TestCase("suites:\n  - device: f2fs\n    kernels: [bokworm]", 6, 15, "did you mean bookworm?")]
    [TestCase("suites:\n  - device: f2fs\n    programs: many", 6, 15, "whole number")]
    [TestCase("suites:\n  - device: f2fs\n    programs: 3\n    time: 5s", 7, 11, "one of them")]
    [TestCase("suites:\n  - device: f2fs\n    owner: net", 6, 12, "no owner 'net'")]
    [TestCase("suites:\n  - device: f2fs\n    patches: [none.patch]", 6, 15, "/lab/none.patch")]
    [TestCase("suites:\n  - device: f2fs\n    features: ['-x']", 6, 16, "no name of a cluster")]
    [TestCase("suites: f2fs", 4, 9, "begin with `- `")]
    [TestCase("suites:\n  - f2fs", 5, 5, "key: value")]
    [TestCase("suites:\n  - device: f2fs\nknown-bugs:\n  - {rule: a, reason: b, link: c}", 7, 5, "needs `expires`")]
    [TestCase("suites:\n  - device: f2fs\nknown-bugs:\n  - {rule: a, reason: b, link: c, expires: soon}", 7, 44, "2027-03-31")]
    [TestCase("suites:\n  - device: f2fs\n bad", 6, 2, "no YAML")]
    [TestCase("nights: 5", 1, 1, "nothing is to be run")]
    public void A_mistake_is_told_with_its_place(string rest, int line, int column, string meant)
    {
        var error = Assert.Throws<MatrixException>(() => Parse("hil-matrix: 1\nname: x\nkernels: [{name: bookworm}]\n" + rest));
        Assert.That(error!.Message, Does.Contain($"/lab/m.yaml:{line}:{column}: ").And.Contain(meant).And.Contain("^"));
    }

    [TestCase("", "is empty")]
    [TestCase("hil-matrix: 2\nname: x\nkernels: [{name: bookworm}]\nsuites: [{device: f2fs}]", "version 2")]
    [TestCase("hil-matrix: 1\nname: x\nkernels: [{name: bookworm}, {name: bookworm}]\nsuites: [{device: f2fs}]", "there already, in line 3")]
    [TestCase("hil-matrix: 1\nname: x\nkernels: [{name: wheezy}]\nsuites: [{device: f2fs}]", "no kernel named 'wheezy'")]
    [TestCase("hil-matrix: 1\nname: x\nsuites: [{device: f2fs}]", "needs `kernels`")]
    [TestCase("hil-matrix: 1\n---\nname: x", "second document")]
    [TestCase("- a", "key: value")]
    [TestCase("hil-matrix: 1\nhil-matrix: 1", "no YAML")]
    public void A_file_that_is_no_matrix_is_told(string text, string words) =>
        Assert.That(Assert.Throws<MatrixException>(() => Parse(text))!.Message, Does.Contain(words));

    [Test]
    public void All_mistakes_are_told_at_once()
    {
        var error = Assert.Throws<MatrixException>(() => Parse("hil-matrix: 1\nname: x\nkernels: [{nam: a}]\nsuites: [{device: f2fs, seeds: [x]}, {device: y}]"));
        Assert.That(error!.Mistakes, Has.Length.GreaterThanOrEqualTo(4));
    }

    [Test]
    public void Two_suites_that_are_the_same_are_refused() =>
        Assert.That(Assert.Throws<MatrixException>(() => Planning.Shards(Parse(Small + "\n").With("vhost-net"), new PlanningFacts { Night = 1 }))!.Message, Does.Contain("are the same"));

    [Test]
    public void The_example_is_read_and_its_keys_are_those_of_the_schema()
    {
        var tree = SourceTree.Find();
        var matrix = MatrixFile.Read(tree.At("docs", "nightly", "matrix.yaml"), Words with { WhyNoKernel = static _ => null });
        using var schema = JsonDocument.Parse(File.ReadAllText(tree.At("docs", "nightly", "matrix.schema.json")));
        var keys = schema.RootElement.GetProperty("properties").EnumerateObject().Select(p => p.Name).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Planning.Shards(matrix, new PlanningFacts { Night = 1 }), Has.Length.EqualTo(14));
            Assert.That(matrix.KnownBugs[0].Expires, Is.EqualTo(new DateOnly(2027, 6, 30)));
            foreach (var key in keys) Assert.That(Assert.Throws<MatrixException>(() => Parse("unknown: 1"))!.Message, Does.Contain(key), "the schema and the reader know the same keys");
        }
    }
}

/// <summary>Small changes of a matrix.</summary>
internal static class MatrixChanges
{
    /// <summary>The same suite once more.</summary>
    public static Matrix With(this Matrix matrix, string device) => matrix with { Suites = [.. matrix.Suites, matrix.Suites.First(s => s.Device == device)] };
}
