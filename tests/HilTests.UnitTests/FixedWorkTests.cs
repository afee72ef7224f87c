using HilTests.Core;

namespace HilTests.UnitTests;

[TestFixture]
public sealed class FixedWorkTests
{
    [Test]
    public void The_work_is_always_the_same_and_every_round_counts()
    {
        int[] rounds = [1000, 1000, 1001];
        var results = rounds.Select(n => FixedWork.Do(n, new ulong[2048])).ToList();
        Assert.That(results[1], Is.EqualTo(results[0]));
        Assert.That(results[2], Is.Not.EqualTo(results[0]));
    }

    [Test]
    public void Much_more_work_takes_longer() =>
        Assert.That(FixedWork.Measure(5_000_000), Is.GreaterThan(FixedWork.Measure(1000)));

    [TestCase(0), TestCase(-1), TestCase(FixedWork.MostRounds + 1)]
    public void Too_little_and_too_much_are_refused(int rounds) =>
        Assert.That(() => FixedWork.Measure(rounds), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void Request_and_answer_read_back()
    {
        Assert.That((FixedWork.TryParseRequest(FixedWork.Request(42), out var rounds), rounds), Is.EqualTo((true, 42)));
        Assert.That((FixedWork.TryParseAnswer(FixedWork.Answer(TimeSpan.FromMilliseconds(3)), out var time), time), Is.EqualTo((true, TimeSpan.FromMilliseconds(3))));
    }

    [TestCase(""), TestCase("work="), TestCase("work=x"), TestCase("work=-1"), TestCase("work-ns=1")]
    public void What_is_no_request_is_none(string text) => Assert.That(FixedWork.TryParseRequest(text, out _), Is.False);

    [TestCase(""), TestCase("work-ns=0"), TestCase("work-ns=-5"), TestCase("work-ns=99999999999999999999"), TestCase("hz=250")]
    public void What_is_no_answer_is_none(string text) => Assert.That(FixedWork.TryParseAnswer(text, out _), Is.False);
}
