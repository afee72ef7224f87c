using HilTests.Nightly.History;
using HilTests.Nightly.Nights;

namespace HilTests.UnitTests.Nightly;

/// <summary>The words of the morning, each for what it is for; and like is compared with like only.</summary>
public sealed class ChangeTests
{
    private static readonly ShardOrigin Base = new("6.1.0-50", "linux-image 6.1.170-1", null, null, "c1", "", "tcg");

    /// <summary>Nights of a test, newest first: the status (P, F, E, S) and what was tested (kernel and hil as digits), e.g. <c>F11</c>.</summary>
    private static List<TestNight> Nights(string text) =>
    [
        .. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((word, i) => new TestNight(
            100 - i,
            word[0] switch { 'P' => Status.Pass, 'F' => Status.Fail, 'S' => Status.Skip, _ => Status.Error },
            Base with { Package = $"linux-image {word[1]}", Project = $"c{word[2]}" })),
    ];

    [TestCase("F21 P11", ChangeKind.Regression, "kernel", 99, 100)]
    [TestCase("F12 P11", ChangeKind.Regression, "hil", 99, 100)]
    [TestCase("P21 F11", ChangeKind.Fixed, "kernel", 99, null)]
    [TestCase("F11 F11 P01", ChangeKind.StillFailing, "", 99, 99)]
    [TestCase("F11", ChangeKind.NewFailure, "", null, 100)]
    [TestCase("P11", ChangeKind.Appeared, "", null, null)]
    [TestCase("P11 P11", ChangeKind.StillPassing, "", 99, null)]
    [TestCase("F11 P11", ChangeKind.Flaky, "", 99, 100)]
    [TestCase("F22 P11", ChangeKind.Unclear, "kernel hil", 99, 100)]
    [TestCase("E11 P11", ChangeKind.Silent, "", null, null)]
    [TestCase("S11 P11", ChangeKind.Silent, "", null, null)]
    public void The_word_is_right(string nights, ChangeKind kind, string differs, int? since, int? firstBad)
    {
        var change = Change.Of(100, Nights(nights));
        using (Assert.EnterMultipleScope())
        {
            Assert.That((change.Kind, change.Since, change.FirstBad), Is.EqualTo((kind, since, firstBad)));
            Assert.That(string.Join(' ', change.Differs), Is.EqualTo(differs));
        }
    }

    [Test]
    public void What_infrastructure_spoilt_is_looked_over()
    {
        var change = Change.Of(100, Nights("F21 E21 E11 P11"));
        Assert.That((change.Kind, change.Since), Is.EqualTo((ChangeKind.Regression, (int?)97)));
    }

    [Test]
    public void An_older_night_that_is_alike_is_better_than_the_last_one_that_is_not()
    {
        // Last night had another kernel and another hil; the night before differs in the kernel alone.
        var change = Change.Of(100, Nights("F21 P32 P11"));
        Assert.That((change.Kind, change.Since), Is.EqualTo((ChangeKind.Regression, (int?)98)));
    }

    [Test]
    public void What_tonight_lacks_has_disappeared() =>
        Assert.That(Change.Of(101, Nights("P11 P11")).Kind, Is.EqualTo(ChangeKind.Disappeared));

    [Test]
    public void Repetitions_of_one_night_tell_that_a_test_is_flaky()
    {
        var change = Change.Of(100, [Nights("F11")[0] with { Seen = 1, Runs = 3 }]);
        Assert.That((change.Kind, change.Flake!.Failed, change.Flake.Runs), Is.EqualTo((ChangeKind.Flaky, 1, 3)));
    }

    [Test]
    public void A_failure_that_shows_each_time_is_not_flaky() =>
        Assert.That(Change.Of(100, [Nights("F11")[0] with { Seen = 3, Runs = 3 }]).Kind, Is.EqualTo(ChangeKind.NewFailure));

    // Wilson's interval for 95 %: 0 of 10 is [0, 0.2775], 5 of 10 [0.2366, 0.7634], 10 of 10 [0.7225, 1].
    [TestCase(0, 10, 0, 0.2775)]
    [TestCase(5, 10, 0.2366, 0.7634)]
    [TestCase(10, 10, 0.7225, 1)]
    public void The_interval_is_Wilson_s(int failed, int runs, double low, double high)
    {
        var rate = FlakeRate.Of(failed, runs);
        Assert.That((rate.Low, rate.High), Is.EqualTo((low, high)).Using<(double, double)>((a, b) => Math.Abs(a.Item1 - b.Item1) < 0.0001 && Math.Abs(a.Item2 - b.Item2) < 0.0001));
    }
}
