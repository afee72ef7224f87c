using HilTests.Core.Judging;
using HilTests.Core.Traces;
using HilTests.Core.Values;
using HilTests.Models.VhostNet;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>Traces of kernels that have a bug which is known upstream: each is found, labelled, and ends the judgement.</summary>
public sealed class KernelTraceTests
{
    private static readonly VhostNetModel Model = new();

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Models", "VhostNet", "KernelTraces");

    [TestCase("tx-refused-5.10.262", "vhost.tx.refused", "dc9c9e72ff3b")]
    [TestCase("avail-jump-6.12.95", "vhost.avail.jump-forgotten", "09861858a683")]
    [TestCase("rx-rest-6.12.95", "vhost.rx.rest", "09861858a683")]
    public void A_known_bug_is_found_and_labelled(string name, string rule, string commit)
    {
        var trace = Load(name);
        var judgement = Judge.Decide(trace, Model);
        var known = judgement.Remarks.Single(r => r.Known is not null);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(judgement.Verdict, Is.TypeOf<Verdict.Conforms>());
            Assert.That(known.Discrepancy.Rule.Id, Is.EqualTo(rule));
            Assert.That(known.Known!.Commit, Does.StartWith(commit));
            Assert.That(judgement.Steps, Has.Length.EqualTo(known.Discrepancy.Step), "what comes after it is not judged");
        }
    }

    [TestCase("tx-refused-5.10.262", "vhost.tx.refused")]
    [TestCase("avail-jump-6.12.95", "vhost.avail.jump-forgotten")]
    [TestCase("rx-rest-6.12.95", "vhost.rx.rest")]
    public void It_counts_where_it_is_strict_and_on_a_kernel_that_has_the_fix(string name, string rule)
    {
        var trace = Load(name);
        var facts = trace.Profile.Facts.SetItem("version", Value.Text("7.2.13"));
        var later = trace with { Profile = trace.Profile with { Facts = facts } };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Broken(Judge.Decide(trace, Model, strict: true)), Is.EqualTo(rule));
            Assert.That(Broken(Judge.Decide(later, Model)), Is.EqualTo(rule));
        }
    }

    private static string Broken(Judgement judgement) => ((Verdict.Diverges)judgement.Verdict).Discrepancy.Rule.Id;

    private static Trace Load(string name) => TraceText.Parse(File.ReadAllText(Path.Combine(Folder, name + ".trace")));
}
