using HilTests.Core.Judging;
using HilTests.Core.Kernel;
using HilTests.Core.Traces;
using HilTests.Core.Values;
using HilTests.Models.VhostNet;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>
/// What differs between kernels, in traces recorded from them: bugs that are known upstream, each found, labelled and the
/// end of the judgement, and what only newer kernels have.
/// </summary>
public sealed class KernelTraceTests
{
    private static readonly VhostNetModel Model = new();

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Models", "VhostNet", "KernelTraces");

    [TestCase("tx-refused-5.10.262", "vhost.tx.refused", "dc9c9e72ff3b")]
    [TestCase("avail-jump-6.12.95", "vhost.avail.jump-forgotten", "09861858a683")]
    [TestCase("jump-in-hand-6.12.95", "vhost.avail.jump-forgotten", "09861858a683")]
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
    [TestCase("jump-in-hand-6.12.95", "vhost.avail.jump-forgotten")]
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

    [TestCase("base-taken-back-6.1.192", Description = "more is offered than the ring has, until the first chain is taken; five entries come into a ring of four")]
    [TestCase("slots-written-over-6.1.192", Description = "slots that the device may have read are written anew")]
    public void A_ring_that_is_offered_too_much_conforms(string name) => Assert.That(Judge.Decide(Load(name), Model).Verdict, Is.TypeOf<Verdict.Conforms>());

    [TestCase("features-array-7.2.13", "vhost.features.array")]
    [TestCase("fork-owner-7.2.13", "vhost.fork-owner")]
    [TestCase("tx-ring-reset-7.2.13", "vhost.tx.wire")]
    [TestCase("rx-rest-7.2.13", "vhost.rx.rest")]
    public void What_a_newer_kernel_does_conforms(string name, string rule)
    {
        var judgement = Judge.Decide(Load(name), Model);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(judgement.Verdict, Is.TypeOf<Verdict.Conforms>(), judgement.Verdict.ToString());
            Assert.That(judgement.Remarks, Is.Empty);
            Assert.That(judgement.RuleUses.Keys, Does.Contain(rule));
        }
    }

    [TestCase("features-array-7.2.13", "vhost-features-high", "VHOST_GET_FEATURES_ARRAY")]
    [TestCase("fork-owner-7.2.13", "vhost-fork-from-owner", "VHOST_GET_FORK_FROM_OWNER")]
    [TestCase("tx-ring-reset-7.2.13", "vhost-features", "RING_RESET")]
    public void A_program_about_what_the_probe_did_not_find_is_left_out(string name, string fact, string word)
    {
        var trace = Load(name);
        var older = new KernelProfile { Facts = trace.Profile.Facts.Remove(fact) };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Model.Lacks(trace.Profile, trace.Program), Is.Null);
            Assert.That(Model.Lacks(older, trace.Program), Does.Contain(word));
        }
    }

    private static string Broken(Judgement judgement) => ((Verdict.Diverges)judgement.Verdict).Discrepancy.Rule.Id;

    private static Trace Load(string name) => TraceText.Parse(File.ReadAllText(Path.Combine(Folder, name + ".trace")));
}
