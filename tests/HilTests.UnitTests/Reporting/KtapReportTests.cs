using HilTests.Reporting;

namespace HilTests.UnitTests.Reporting;

public sealed class KtapReportTests
{
    private static IReadOnlyList<KtapTest> Tests(Core.Results.RunResult run) => KtapReader.Read(Text(run));

    private static string Text(Core.Results.RunResult run)
    {
        var writer = new StringWriter();
        KtapReport.Write(run, writer);
        return writer.ToString();
    }

    [Test]
    public void Each_device_is_a_group_and_each_planned_program_a_test()
    {
        var run = SampleRun.Make();
        var tests = Tests(run);
        Assert.That(tests.Select(t => t.Name), Is.EqualTo(new[] { "vhost-net", "f2fs" }));
        Assert.That(tests.Sum(t => t.Subtests.Count), Is.EqualTo(run.Programs.Length));
    }

    [TestCase("owner-once", true, null)]
    [TestCase("tx-reorder", false, null)]
    [TestCase("rx-peek", false, null)]
    [TestCase("detach-in-flight", false, "TIMEOUT")]
    [TestCase("ring-of-no-size", true, null)]
    [TestCase("busyloop-wide", true, "SKIP")]
    [TestCase("events-lost", false, "ERROR")]
    [TestCase("agent-failed", false, "ERROR")]
    [TestCase("after-the-crash", false, "ERROR")]
    public void A_program_has_the_result_of_its_outcome(string program, bool ok, string? directive)
    {
        var test = Tests(SampleRun.Make())[0].Subtests.Single(t => t.Name == program);
        Assert.That((test.Ok, test.Directive), Is.EqualTo((ok, directive)));
        if (directive is not null) Assert.That(test.Data, Is.Not.Empty);
    }

    [Test]
    public void A_divergence_is_explained_before_its_result()
    {
        var test = Tests(SampleRun.Make())[0].Subtests.Single(t => t.Name == "tx-reorder");
        Assert.That(test.Diagnostics, Has.Some.Contains("step 6 (settle): used[0].id was 7, allowed 4"));
        Assert.That(test.Diagnostics, Has.Some.Contains("vhost.tx.used-order"));
        Assert.That(test.Diagnostics, Has.Some.Contains("hil replay results/2026-01-31-123005/programs/tx-reorder.hil"));
    }

    [Test]
    public void A_device_fails_with_a_program_and_is_skipped_when_all_are()
    {
        var tests = Tests(SampleRun.Make());
        Assert.That((tests[0].Ok, tests[1].Ok, tests[1].Directive), Is.EqualTo((false, true, "SKIP")));
    }

    [Test]
    public void A_hostile_name_cannot_fake_a_directive()
    {
        var test = Tests(SampleRun.Make())[0].Subtests.Single(t => t.Name.Contains("evil"));
        Assert.That((test.Ok, test.Directive), Is.EqualTo((true, (string?)null)));
    }

    [Test]
    public void A_run_without_programs_is_an_empty_plan() => Assert.That(Tests(SampleRun.Of([])), Is.Empty);

    [TestCase("ok 1 a\n")]
    [TestCase("KTAP version 1\n1..2\nok 1 a\n")]
    [TestCase("KTAP version 1\n1..2\nok 1 a\nok 3 b\n")]
    [TestCase("KTAP version 1\n1..1\n  KTAP version 1\n  1..1\n  not ok 1 b\nok 1 a\n")]
    [TestCase("KTAP version 1\n1..1\n    KTAP version 1\n    1..1\n    ok 1 b\nok 1 a\n")]
    [TestCase("KTAP version 1\n1..1\nok 1 a\nnoise\n")]
    public void The_reader_refuses_what_is_not_ktap(string text) =>
        Assert.That(() => KtapReader.Read(text), Throws.TypeOf<FormatException>());
}
