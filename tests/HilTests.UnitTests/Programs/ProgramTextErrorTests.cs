using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.UnitTests.Programs;

public sealed class ProgramTextErrorTests
{
    private const string Head = "hil-program 1\nname bad\ndevice vhost-net\nopen\n";

    [TestCase("", 1, 1, "'hil-program 1' was expected; the text is empty")]
    [TestCase("hil-trace 1\n", 1, 1, "'hil-program 1' was expected in the first line")]
    [TestCase("hil-program 2\n", 1, 13, "version '2'")]
    [TestCase("hil-program\n", 1, 1, "'hil-program 1' was expected")]
    [TestCase("hil-program 1\nopen\n", 2, 1, "'device NAME' must stand before the first step")]
    [TestCase("hil-program 1\n# nothing\n", 3, 1, "'device NAME' is missing")]
    [TestCase("hil-program 1\ndevice vhost-blk\n", 2, 8, "unknown device 'vhost-blk'; known: vhost-net")]
    [TestCase("hil-program 1\nseed -1\n", 2, 6, "'-1' is not a seed")]
    [TestCase("hil-program 1\nabout text\n", 2, 7, "a string in quotes")]
    [TestCase("hil-program 1\nabout \"text\n", 2, 7, "closing")]
    public void A_bad_head_is_refused_with_line_and_column(string text, int line, int column, string complaint) =>
        Refused(text, line, column, complaint);

    [TestCase("set-owners", 1, "did you mean set-owner or reset-owner?")]
    [TestCase("sttle", 1, "did you mean settle?")]
    [TestCase("  opne", 3, "did you mean open?")]
    [TestCase("reboot-the-machine", 1, "vhost-net has no step 'reboot-the-machine'")]
    [TestCase("set-vring-num ring=0", 1, "'set-vring-num' needs num=")]
    [TestCase("set-vring-num ring=0 num=1 num=2", 28, "'num' is given twice")]
    [TestCase("set-vring-num ring=0 num=1 size=2", 1, "'set-vring-num' has no argument 'size'; it has ring, num")]
    [TestCase("set-vring-num ring=0 num=12k", 26, "'12k' is not a 64-bit number")]
    [TestCase("set-vring-num ring=0 num=-1", 1, "num=-1 is outside 0..4294967295")]
    [TestCase("set-vring-num ring=x num=1", 1, "ring must be a number, not x")]
    [TestCase("set-vring-num ring=99999999999 num=1", 1, "outside")]
    [TestCase("set-vring-num ring", 19, "'=' after 'ring' was expected, not the end of the line")]
    [TestCase("set-vring-num ring= num=1", 20, "a value was expected, not ' '")]
    [TestCase("set-backend ring=0 backend=\"b0", 28, "a string without its closing")]
    [TestCase("offer ring=tx heads=[1 2", 25, "']' or a value was expected")]
    [TestCase("offer ring=tx heads=[70000]", 1, "0 to 65535")]
    [TestCase("offer ring=both heads=[1]", 1, "ring must be one of rx, tx, not 'both'")]
    [TestCase("offer ring=tx heads=1", 1, "heads must be a list")]
    [TestCase("bytes at=0 data=\"ab\"", 1, "data must be bytes")]
    [TestCase("bytes at=0 data=h'0q'", 19, "hexadecimal")]
    [TestCase("set-mem-table regions=[{guest=1 size=2}]", 1, "a region is")]
    [TestCase("desc table=0 index=0 addr=0 len=0 flags=[last]", 1, "flags are next, write, indirect")]
    [TestCase("kick ring=tx @", 14, "a field name was expected, not '@'")]
    [TestCase("kick ring=tx }", 14, "the end of the line was expected")]
    public void A_bad_step_is_refused_with_line_and_column(string step, int column, string complaint) =>
        Refused(Head + step + "\n", 5, column, complaint);

    [Test]
    public void A_step_with_huge_nesting_is_refused_where_it_gets_too_deep() =>
        Refused(Head + "offer ring=tx heads=" + new string('[', 100_000), 5, 53, "nested more than 32 deep");

    private static void Refused(string text, int line, int column, string complaint)
    {
        var error = Assert.Throws<TextFormatException>(() => ProgramText.Parse(text));
        using (Assert.EnterMultipleScope())
        {
            Assert.That((error.Line, error.Column), Is.EqualTo((line, column)), error.Message);
            Assert.That(error.Complaint, Does.Contain(complaint));
        }
    }
}
