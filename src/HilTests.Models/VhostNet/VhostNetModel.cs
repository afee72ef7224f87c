using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Kernel;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Models.VhostNet.Async;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet;

/// <summary>
/// vhost-net as one state machine: life cycle, rings and a synchronous link to the back end. The device may run a
/// pass over a ring at any time once it was woken; the model keeps every state that may come of it.
/// </summary>
/// <param name="isAsync">whether it is of the project's own device vhost-net-async</param>
public sealed class VhostNetModel(bool isAsync = false) : IDeviceModel
{
    private readonly Machine _machine = new(isAsync);

    /// <inheritdoc/>
    public string Device => _machine.Device;

    /// <inheritdoc/>
    public IReadOnlyList<Rule> Rules => _machine.Rules;

    /// <inheritdoc/>
    public IReadOnlyList<string> Transitions => _machine.Transitions;

    /// <inheritdoc/>
    public string? Lacks(KernelProfile profile, Program program) => profile.Lacks(program) ?? NewerCalls.Lacks(profile, program) ?? LinkNeeds.Lacks(profile, program);

    /// <summary>The state before the first step on a kernel of this profile.</summary>
    internal VhostNetState Start(KernelProfile profile) => _machine.Start(profile);

    /// <summary>Every way the step may go, whatever is observed; for generators that look ahead.</summary>
    internal IEnumerable<Branch<VhostNetState>> Ways(VhostNetState state, Step step) => _machine.Ways(state, step);

    /// <inheritdoc/>
    public IModelRun Begin(KernelProfile profile, Program program) => _machine.Begin(profile, program);

    private sealed class Machine(bool isAsync) : StateModel<VhostNetState>
    {
        public override string Device => isAsync ? AsyncVocabulary.Device : VhostNetVocabulary.Instance.Device;

        public override IReadOnlyList<Rule> Rules => isAsync ? [.. VhostNetRules.All, .. AsyncRules.All] : VhostNetRules.All;

        public override IReadOnlyList<string> Transitions => isAsync ? [] : VhostNetTransitions.All;

        protected override IEnumerable<string> Taken(
            VhostNetState before, Step step, Branch<VhostNetState> branch, Observation observation, VhostNetState after) =>
            isAsync ? [] : [NameOf(step, observation), .. VhostNetTransitions.Of(before, step, branch, observation, after)];

        protected override IEqualityComparer<VhostNetState> Sameness => SameState.Instance;

        /// <summary>The state before the first step on a kernel of this profile.</summary>
        public VhostNetState Start(KernelProfile profile) => Initial(profile, null!);

        /// <summary>Every way the step may go, whatever is observed.</summary>
        public IEnumerable<Branch<VhostNetState>> Ways(VhostNetState state, Step step) => Predict(state, step, new DeclaredInputs(new Observation()));

        protected override SignalCount CountSignals(Step step, Branch<VhostNetState> branch, Observation observation) =>
            step is Settle ? Signals.Count(branch, observation) : default;

        protected override VhostNetState Initial(KernelProfile profile, Program program) => new()
        {
            Memory = new MemoryImage(VhostNetArena.Size),
            IsAsyncDevice = isAsync,
            Offered = isAsync ? Feature.Asynchronous : (ulong)profile.Number("vhost-features", (long)Feature.Always),
            OfferedHigh = (ulong)profile.Number("vhost-features-high", 0),
            ForkOwner = (profile.Number("vhost-fork-from-owner", 0), profile.Number("vhost-fork-from-owner", 0)),
            ZeroCopy = profile.Number("vhost-zerocopy", 0) != 0,
            MostRegions = (int)profile.Number("vhost-max-mem-regions", 64),
        };

        protected override IEnumerable<Branch<VhostNetState>> Predict(VhostNetState state, Step step, DeclaredInputs inputs)
        {
            // A driver at work that met a slow device has offered fewer buffers than it was to.
            if (step is Drive drive) step = drive with { Count = (int)Math.Clamp(inputs.Number("offered", drive.Count), 1, drive.Count) };
            if ((ProgramFaults.Of(state, step) ?? Unmodelled(state, step)) is { } why) return [new Branch<VhostNetState>([], _ => state) { Inconclusive = why }];
            return PredictKnown(state, step).Select(branch => branch with { Next = observation => Loans.Altered(state, Logging.Stirred(branch.Next(observation))) });
        }

        private static IEnumerable<Branch<VhostNetState>> PredictKnown(VhostNetState state, Step step)
        {
            if (step is Settle) return Settling.Predict(state);
            if (AsyncSteps.Knows(step)) return WhenQuiet(state, step);
            if (!(Interferes(step) || WritesOver(state, step)) || !Awake(state)) return Predict(state, step);
            // What this step changes may meet a pass at any point of its way.
            var branches = new List<Branch<VhostNetState>>();
            foreach (var rx in Progress.Of(state, Ring.Rx, finish: false, out _))
            {
                foreach (var both in Progress.Of(rx, Ring.Tx, finish: false, out _))
                    branches.AddRange(Predict(Doubtful(both, step), step));
            }
            return branches.Count > 0 ? branches : Predict(state, step);
        }

        private static IEnumerable<Branch<VhostNetState>> WhenQuiet(VhostNetState state, Step step)
        {
            if (!state.IsOpen || !state.Owned) return AsyncSteps.Predict(state, step);
            var quiet = Settling.Quiet(state, out var why);
            return why is not null ? [Answers.CannotSay(state, why)] : quiet.SelectMany(s => AsyncSteps.Predict(s, step));
        }

        private static IEnumerable<Branch<VhostNetState>> Predict(VhostNetState state, Step step) =>
            Links.Await(state, step) is { } ready ? ready.SelectMany(s => Links.HavingWaited(state, Answer(s, step))) : Answer(state, step);

        private static IEnumerable<Branch<VhostNetState>> Answer(VhostNetState state, Step step) =>
            ControlPlane.Predict(state, step) ?? Links.Predict(state, step) ?? NewerCalls.Predict(state, step) ?? RingCalls.Predict(state, step) ?? LogCalls.Predict(state, step) ?? OddCalls.Predict(state, step) ?? IotlbCalls.Predict(state, step) ?? DriverSteps.Predict(state, step) ?? BulkSteps.Predict(state, step)
            ?? TrafficSteps.Predict(state, step)
            ?? throw new InvalidOperationException($"the vhost-net model does not know the step {step.GetType().Name}");

        private static bool Awake(VhostNetState state) => state.Rx.Must || state.Tx.Must || state.Tx.May;

        /// <summary>
        /// Whether the step can be told apart by when a pass runs. Offers and new frames only add to the end of what
        /// a pass sees; reading features or making a back end touches nothing that a pass reads.
        /// </summary>
        private static bool Interferes(Step step) => step is not
            (Offer or OfferRange or Kick or Drive or Send or SendRange or GetFeatures or GetFeaturesArray or GetForkOwner or GetBackendFeatures or MakeBackend or GetBusyloop or SetOwner or UnknownIoctl or ReadLog or LoadModule or BadArgument or RawIoctl or GetVringEndian or ReadIotlb);

        /// <summary>Whether more is offered than the ring has room for: slots that the device has not read yet are written anew.</summary>
        private static bool WritesOver(VhostNetState state, Step step)
        {
            (Ring Ring, int Count)? offered = step switch
            {
                Offer offer => (offer.Ring, offer.Heads.Length),
                OfferRange range => (range.Ring, range.Count),
                _ => null,
            };
            if (offered is not { } put || state[put.Ring] is not { Num: > 0, Driver: { } driver } ring) return false;
            return (ushort)((ring.DriverIndex ?? (ushort)driver.Start) + put.Count - ring.NextAvail) > ring.Num;
        }

        /// <summary>What governs signals changes while entries may have been published and not yet signalled.</summary>
        private static VhostNetState Doubtful(VhostNetState state, Step step) => step is AvailFlags or UsedEvent or SetVringCall
            ? state with { Rx = state.Rx with { CallsUncertain = true }, Tx = state.Tx with { CallsUncertain = true } }
            : state;

        /// <summary>Whether a sane index goes back to a smaller one: the device may know the larger one, and complain of the smaller.</summary>
        private static bool TakesBack(VhostNetState state, PublishIndex step)
        {
            var ring = state[step.Ring];
            var (before, after) = ((ushort)(state.Published(step.Ring) - ring.NextAvail), (ushort)(step.Index - ring.NextAvail));
            return before <= ring.Num && after < before;
        }

        private static string? Unmodelled(VhostNetState state, Step step) => AsyncSteps.Unmodelled(state, step) ?? Links.Unmodelled(state, step) ?? Logging.Unmodelled(state, step) ?? OddCalls.Unmodelled(step) ?? IotlbCalls.Unmodelled(state, step) ?? step switch
        {
            PublishIndex publish when TakesBack(state, publish) => "an avail index that takes back what the device may have in hand is not modelled",
            SetFeatures { Features: var f } when (f & state.Offered & Feature.InOrder) != 0 => "IN_ORDER is not modelled yet",
            SetFeaturesArray { Words: var words } when NewerCalls.Unmodelled(state, words) is { } missing => missing,
            SetBusyloop { Microseconds: > 0 } => null,
            SetMemTable { Regions: var regions } when regions.Any(r => r.At + (long)r.Size > VhostNetArena.Size && r.Size < 1UL << 40) =>
                "a region that reaches beyond the arena is not modelled",
            _ => null,
        };
    }
}
