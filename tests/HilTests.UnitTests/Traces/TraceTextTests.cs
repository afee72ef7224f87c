using System.Text;
using HilTests.Core.Kernel;
using HilTests.Core.Traces;
using HilTests.Core.Values;

namespace HilTests.UnitTests.Traces;

public sealed class TraceTextTests
{
    private const string Head = "hil-trace 1\nname bad\ndevice vhost-net\nprofile hz=250\n";

    [FsCheck.NUnit.Property(Arbitrary = [typeof(AnyTrace)], MaxTest = 300)]
    public bool A_trace_reads_back_equal(Trace trace) => TraceText.Parse(TraceText.Print(trace), trace.Program).Equals(trace);

    [FsCheck.NUnit.Property(Arbitrary = [typeof(AnyTrace)], MaxTest = 100)]
    public bool Without_the_program_the_steps_that_were_begun_are_the_program(Trace trace)
    {
        var read = TraceText.Parse(TraceText.Print(trace));
        return read.Program.Steps.SequenceEqual(trace.Entries.Select(e => e.Step))
            && (read.Program.Name, read.Program.Seed, read.Program.About) == (trace.Program.Name, trace.Program.Seed, trace.Program.About);
    }

    [FsCheck.NUnit.Property(Arbitrary = [typeof(AnyTrace)], MaxTest = 100)]
    public bool The_pieces_an_agent_writes_join_to_the_whole(Trace trace)
    {
        var text = new StringBuilder(TraceText.Head(trace.Program, trace.Profile));
        for (var i = 0; i < trace.Entries.Length; i++)
        {
            text.Append(TraceText.Begin(i + 1, trace.Program.Device, trace.Entries[i].Step));
            if (trace.Entries[i].Observation is { } observation) text.Append(TraceText.Outcome(observation));
        }
        return text.Append(TraceText.Tail(trace.End, trace.EndLines)).ToString() == TraceText.Print(trace);
    }

    [FsCheck.NUnit.Property(Arbitrary = [typeof(AnyTrace)], MaxTest = 100)]
    public bool A_trace_that_lost_its_last_lines_is_a_cut_one(Trace trace, ushort choice)
    {
        var lines = TraceText.Print(trace with { End = TraceEnd.Cut, EndLines = [] }).Split('\n');
        var head = TraceText.Head(trace.Program, trace.Profile).Count(c => c == '\n');
        var keep = head + (choice % (lines.Length - head));
        var read = TraceText.Parse(string.Join('\n', lines.Take(keep)) + "\n", trace.Program);
        return read.End == TraceEnd.Cut && read.Entries.Length <= trace.Entries.Length
            && read.Entries.Select(e => e.Step).SequenceEqual(trace.Entries.Take(read.Entries.Length).Select(e => e.Step));
    }

    [Test]
    public void Line_ends_in_what_the_agent_says_do_not_break_the_trace()
    {
        var tail = TraceText.Tail(TraceEnd.Hung, ["a\nend complete\r\nb"]);
        Assert.That(tail, Is.EqualTo("end hung\n| a end complete b\n"));
    }

    [TestCase("", 1, 1, "the text is empty")]
    [TestCase("hil-trace 9\n", 1, 11, "version '9'")]
    [TestCase("hil-program 1\n", 1, 1, "'hil-trace 1' was expected")]
    [TestCase("hil-trace 1\n1: open\n", 2, 4, "'device NAME' must stand before")]
    [TestCase("hil-trace 1\ndevice vhost-net\nend complete\n", 4, 1, "'profile …' is missing")]
    [TestCase("hil-trace 1\ndevice vhost-net\nprofile hz=2x\n", 3, 12, "'2x' is not a 64-bit number")]
    public void A_bad_head_is_refused_with_line_and_column(string text, int line, int column, string complaint) =>
        Refused(text, line, column, complaint);

    [TestCase("2: open", 1, "step 1 was expected")]
    [TestCase("1:open", 1, "step 1 was expected")]
    [TestCase("1: opne", 4, "did you mean open?")]
    [TestCase("1: set-vring-num ring=0 num=1q", 29, "'1q' is not a 64-bit number")]
    [TestCase("= @1+2 errno=0", 1, "an outcome without its step")]
    [TestCase("| text\n1: open", 1, "'| ' lines must follow an outcome", 6)]
    [TestCase("1: open\n= @1-2 errno=0", 3, "'@START+DURATION'", 6)]
    [TestCase("1: open\n= @1+2 errno=", 14, "a value", 6)]
    [TestCase("1: open\n= @1+2 errno=0\n= @1+2 errno=0", 1, "an outcome without its step", 7)]
    [TestCase("end later", 5, "unknown end 'later'")]
    [TestCase("end complete\n1: open", 1, "nothing but '| ' lines may follow 'end'", 6)]
    [TestCase("what is this", 1, "a step, '= …', '| …' or 'end …' was expected")]
    public void A_bad_line_is_refused_with_line_and_column(string lines, int column, string complaint, int line = 5) =>
        Refused(Head + lines + "\n", line, column, complaint);

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public FsCheck.Property A_profile_reads_back_equal() => FsCheck.Fluent.Prop.ForAll(
        FsCheck.Fluent.Arb.ToArbitrary(AnyTrace.Profiles), profile => KernelProfile.Parse(profile.ToString()).Equals(profile));

    private static void Refused(string text, int line, int column, string complaint)
    {
        var error = Assert.Throws<TextFormatException>(() => TraceText.Parse(text));
        using (Assert.EnterMultipleScope())
        {
            Assert.That((error.Line, error.Column), Is.EqualTo((line, column)), error.Message);
            Assert.That(error.Complaint, Does.Contain(complaint));
        }
    }
}
