using HilTests.Core.Devices.F2fs;
using HilTests.Core.Kernel;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Core.Values;

namespace HilTests.Models.F2fs;

/// <summary>
/// The specification of f2fs as far as programs can see it: files, trimming, statistics. Deterministic but for what
/// the trace leaves open, which is a range; so there is one state.
/// </summary>
public sealed class F2fsModel : StateModel<F2fsState>
{
    private const string Errno = Observation.ErrnoField;

    /// <inheritdoc/>
    public override string Device => "f2fs";

    /// <inheritdoc/>
    public override IReadOnlyList<Rule> Rules => F2fsRules.All;

    /// <inheritdoc/>
    protected override F2fsState Initial(KernelProfile profile, Program program) => new() { Profile = profile };

    /// <inheritdoc/>
    protected override Observation Decode(Step step, Observation observation) => step switch
    {
        TraceReadStep => TraceDecoding.Decode(observation),
        ReadIostatInfoStep => TraceDecoding.WithCounters(observation, observation.Lines),
        _ => observation,
    };

    /// <inheritdoc/>
    protected override IEnumerable<Branch<F2fsState>> Predict(F2fsState state, Step step, DeclaredInputs inputs)
    {
        var next = state with { Steps = state.Steps + 1 };
        yield return step switch
        {
            DiskStep or MkfsStep or MountStep or RemountStep or UmountStep => DiskPredictions.Of(next, step, inputs),
            FitrimStep fitrim => TrimPredictions.Of(next, fitrim, inputs),
            TraceStartStep or TraceReadStep => TracePredictions.Of(next, step, inputs),
            IostatStep or IostatPeriodStep or SetAttributeStep or ReadAttributeStep or ReadIostatInfoStep => StatisticsPredictions.Of(next, step),
            DropCachesStep or PassStep => Branch(next, Ok(F2fsRules.Setup)),
            _ when ChangePredictions.Knows(step) => ChangePredictions.Of(next, step, inputs),
            SyncStep => FilePredictions.Of(next.WithMap(inputs), step),
            _ => FilePredictions.Of(next, step),
        };
    }

    internal static Claim Ok(Rule rule) => new(Errno, Allowed.Exactly(0), rule);

    internal static Claim Fails(string errno, Rule rule) => new(Errno, errno == "0" ? Allowed.Exactly(0) : Allowed.Exactly(errno), rule);

    internal static Branch<F2fsState> Branch(F2fsState next, params IEnumerable<Claim> claims) => new([.. claims], _ => next);

    internal static Branch<F2fsState> Branch(Func<Observation, F2fsState> next, params IEnumerable<Claim> claims) => new([.. claims], next);

    internal static Branch<F2fsState> Unjudged(string why) => new([], _ => throw new InvalidOperationException(why)) { Inconclusive = why };

    internal static long NumberOf(Observation observation, string field) => observation[field] is NumberValue number ? number.Number : 0;
}
