using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Kernel;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Core.Values;

namespace HilTests.UnitTests.Predictions;

public sealed class StateModelTests
{
    [Test]
    public void States_grow_with_what_may_happen_and_shrink_with_what_is_seen()
    {
        var run = Begin();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Advance(run, new Kick(Ring.Tx)).States, Is.EqualTo(2));
            Assert.That(Advance(run, new Kick(Ring.Tx)).States, Is.EqualTo(3), "equal states are merged");
            Assert.That(Advance(run, new Settle(), "count=1 even=0").States, Is.EqualTo(1));
            Assert.That(Advance(run, new Settle(), "count=2 even=0").Discrepancy, Is.Not.Null, "the other states are gone");
        }
    }

    [Test]
    public void No_state_that_fits_is_a_discrepancy_with_all_that_was_allowed()
    {
        var run = Begin();
        Advance(run, new Kick(Ring.Tx));
        var judged = Advance(run, new Settle(), "count=7 even=0");
        var wrong = judged.Discrepancy!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((wrong.Field, wrong.Allowed, wrong.Observed, wrong.Rule), Is.EqualTo(("count", "0 or 1", "7", ToyModel.Count)));
            Assert.That(wrong.Satisfied, Is.False);
            Assert.That(wrong.Exact, Is.False, "two values were allowed");
            Assert.That(judged.Claims, Has.Length.EqualTo(2));
        }
    }

    [Test]
    public void A_missing_field_is_seen_as_nothing() =>
        Assert.That(Advance(Begin(), new Settle()).Discrepancy!.Observed, Is.EqualTo("nothing"));

    [Test]
    public void A_failed_SHOULD_leaves_the_state()
    {
        var judged = Advance(Begin(), new Settle(), "count=0 even=1");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(judged.Discrepancy, Is.Null);
            Assert.That(judged.Claims.Select(c => c.Satisfied), Is.EqualTo([true, false]));
            Assert.That(judged.Claims.All(c => c.Exact), Is.True);
        }
    }

    [Test]
    public void What_is_tolerated_leaves_the_state()
    {
        var seen = Seen("features=0");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Begin().Advance(new GetFeatures(), seen, rule => rule == ToyModel.Buggy).Discrepancy, Is.Null);
            Assert.That(Begin().Advance(new GetFeatures(), seen, _ => false).Discrepancy, Is.Not.Null);
        }
    }

    [Test]
    public void A_field_that_was_read_as_input_cannot_be_judged()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Advance(Begin(), new GetVringBase(0), "base=3"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error.Message, Does.Contain("toy.count").And.Contain("'base'"));
            Assert.That(Advance(Begin(), new GetBusyloop(0), "errno=3 base=3").Discrepancy, Is.Null, "another field may be read");
            Assert.That(Advance(Begin(), new GetBusyloop(0), "errno=3 base=4").Discrepancy, Is.Not.Null);
        }
    }

    [Test]
    public void Too_many_outcomes_are_inconclusive() =>
        Assert.That(Advance(Begin(), new Open()).Inconclusive, Does.Contain("more than 4096 outcomes"));

    [Test]
    public void A_step_that_the_model_cannot_judge_is_inconclusive() =>
        Assert.That(Advance(Begin(), new Close()).Inconclusive, Is.EqualTo("the toy cannot be closed"));

    [Test]
    public void A_step_without_a_branch_is_an_error_of_the_model() =>
        Assert.That(() => Advance(Begin(), new ResetOwner()), Throws.InvalidOperationException.With.Message.Contains("no branch"));

    [Test]
    public void A_state_may_adopt_what_a_claim_has_bounded()
    {
        var run = Begin();
        Advance(run, new SetOwner(), "errno=4");
        Assert.That(Advance(run, new Settle(), "count=4 even=0").Discrepancy, Is.Null);
    }

    [TestCase("hello", true)]
    [TestCase("bye", false)]
    public void Claims_may_name_fields_decoded_from_lines(string line, bool conforms)
    {
        var judged = Begin().Advance(new Read(0, 1), new Observation { Lines = [line] }, _ => false);
        Assert.That(judged.Discrepancy is null, Is.EqualTo(conforms));
    }

    [Test]
    public void Inputs_note_what_was_read()
    {
        var inputs = new DeclaredInputs(Seen("a=1 b=x"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(inputs.Number("a"), Is.EqualTo(1));
            Assert.That(inputs.Number("c", 9), Is.EqualTo(9));
            Assert.That(inputs.Read, Is.EquivalentTo(["a", "c"]));
        }
    }

    private static IModelRun Begin() =>
        new ToyModel().Begin(KernelProfile.Of(), new Program { Name = "toy", Device = "vhost-net", Steps = [] });

    private static StepJudgement Advance(IModelRun run, Step step, string fields = "") => run.Advance(step, Seen(fields), _ => false);

    private static Observation Seen(string fields) => new() { Fields = [.. ValueText.ParseFields(fields)] };
}
