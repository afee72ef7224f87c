using System.Text.Json;
using HilTests.Core.Results;
using HilTests.Reporting;

namespace HilTests.UnitTests.Reporting;

public sealed class JsonReportTests
{
    private static JsonElement Root(RunResult run)
    {
        var writer = new StringWriter();
        JsonReport.Write(run, writer);
        using var document = JsonDocument.Parse(writer.ToString());
        return document.RootElement.Clone();
    }

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(p => p.Name);

    [Test]
    public void The_object_has_the_schemas_properties_and_no_other()
    {
        var root = Root(SampleRun.Make());
        Assert.That(Names(root), Is.EqualTo(new[] { "schema", "verdict", "kernel", "patch", "machine", "counts", "timings", "findings", "attempts", "coverage", "signals" }));
        Assert.That(Names(root.GetProperty("kernel")), Is.EqualTo(new[] { "release", "package", "modules" }));
        Assert.That(Names(root.GetProperty("machine")), Is.EqualTo(new[] { "accelerator", "cpus", "memory", "slowdown" }));
        Assert.That(Names(root.GetProperty("counts")), Is.EqualTo(new[] { "programs", "steps", "events" }));
        Assert.That(Names(root.GetProperty("timings")), Is.EqualTo(new[] { "build", "boot", "run", "total" }));
        Assert.That(root.GetProperty("findings").EnumerateArray().Select(f => string.Join(' ', Names(f))).Distinct(),
            Is.EqualTo(new[] { "device rule severity class known program step allowed observed replay" }));
    }

    [Test]
    public void Verdict_schema_and_null_patch_are_there()
    {
        var root = Root(SampleRun.Make());
        Assert.That(root.GetProperty("schema").GetString(), Is.EqualTo("hil-result/1"));
        Assert.That(root.GetProperty("verdict").GetString(), Is.EqualTo("crashed"));
        Assert.That(root.GetProperty("patch").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public void Counts_are_of_what_was_run()
    {
        var counts = Root(SampleRun.Of([SampleRun.Conforming("a"), SampleRun.Diverging("b"), SampleRun.Make().Programs[5]])).GetProperty("counts");
        Assert.That(counts.GetProperty("programs").GetInt32(), Is.EqualTo(2));
        Assert.That(counts.GetProperty("steps").GetInt32(), Is.EqualTo(5 + 8));
        Assert.That(counts.GetProperty("events").GetInt32(), Is.EqualTo(4 + 6));
    }

    [Test]
    public void A_divergence_is_a_finding_with_its_replay_command()
    {
        var finding = Root(SampleRun.Of([SampleRun.Diverging("tx-reorder")])).GetProperty("findings")[0];
        string? Text(string name) => finding.GetProperty(name).GetString();
        Assert.That(Text("device"), Is.EqualTo("vhost-net"));
        Assert.That(Text("rule"), Is.EqualTo("vhost.tx.used-order"));
        Assert.That((Text("severity"), Text("class")), Is.EqualTo(("must", "observed")));
        Assert.That((Text("program"), finding.GetProperty("step").GetInt32()), Is.EqualTo(("tx-reorder", 6)));
        Assert.That((Text("allowed"), Text("observed")), Is.EqualTo(("used[0].id = 4", "used[0].id = 7")));
        Assert.That(Text("replay"), Is.EqualTo("hil replay results/2026-01-31-123005/programs/tx-reorder.hil"));
    }

    [Test]
    public void Known_bugs_and_should_findings_are_labelled_and_leave_the_verdict()
    {
        var root = Root(SampleRun.Of([SampleRun.Remarked("ring")]));
        var findings = root.GetProperty("findings").EnumerateArray().ToList();
        Assert.That(root.GetProperty("verdict").GetString(), Is.EqualTo("conforms"));
        Assert.That(findings, Has.Count.EqualTo(2));
        Assert.That(findings[0].GetProperty("known").GetProperty("commit").GetString(), Is.EqualTo(SampleRun.KnownBug.Commit));
        Assert.That(findings[0].GetProperty("known").GetProperty("first-fixed").GetString(), Is.EqualTo("6.5"));
        Assert.That(findings[1].GetProperty("severity").GetString(), Is.EqualTo("should"));
        Assert.That(findings[1].GetProperty("known").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public void Attempts_are_there_only_where_something_was_run_more_than_once()
    {
        Assert.That(Root(SampleRun.Of([SampleRun.Conforming("a")])).TryGetProperty("attempts", out _), Is.False);
        var attempt = Root(SampleRun.Of([SampleRun.Diverging("b")])).GetProperty("attempts")[0];
        Assert.That((attempt.GetProperty("program").GetString(), attempt.GetProperty("seen").GetInt32(), attempt.GetProperty("runs").GetInt32()), Is.EqualTo(("b", 3, 3)));
    }

    [Test]
    public void Crash_and_hang_are_findings()
    {
        var rules = Root(SampleRun.Make()).GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("rule").GetString()).ToList();
        Assert.That(rules, Does.Contain("kernel.survives").And.Contain("kernel.comes-back"));
    }
}
