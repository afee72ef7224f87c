using HilTests.Cli.Input;

namespace HilTests.UnitTests.Cli;

[TestFixture]
public sealed class DurationTests
{
    [TestCase("60s", 60_000), TestCase("500ms", 500), TestCase("5m", 300_000), TestCase("2h", 7_200_000), TestCase("1.5s", 1500), TestCase("7", 7000)]
    public void A_span_with_its_unit(string text, double milliseconds)
    {
        var isSpan = Duration.TryParse(text, out var span);
        Assert.That((isSpan, span), Is.EqualTo((true, TimeSpan.FromMilliseconds(milliseconds))));
    }

    [TestCase(""), TestCase("s"), TestCase("-5s"), TestCase("0"), TestCase("5 s"), TestCase("1e3s"), TestCase("5d"), TestCase("NaN"), TestCase("1000h")]
    public void What_is_no_span_is_refused(string text) => Assert.That(Duration.TryParse(text, out _), Is.False);
}
