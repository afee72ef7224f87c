using HilTests.Core.Predictions;

namespace HilTests.UnitTests.Predictions;

public sealed class BoundedTextTests
{
    [Test]
    public void A_short_text_stays_as_it_is() => Assert.That(BoundedText.Of(new string('x', BoundedText.Most)), Is.EqualTo(new string('x', BoundedText.Most)));

    [Test]
    public void A_long_one_keeps_its_start_and_end_and_says_how_long_it_was()
    {
        var text = BoundedText.Of("[first " + new string('x', 10_000_000) + " last]");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(text, Has.Length.LessThan(BoundedText.Most));
            Assert.That(text, Does.StartWith("[first ").And.EndWith(" last]").And.Contain("10000013 characters"));
        }
    }

    [Test]
    public void Two_that_differ_in_the_middle_stay_different()
    {
        var (a, b) = (new string('x', 10_000), new string('x', 5_000) + "y" + new string('x', 4_999));
        Assert.That(BoundedText.Of(a), Is.Not.EqualTo(BoundedText.Of(b)));
    }
}
