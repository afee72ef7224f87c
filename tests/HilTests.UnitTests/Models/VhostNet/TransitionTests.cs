using HilTests.Core;
using HilTests.Core.Judging;
using HilTests.Models.VhostNet;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>Coverage of the model: what can be named, and that the suite takes what it is there to take.</summary>
public sealed class TransitionTests
{
    private const int Generated = 200;

    /// <summary>Share of the foreseen transitions that the suite takes on the fake device, rounded down from what was measured.</summary>
    private const double LeastTaken = 0.80;

    private static readonly VhostNetModel Model = new();

    [Test]
    public void The_suite_takes_most_of_what_is_foreseen()
    {
        var suite = VhostNetSuite.Instance;
        var taken = suite.HandWritten.Concat(Enumerable.Range(0, Generated).Select(i => suite.Generate(new Seed(9).Fork((ulong)i), i)))
            .SelectMany((p, i) => Judge.Decide(FakeVhost.Run(p, (ulong)i), Model).TransitionUses.Keys)
            .ToHashSet();
        foreach (var never in Model.Transitions.Except(taken)) TestContext.Out.WriteLine($"never: {never}");
        foreach (var unforeseen in taken.Except(Model.Transitions)) TestContext.Out.WriteLine($"not foreseen: {unforeseen}");
        var share = (double)Model.Transitions.Intersect(taken).Count() / Model.Transitions.Count;
        TestContext.Out.WriteLine($"{share:P1} of {Model.Transitions.Count}");
        Assert.That(share, Is.GreaterThanOrEqualTo(LeastTaken));
    }

    [Test]
    public void Their_names_are_unique_and_of_one_line() =>
        Assert.That(Model.Transitions, Is.Unique.And.All.Matches("^[a-zA-Z0-9_.: -]+$"));
}
