using HilTests.Cli;

namespace HilTests.UnitTests.Cli;

[TestFixture]
public sealed class ExitCodeTests
{
    [TestCase("conforms", 0), TestCase("diverges", 1), TestCase("crashed", 1), TestCase("hung", 1), TestCase("infrastructure", 4), TestCase("inconclusive", 5)]
    public void A_verdict_has_its_code(string verdict, int code) => Assert.That(ExitCode.Of(verdict), Is.EqualTo(code));

    [Test]
    public void An_unknown_word_is_no_code() => Assert.That(() => ExitCode.Of("fine"), Throws.ArgumentException);
}
