using HilTests.Core.Kernel;

namespace HilTests.UnitTests.Kernel;

public sealed class JiffiesTests
{
    // By hand: n ticks last n * 1000 / HZ ms; the kernel rounds up where HZ does not divide 1000 (HZ 300: 10/3 ms a tick).
    [TestCase(100, 0, 0)]
    [TestCase(100, 1, 10)]
    [TestCase(100, 7, 70)]
    [TestCase(100, 360_000, 3_600_000)]
    [TestCase(250, 1, 4)]
    [TestCase(250, 3, 12)]
    [TestCase(250, 250, 1000)]
    [TestCase(300, 0, 0)]
    [TestCase(300, 1, 4)]
    [TestCase(300, 2, 7)]
    [TestCase(300, 3, 10)]
    [TestCase(300, 4, 14)]
    [TestCase(300, 299, 997)]
    [TestCase(300, 300, 1000)]
    [TestCase(1000, 1, 1)]
    [TestCase(1000, 12345, 12345)]
    public void Milliseconds_are_those_of_the_kernel(int hz, long ticks, long milliseconds) =>
        Assert.That(new Jiffies(ticks).ToMilliseconds(hz), Is.EqualTo(milliseconds));

    [TestCase(100)]
    [TestCase(250)]
    [TestCase(300)]
    [TestCase(1000)]
    public void A_span_of_ticks_lies_between_its_bounds(int hz)
    {
        for (var ms = 0; ms < 2500; ms += 7)
        {
            var time = TimeSpan.FromMilliseconds(ms);
            var (least, most) = (Jiffies.AtLeast(time, hz), Jiffies.AtMost(time, hz));
            // Whole ticks inside the time, by integers alone.
            Assert.That((least.Count, most.Count), Is.EqualTo(((long)ms * hz / 1000, (((long)ms * hz) + 999) / 1000)), $"{ms} ms at HZ {hz}");
        }
    }

    [Test]
    public void They_compare_and_add_by_their_count()
    {
        var (two, five) = (new Jiffies(2), new Jiffies(5));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(two + five, Is.EqualTo(new Jiffies(7)));
            Assert.That(two - five, Is.EqualTo(new Jiffies(-3)));
            Assert.That(two < five && five > two && two <= five && five >= two, Is.True);
            Assert.That(five < two || two > five || five <= two || two >= five, Is.False);
            Assert.That(two.CompareTo(five), Is.Negative);
        }
    }
}
