using HilTests.Core.Judging;
using HilTests.Core.Traces;
using HilTests.Models.F2fs;

namespace HilTests.UnitTests.Models.F2fs;

/// <summary>A trim whose commands the thread of discards collected: it is told less, at most once in the first five seconds.</summary>
public sealed class TrimShareTests
{
    private const string Trace = FormattedTrace.Head + """
        4: mount options="nodiscard"
        = @1000+1 errno=0 valid=[{start=4096 length=1}]
        5: fitrim start=0x0 length=0x4000000 minlen=0x100000
        = @TIME+1 errno=0 len=LENGTH discard-ios=2 discard-sectors=4096
        6: fitrim start=0x0 length=0x4000000 minlen=0x100000
        = @5050000+1 errno=0 len=2097152 discard-ios=2 discard-sectors=4096
        end complete

        """;

    private static Verdict Decide(string time, string length, string? second = null)
    {
        var text = Trace.Replace("TIME", time, StringComparison.Ordinal).Replace("LENGTH", length, StringComparison.Ordinal);
        return Judge.Decide(TraceText.Parse(second is null ? text : text.Replace("@5050000+1 errno=0 len=2097152", second, StringComparison.Ordinal)), new F2fsModel()).Verdict;
    }

    [TestCase("40999", "2097152", Description = "before the thread looks")]
    [TestCase("41000", "2097152")]
    [TestCase("41000", "4096")]
    [TestCase("41000", "0")]
    public void What_the_thread_may_leave_conforms(string time, string length) =>
        Assert.That(Decide(time, length), Is.InstanceOf<Verdict.Conforms>(), Decide(time, length).ToString());

    [TestCase("40998", "0", Description = "the thread has not looked yet")]
    [TestCase("41000", "512", Description = "blocks, not bytes")]
    [TestCase("41000", "2101248", Description = "more than the disk discarded")]
    public void Another_length_is_against_the_rule(string time, string length) => Assert.That(Rule(Decide(time, length)), Is.EqualTo(("f2fs.fitrim.len", 5)));

    [Test]
    public void A_second_one_is_too_many_within_five_seconds()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Rule(Decide("41000", "0", "@5000998+1 errno=0 len=0")), Is.EqualTo(("f2fs.fitrim.len", 6)));
            Assert.That(Decide("41000", "0", "@5001000+1 errno=0 len=0"), Is.InstanceOf<Verdict.Conforms>());
        }
    }

    private static (string?, int?) Rule(Verdict verdict) => verdict is Verdict.Diverges wrong ? (wrong.Discrepancy.Rule.Id, wrong.Discrepancy.Step) : (verdict.ToString(), null);
}
