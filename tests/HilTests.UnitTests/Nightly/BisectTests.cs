using HilTests.Cli;
using HilTests.Cli.Commands;
using HilTests.Nightly.Bisecting;

namespace HilTests.UnitTests.Nightly;

/// <summary>The first bad version is found, whichever it is, whatever cannot be told.</summary>
public sealed class BisectTests
{
    [Test]
    public void The_first_bad_one_is_found_in_as_many_steps_as_halving_takes([Values(2, 3, 7, 64, 100)] int count)
    {
        for (var firstBad = 1; firstBad < count; firstBad++)
        {
            var bisection = new VersionBisection(count);
            var steps = 0;
            while (bisection.Next() is { } next)
            {
                bisection.Answer(next, next >= firstBad ? BisectAnswer.Bad : BisectAnswer.Good);
                steps++;
            }
            Assert.That((bisection.LastGood, bisection.FirstBad, bisection.Untold.Count), Is.EqualTo((firstBad - 1, firstBad, 0)));
            Assert.That(steps, Is.LessThanOrEqualTo((int)Math.Ceiling(Math.Log2(count)) + 1));
        }
    }

    [Test]
    public void What_cannot_be_told_is_gone_around_and_named_at_the_end()
    {
        var bisection = new VersionBisection(10);
        while (bisection.Next() is { } next) bisection.Answer(next, next is 4 or 5 ? BisectAnswer.Skip : next >= 6 ? BisectAnswer.Bad : BisectAnswer.Good);
        Assert.That((bisection.LastGood, bisection.FirstBad), Is.EqualTo((3, 6)));
        Assert.That(bisection.Untold, Is.EqualTo((int[])[4, 5]));
    }

    [Test]
    public void All_between_may_be_skipped()
    {
        var bisection = new VersionBisection(5);
        while (bisection.Next() is { } next) bisection.Answer(next, BisectAnswer.Skip);
        Assert.That(bisection.Untold, Is.EqualTo((int[])[1, 2, 3]));
    }

    [Test]
    public void An_answer_about_something_else_is_refused() =>
        Assert.That(() => new VersionBisection(5).Answer(4, BisectAnswer.Good), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void The_row_goes_from_good_to_bad_in_either_direction()
    {
        string[] versions = ["1", "2", "3", "4"];
        Assert.That(BisectCommand.Between("bookworm", versions, "2", "4"), Is.EqualTo((string[])["bookworm/2", "bookworm/3", "bookworm/4"]));
        Assert.That(BisectCommand.Between("bookworm", versions, "4", "3"), Is.EqualTo((string[])["bookworm/4", "bookworm/3"]));
        Assert.That(() => BisectCommand.Between("bookworm", versions, "9", "3"), Throws.TypeOf<UsageException>().With.Message.Contains("it has 1, 2, 3, 4"));
        Assert.That(() => BisectCommand.Between("bookworm", versions, "3", "3"), Throws.TypeOf<UsageException>());
    }
}
