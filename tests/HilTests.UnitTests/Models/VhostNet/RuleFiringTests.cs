using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Judging;
using HilTests.Core.Kernel;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Values;
using HilTests.Models.VhostNet;
using HilTests.Models.Virtqueues;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>For each rule of the model a lie in a good trace that makes exactly this rule fire, where the lie was told.</summary>
public sealed class RuleFiringTests
{
    /// <summary>Lies of one label tried in one trace, but all about errno.</summary>
    private const int EachLabel = 4;

    private static readonly VhostNetModel Model = new();

    private static readonly Lazy<Dictionary<string, TraceCorruption>> Fired = new(FireAll);

    /// <summary>All but the one that is a known bug of the kernel the fake device stands for; it has a test of its own.</summary>
    public static IEnumerable<Rule> Rules => VhostNetRules.All.Except([VhostNetRules.RxNumBuffersOne]);

    [TestCaseSource(nameof(Rules))]
    public void A_lie_makes_it_fire(Rule rule)
    {
        Assert.That(Fired.Value.Keys, Does.Contain(rule.Id), $"nothing makes {rule.Id} fire");
        var lie = Fired.Value[rule.Id];
        TestContext.Out.WriteLine($"{rule.Id}: {lie.Trace.Program.Name}, step {lie.Step + 1}, {lie.Path} {lie.Kind}");
    }

    [Test]
    public void A_kernel_without_the_bug_may_not_leave_num_buffers_unwritten()
    {
        var program = VhostNetSuite.Instance.HandWritten.Single(p => p.Name == "rx-unmerged");
        var trace = FakeVhost.Run(program);
        var facts = trace.Profile.Facts.SetItem("release", Value.Text("7.2.0")).SetItem("version", Value.Text("7.2.0"));
        var judgement = Judge.Decide(trace with { Profile = new KernelProfile { Facts = facts } }, Model);
        var wrong = ((Verdict.Diverges)judgement.Verdict).Discrepancy;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(wrong.Rule, Is.EqualTo(VhostNetRules.RxNumBuffersOne));
            Assert.That((wrong.Field, wrong.Allowed), Is.EqualTo(("num-buffers", "1")));
            Assert.That(Judge.Decide(trace, Model).Remarks.Select(r => r.Discrepancy.Rule).Distinct(), Is.EqualTo([VhostNetRules.RxNumBuffersOne]));
        }
    }

    [Test]
    public void Rule_ids_and_texts_are_of_one_form()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(VhostNetRules.All.Select(r => r.Id), Is.Unique);
            Assert.That(VhostNetRules.All.Select(r => r.Id), Has.All.Matches("^(vhost|virtq)(\\.[a-z-]+)+$"));
            Assert.That(VhostNetRules.All.Where(r => r.Reference.Length < 5 || !r.Text.EndsWith('.')).Select(r => r.Id), Is.Empty);
            Assert.That(Listed(typeof(VhostNetRules)).Concat(Listed(typeof(VirtqueueRules))), Is.SubsetOf(VhostNetRules.All), "a rule that no list names");
        }
    }

    private static IEnumerable<Rule> Listed(Type rules) =>
        rules.GetProperties().Where(p => p.PropertyType == typeof(Rule)).Select(p => (Rule)p.GetValue(null)!);

    private static Dictionary<string, TraceCorruption> FireAll()
    {
        var fired = new Dictionary<string, TraceCorruption>();
        foreach (var program in Small())
        {
            var lies = TraceCorruption.Of(FakeVhost.Run(program)).Where(l => l.Kind != "missing");
            foreach (var lie in lies.GroupBy(l => l.Label).SelectMany(g => g.Key.StartsWith("errno", StringComparison.Ordinal) ? g : g.TakeLast(EachLabel)))
                if (RuleOf(lie) is { } rule) fired.TryAdd(rule, lie);
        }
        return fired;
    }

    private static IEnumerable<Program> Small() =>
        CraftedPrograms.All.Concat(VhostNetSuite.Instance.HandWritten.Where(p => p.Steps.Length < 110 && !p.Steps.Any(IsLarge)));

    /// <summary>Lies are told about every item of a list: long lists would take minutes.</summary>
    private static bool IsLarge(Step step) => step is Drive { Count: > 50 } or OfferRange { Count: > 50 } or SendRange { Count: > 50 };

    /// <summary>The rule that names the lie itself, or null where another step or field is blamed, or none.</summary>
    private static string? RuleOf(TraceCorruption lie)
    {
        var judgement = Judge.Decide(lie.Trace, Model);
        var said = judgement.Verdict is Verdict.Diverges wrong
            ? wrong.Discrepancy
            : judgement.Remarks.FirstOrDefault(r => r.Known is null && r.Discrepancy.Step == lie.Step + 1)?.Discrepancy;
        return said is not null && said.Step == lie.Step + 1 && ValuePath.Overlap(said.Field, lie.Path) ? said.Rule.Id : null;
    }
}
