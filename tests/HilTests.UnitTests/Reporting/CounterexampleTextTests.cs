using System.Text.Json;
using HilTests.Core.Judging;
using HilTests.Core.Programs;
using HilTests.Core.Results;
using HilTests.Reporting;
using HilTests.Reporting.Html;

namespace HilTests.UnitTests.Reporting;

/// <summary>A shrunk program is a program file that says what is wrong with it, and every report tells of it.</summary>
public sealed class CounterexampleTextTests
{
    private static readonly ProgramResult Result = Shrunk((2, 2));

    [Test]
    public void The_file_is_the_program_with_the_wrong_step_marked()
    {
        var text = CounterexampleText.Write(Result, Result.Counterexample!, "hil replay x.hil");
        var lines = text.Split('\n');
        var wrong = Array.IndexOf(lines, "settle");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ProgramText.Parse(text), Is.EqualTo(Result.Counterexample!.Program));
            Assert.That(lines[1], Is.EqualTo("# 8 steps became 3 in 4.2 s, 17 programs tried; seen 2 of 2 times on fresh machines"));
            Assert.That(lines[2], Is.EqualTo("# run it again: hil replay x.hil"));
            Assert.That(lines[wrong - 1], Is.EqualTo("# the first wrong step, number 3:"));
            Assert.That(lines[wrong + 1], Is.EqualTo("#   allowed   used[0].id = 4"));
            Assert.That(lines[wrong + 2], Is.EqualTo("#   observed  used[0].id = 7"));
            Assert.That(lines[wrong + 3], Does.StartWith("#   rule      vhost.tx.used-order: "));
        }
    }

    [Test]
    public void One_that_no_fresh_machine_shows_says_so_and_marks_nothing_where_nothing_was_wrong()
    {
        var result = Shrunk((0, 2));
        var fine = result.Counterexample! with { Judgement = result.Counterexample.Judgement with { Verdict = new Verdict.Conforms() } };
        var text = CounterexampleText.Write(result, fine, "hil replay x.hil");
        Assert.That(text, Does.Contain("not seen on 2 fresh machines").And.Not.Contain("wrong step"));
    }

    [Test]
    public void A_kernel_that_dies_after_the_last_step_is_explained_at_the_end()
    {
        var small = Result.Counterexample! with { Judgement = Result.Counterexample!.Judgement with { Verdict = new Verdict.Crashed("BUG: bad", 4) } };
        Assert.That(CounterexampleText.Steps(small).Last(), Does.StartWith("# rule      kernel.survives"));
    }

    [Test]
    public void Every_report_tells_of_it()
    {
        var run = SampleRun.Of([Result]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Written(w => TextSummary.Write(run, w, new SummaryOptions())), Does.Contain("# the first wrong step, number 3:").And.Contain("hil replay results/2026-01-31-123005/counterexamples/tx-reorder.hil"));
            Assert.That(Written(w => KtapReport.Write(run, w)), Does.Contain("# tx-reorder:   # the first wrong step, number 3:"));
            Assert.That(Written(w => JUnitReport.Write(run, w)), Does.Contain("# the first wrong step, number 3:"));
            Assert.That(Written(w => HtmlReport.Write(run, w)), Does.Contain("The smallest program: 8 steps became 3"));
        }
        using var json = JsonDocument.Parse(Written(w => JsonReport.Write(run, w)));
        var small = json.RootElement.GetProperty("findings")[0].GetProperty("counterexample");
        Assert.That((small.GetProperty("steps").GetInt32(), small.GetProperty("step").GetInt32()), Is.EqualTo((3, 3)));
        Assert.That(ProgramText.Parse(small.GetProperty("program").GetString()!), Is.EqualTo(Result.Counterexample!.Program));
    }

    [Test]
    public void It_is_kept_in_the_folder_and_can_be_read_again()
    {
        var root = Directory.CreateTempSubdirectory("hil-test-").FullName;
        try
        {
            ResultFolder.Claim(Path.Combine(root, "run"), "hil run").Write(SampleRun.Of([Result]));
            var file = Path.Combine(root, "run", "counterexamples", "tx-reorder.hil");
            Assert.That(ProgramText.Parse(File.ReadAllText(file)), Is.EqualTo(Result.Counterexample!.Program));
            Assert.That(File.Exists(Path.ChangeExtension(file, ".trace")), Is.True);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static string Written(Action<TextWriter> write)
    {
        using var writer = new StringWriter();
        write(writer);
        return writer.ToString();
    }

    private static ProgramResult Shrunk((int Seen, int Runs) fresh)
    {
        var result = SampleRun.Diverging("tx-reorder");
        var program = SampleRun.Named("tx-reorder-shrunk", "open", "offer ring=tx heads=[4 7]", "settle");
        var wrong = ((Verdict.Diverges)result.Judgement!.Verdict).Discrepancy with { Step = 3 };
        return result with
        {
            Counterexample = new Counterexample
            {
                Program = program,
                Trace = result.Trace! with { Program = program, Entries = result.Trace.Entries[..3] },
                Judgement = result.Judgement with { Verdict = new Verdict.Diverges(wrong) },
                Tried = 17,
                Seconds = 4.21,
                Ended = true,
                Fresh = fresh,
            },
        };
    }
}
