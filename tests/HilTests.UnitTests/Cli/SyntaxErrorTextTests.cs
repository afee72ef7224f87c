using HilTests.Cli.Input;
using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.UnitTests.Cli;

[TestFixture]
public sealed class SyntaxErrorTextTests
{
    [Test]
    public void The_line_is_shown_with_a_caret_under_the_column()
    {
        var text = "hil-program 1\nname x\ndevice vhost-net\nopen\nset-onwer\n";
        var error = Assert.Throws<TextFormatException>(() => ProgramText.Parse(text));
        Assert.That(SyntaxErrorText.Describe("x.hil", text, error),
            Is.EqualTo("x.hil:5:1: vhost-net has no step 'set-onwer'; did you mean set-owner or reset-owner?\n    set-onwer\n    ^"));
    }

    [Test]
    public void A_caret_below_tabs_stands_under_its_character() =>
        Assert.That(SyntaxErrorText.Describe("f", "\tab\tc", new TextFormatException(1, 5, "no")), Is.EqualTo("f:1:5: no\n    \tab\tc\n    \t  \t^"));

    [TestCase(9, 1), TestCase(1, 99), TestCase(0, 0)]
    public void A_place_outside_the_text_is_no_failure(int line, int column) =>
        Assert.That(SyntaxErrorText.Describe("f", "ab\u001b[2J", new TextFormatException(line, column, "no")), Does.Contain("^").And.Not.Contain("\u001b"));

    [Test]
    public void Carriage_returns_are_not_shown() =>
        Assert.That(SyntaxErrorText.Describe("f", "ab\r\ncd\r\n", new TextFormatException(2, 1, "no")), Is.EqualTo("f:2:1: no\n    cd\n    ^"));
}
