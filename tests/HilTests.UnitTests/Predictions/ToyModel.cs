using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Kernel;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Core.Values;

namespace HilTests.UnitTests.Predictions;

/// <summary>
/// A counter that may miss kicks: kick counts one or none, settle shows the count. It borrows the steps of vhost-net.
/// </summary>
internal sealed class ToyModel : StateModel<int>
{
    public static readonly Rule Count = new("toy.count", "here", "The count is right.");
    public static readonly Rule Polite = new("toy.polite", "here", "The count should be even.", Severity.Should);
    public static readonly Rule Buggy = new("vhost.rx.num-buffers-one", "here", "Borrows the name of a known bug.");

    public override string Device => "vhost-net";

    public override IReadOnlyList<Rule> Rules => [Count, Polite, Buggy];

    protected override int Initial(KernelProfile profile, Program program) => 0;

    protected override Observation Decode(Step step, Observation observation) =>
        observation with { Fields = [.. observation.Fields, .. observation.Lines.Select((line, i) => ($"line{i}", Value.Text(line)))] };

    protected override IEnumerable<Branch<int>> Predict(int state, Step step, DeclaredInputs inputs) => step switch
    {
        Kick => [new([], _ => state), new([], _ => state + 1)],
        Settle => [new([new("count", Allowed.Exactly(state), Count), new("even", Allowed.Exactly(0), Polite)], _ => state)],
        GetFeatures => [new([new("features", Allowed.Exactly(1), Buggy)], _ => state)],
        Read => [new([new("line0", Allowed.Exactly(Value.Text("hello")), Count)], _ => state)],
        GetVringBase => [Agrees(state, inputs.Number("base"))],
        GetBusyloop => [Agrees(state, inputs.Number("errno"))],
        Open => Enumerable.Range(0, 5000).Select(i => new Branch<int>([], _ => i)),
        Close => [new([], _ => state) { Inconclusive = "the toy cannot be closed" }],
        SetOwner => [new([new("errno", Allowed.Between(0, 9), Count)], seen => (int)((NumberValue)seen["errno"]!).Number)],
        _ => [],
    };

    /// <summary>Judges a part of the field "base" by a number read from the observation.</summary>
    private static Branch<int> Agrees(int state, long number) => new([new("base", Allowed.Exactly(number), Count)], _ => state);
}
