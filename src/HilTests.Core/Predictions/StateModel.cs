using System.Collections.Immutable;
using HilTests.Core.Devices;
using HilTests.Core.Kernel;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Core.Values;

namespace HilTests.Core.Predictions;

/// <summary>One way a step may go from one state: what is then seen, and the state after it.</summary>
/// <typeparam name="TState">a value with equality; equal states are merged</typeparam>
/// <param name="Claims">hold together</param>
/// <param name="Next">
/// the state after the step; may adopt observed values that a claim has just bounded (a count in a range, say)
/// </param>
public sealed record Branch<TState>(ImmutableArray<Claim> Claims, Func<Observation, TState> Next)
{
    /// <summary>Set where the step cannot be judged; the claims are then ignored.</summary>
    public string? Inconclusive { get; init; }
}

/// <summary>
/// A model as a nondeterministic state machine: from each state the device may be in, the branches a step may take.
/// The set of states shrinks with every observation; an empty set is the divergence.
/// </summary>
public abstract class StateModel<TState> : IDeviceModel
    where TState : notnull
{
    /// <inheritdoc/>
    public abstract string Device { get; }

    /// <inheritdoc/>
    public abstract IReadOnlyList<Rule> Rules { get; }

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> Transitions => [.. DeviceRegistry.Get(Device).Steps.Select(s => s.Name)];

    /// <summary>The state before the first step.</summary>
    protected abstract TState Initial(KernelProfile profile, Program program);

    /// <summary>The branches that <paramref name="step"/> may take from <paramref name="state"/>; at least one.</summary>
    protected abstract IEnumerable<Branch<TState>> Predict(TState state, Step step, DeclaredInputs inputs);

    /// <summary>Which states are the same one; they are merged.</summary>
    protected virtual IEqualityComparer<TState> Sameness => EqualityComparer<TState>.Default;

    /// <summary>
    /// The transitions that a step took, for coverage; by default the step's name, with the errno where it failed.
    /// </summary>
    protected virtual IEnumerable<string> Taken(TState before, Step step, Branch<TState> branch, Observation observation, TState after) =>
        [NameOf(step, observation)];

    /// <summary>Used buffers and signals that the step shows; for devices that signal, a rate in reports.</summary>
    protected virtual SignalCount CountSignals(Step step, Branch<TState> branch, Observation observation) => default;

    /// <summary>The step's name, with the errno where it failed: <c>set-owner: EBUSY</c>.</summary>
    protected string NameOf(Step step, Observation observation)
    {
        var name = DeviceRegistry.Get(Device).SyntaxOf(step).Name;
        return observation[Observation.ErrnoField] is SymbolValue errno ? $"{name}: {errno.Word}" : name;
    }

    /// <summary>
    /// Adds fields decoded from the lines of kernel text, so that claims can name them. Called once a step.
    /// </summary>
    protected virtual Observation Decode(Step step, Observation observation) => observation;

    /// <inheritdoc/>
    public IModelRun Begin(KernelProfile profile, Program program) => new Run(this, Initial(profile, program));

    private sealed class Run(StateModel<TState> model, TState initial) : IModelRun
    {
        /// <summary>A model that has to keep more states than this is of no use; the program is too uncertain.</summary>
        private const int MostStates = 4096;

        private HashSet<TState> _states = new([initial], model.Sameness);

        public StepJudgement Advance(Step step, Observation raw, Func<Rule, bool> tolerated)
        {
            var observation = model.Decode(step, raw);
            var tried = new List<Tried>();
            foreach (var state in _states)
            {
                var inputs = new DeclaredInputs(observation);
                foreach (var branch in model.Predict(state, step, inputs))
                {
                    if (branch.Inconclusive is { } why) return new StepJudgement { Claims = [], Inconclusive = why, States = _states.Count };
                    RefuseJudgedInputs(branch, inputs);
                    tried.Add(Try(state, branch, observation, tolerated));
                }
                if (tried.Count > MostStates) return TooUncertain();
            }
            if (tried.Count == 0) throw new InvalidOperationException($"the {model.Device} model has no branch for {step}");
            var fitting = tried.Where(t => t.Fits).ToList();
            if (fitting.Count == 0) return Diverged(tried);
            _states = new(fitting.Select(t => t.Branch.Next(observation)), model.Sameness);
            // The device is taken to have gone the way that leaves least to be remarked.
            var chosen = fitting.MinBy(t => t.Satisfied.Count(s => !s))!;
            return new StepJudgement { Claims = Results(chosen, tried), Transitions = TransitionsOf(chosen, step, observation), Signals = model.CountSignals(step, chosen.Branch, observation), States = _states.Count };
        }

        /// <summary>By one of the states that fit: where several do, they differ in what cannot be seen.</summary>
        private ImmutableArray<string> TransitionsOf(Tried taken, Step step, Observation observation) =>
            [.. model.Taken(taken.From, step, taken.Branch, observation, taken.Branch.Next(observation))];

        private StepJudgement TooUncertain() => new()
        {
            Claims = [],
            Inconclusive = $"more than {MostStates} outcomes are possible here; let the device settle before this step",
            States = _states.Count,
        };

        private static void RefuseJudgedInputs(Branch<TState> branch, DeclaredInputs inputs)
        {
            if (inputs.Read.Count == 0) return;
            foreach (var claim in branch.Claims)
            {
                if (inputs.Read.FirstOrDefault(input => ValuePath.Overlap(claim.Field, input)) is { } judged)
                    throw new InvalidOperationException($"rule {claim.Rule.Id} judges '{claim.Field}', which the model read as its input '{judged}'");
            }
        }

        private static Tried Try(TState from, Branch<TState> branch, Observation observation, Func<Rule, bool> tolerated)
        {
            var satisfied = new bool[branch.Claims.Length];
            var failures = 0;
            for (var i = 0; i < satisfied.Length; i++)
            {
                var claim = branch.Claims[i];
                satisfied[i] = claim.Allowed.Admits(ValuePath.Resolve(observation, claim.Field));
                if (!satisfied[i] && claim.Rule.Severity == Severity.Must && !tolerated(claim.Rule)) failures++;
            }
            return new Tried(from, branch, observation, satisfied, failures, tolerated);
        }

        private static StepJudgement Diverged(List<Tried> tried)
        {
            var best = tried.MinBy(t => t.Failures)!;
            var results = Results(best, tried);
            var first = Enumerable.Range(0, results.Length).First(best.IsFailure);
            var alternatives = tried.SelectMany(t => t.Branch.Claims)
                .Where(c => c.Field == results[first].Field)
                .Select(c => c.Allowed.ToString()!)
                .Distinct();
            var discrepancy = results[first] with { Allowed = string.Join(" or ", alternatives) };
            return new StepJudgement { Claims = results.SetItem(first, discrepancy), Discrepancy = discrepancy };
        }

        private static ImmutableArray<ClaimResult> Results(Tried chosen, List<Tried> tried)
        {
            var results = ImmutableArray.CreateBuilder<ClaimResult>(chosen.Branch.Claims.Length);
            for (var i = 0; i < chosen.Branch.Claims.Length; i++)
            {
                var claim = chosen.Branch.Claims[i];
                var exact = claim.Allowed.IsExact
                    && (tried.Count == 1 || tried.All(t => t.Branch.Claims.All(c => c.Field != claim.Field || c.Allowed.Equals(claim.Allowed))));
                var observed = ValuePath.Resolve(chosen.Observation, claim.Field)?.ToString() ?? "nothing";
                results.Add(new ClaimResult(claim.Field, BoundedText.Of(claim.Allowed.ToString()!), BoundedText.Of(observed), claim.Rule, chosen.Satisfied[i], exact));
            }
            return results.MoveToImmutable();
        }

        private sealed record Tried(
            TState From, Branch<TState> Branch, Observation Observation, bool[] Satisfied, int Failures, Func<Rule, bool> Tolerated)
        {
            public bool Fits => Failures == 0;

            public bool IsFailure(int claim)
            {
                var rule = Branch.Claims[claim].Rule;
                return !Satisfied[claim] && rule.Severity == Severity.Must && !Tolerated(rule);
            }
        }
    }
}
