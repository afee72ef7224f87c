using HilTests.Cli.Output;
using HilTests.Cli.Running;
using HilTests.Models;

namespace HilTests.UnitTests.Cli;

[TestFixture]
public sealed class RunningTests
{
    private static readonly string Device = ModelRegistry.Devices.First();

    [Test]
    public void Devices_take_turns() =>
        Assert.That(RunPlan.InTurns<int>([[1, 2, 3], [], [10], [20, 21]]), Is.EqualTo((int[])[1, 10, 20, 2, 21, 3]));

    [Test]
    public void A_plan_with_a_number_has_exactly_that_many_and_depends_on_the_seed_only()
    {
        var suite = ModelRegistry.Get(Device);
        var plan = RunPlan.Of([], [Device], seed: 7, generated: 5, endless: false);
        var again = RunPlan.Of([], [Device], seed: 7, generated: 5, endless: false);
        Assert.That(plan.Programs.Count(), Is.EqualTo(plan.Count).And.EqualTo(suite.HandWritten.Count + 5));
        Assert.That(plan.Programs.Select(p => p.Program), Is.EqualTo(again.Programs.Select(p => p.Program)));
    }

    [Test]
    public void What_is_returned_comes_next_and_in_order()
    {
        using var queue = new ProgramQueue(RunPlan.Of([], [Device], 7, 5, endless: false));
        var taken = Take(queue, 4);
        queue.Return(taken.Skip(1));
        Assert.That(Take(queue, 3), Is.EqualTo(taken.Skip(1)));
    }

    [Test]
    public void A_closed_queue_gives_nothing_and_keeps_what_was_planned()
    {
        var plan = RunPlan.Of([], [Device], 7, 5, endless: false);
        using var queue = new ProgramQueue(plan);
        queue.Close();
        Assert.That((queue.TryTake(out _), queue.Programs.Count), Is.EqualTo((false, plan.Count)));
    }

    [Test]
    public void An_endless_queue_keeps_what_was_run()
    {
        using var queue = new ProgramQueue(RunPlan.Of([], [Device], 7, null, endless: true));
        var taken = Take(queue, 200);
        taken[0].IsDone = taken[1].IsDone = true;
        Assert.That(queue.Programs, Is.EqualTo(taken.Take(2)));
    }

    [Test]
    public void The_console_is_cut_by_its_marks()
    {
        var console = "[ 1.0] boot\n[ 2.0] hil-agent: programs begin\n[ 2.1] a\n[ 2.2] b\n[ 2.3] hil-agent: program #2 tx: odd name logged the lines above\n[ 3.0] panic\n";
        var slices = ConsoleSlices.Of(console, last: 5);
        Assert.That(slices.Keys, Is.EquivalentTo((int[])[2, 5]));
        Assert.That(slices[2], Is.EqualTo((string[])["[ 2.1] a", "[ 2.2] b"]));
        Assert.That(slices[5], Is.EqualTo((string[])["[ 3.0] panic"]));
    }

    [Test]
    public void A_console_without_marks_belongs_to_nobody() => Assert.That(ConsoleSlices.Of("[ 1.0] boot\n", 0), Is.Empty);

    [Test]
    public void A_record_says_how_another_kernel_differs()
    {
        var record = RecordedRun.Parse(["name bookworm", "machine qemu", "release 6.1.0-1-amd64", "module vhost ab12", "module vhost_net cd34"]);
        var same = new Core.Results.KernelFacts("bookworm", "6.1.0-1-amd64", null, record.Kernel.Modules);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((record.KernelName, record.Machine), Is.EqualTo(("bookworm", "qemu")));
            Assert.That(record.Kernel.Difference(same), Is.Null);
            Assert.That(record.Kernel.Difference(same with { Release = "6.1.0-2-amd64" }), Does.Contain("6.1.0-1-amd64").And.Contain("6.1.0-2-amd64"));
            Assert.That(record.Kernel.Difference(same with { Modules = same.Modules.SetItem("vhost", "ff") }), Does.Contain("vhost").And.Not.Contain("vhost_net"));
        }
    }

    [TestCase("name x"), TestCase("colour red"), TestCase("machine moon"), TestCase("module vhost")]
    public void A_record_that_cannot_be_read_is_an_error(string line) => Assert.That(() => RecordedRun.Parse([line]), Throws.InstanceOf<FormatException>());

    private static List<QueuedProgram> Take(ProgramQueue queue, int count)
    {
        var taken = new List<QueuedProgram>();
        while (taken.Count < count && queue.TryTake(out var program)) taken.Add(program);
        Assert.That(taken, Has.Count.EqualTo(count));
        return taken;
    }
}
