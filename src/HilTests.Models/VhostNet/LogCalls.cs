using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Core.Values;
using static HilTests.Models.VhostNet.Answers;

namespace HilTests.Models.VhostNet;

/// <summary>The calls about the dirty log, and the driver's look at it.</summary>
internal static class LogCalls
{
    /// <summary>The branches of the step, or null where it is none of these.</summary>
    public static IEnumerable<Branch<VhostNetState>>? Predict(VhostNetState state, Step step) => step switch
    {
        ReadLog => [Read(state)],
        SetLogBase or SetLogFd when !state.IsOpen => [Failure(state, "EBADF", VhostNetRules.Call)],
        SetLogBase or SetLogFd when !state.Owned => [Failure(state, "EPERM", VhostNetRules.Owner)],
        SetLogFd { File: FileChoice.Closed } => [Failure(state, "EBADF", LogRules.File)],
        SetLogFd { File: FileChoice.File } => [Failure(state, "EINVAL", LogRules.File)],
        SetLogFd set => [Success(state with { Log = state.Log with { FileBound = set.File == FileChoice.Event } }, LogRules.File)],
        SetLogBase set => [SetBase(state, set)],
        _ => null,
    };

    /// <summary>Each ring takes it or refuses it by itself.</summary>
    private static Branch<VhostNetState> SetBase(VhostNetState state, SetLogBase place)
    {
        var (after, refused) = (state, false);
        foreach (var ring in (Ring[])[Ring.Rx, Ring.Tx])
        {
            var one = state[ring];
            if (one.Backend is not null && !Logging.IsAccessible(state, ring, place)) refused = true;
            else after = after.With(ring, Logging.Unsteady(one with { Log = one.Log with { Base = place } }));
        }
        return refused
            ? new([new Claim(Observation.ErrnoField, Allowed.Exactly("EFAULT"), LogRules.Access)], _ => after)
            : Success(after, LogRules.Access);
    }

    private static Branch<VhostNetState> Read(VhostNetState state)
    {
        var (log, quiet) = (state.Log, !Logging.IsAtWork(state));
        var due = quiet ? log.Due.Union(log.Coming) : LogMarks.None;
        var possible = log.Due.Union(log.Coming).All.Union(log.Possible).Union(log.Taken).Union(Arriving(state));
        var signalled = quiet && (log.Signalled || log.SignalComing);
        var signals = signalled ? Allowed.AtLeast(1) : log.MaySignal ? Allowed.AtLeast(0) : Allowed.Exactly(0);
        var claims = new List<Claim>
        {
            new("pages", Allowed.Holding(due.Payload.Values), LogRules.Payload),
            new("pages", Allowed.Holding(due.Entries.Values), LogRules.Entries),
            new("pages", Allowed.Holding(due.Own.Values), LogRules.Own),
            new("signals", signals, LogRules.Signal),
        };
        // With an IOTLB a receive buffer is logged as a whole.
        if (state.Iotlb is null || !state.Has(Feature.LogAll)) claims.Add(new("pages", Allowed.Among(possible.Values), LogRules.Spurious));
        return new(
            [.. claims],
            observation => state with { Log = log.Read(Pages(observation), Signals(observation), quiet) });
    }

    /// <summary>What passes that may be running can have logged by now.</summary>
    private static PageSet Arriving(VhostNetState state)
    {
        if (!Logging.IsAtWork(state)) return PageSet.Empty;
        var reached = Progress.Of(state, Ring.Rx, finish: false, out _).Concat(Progress.Of(state, Ring.Tx, finish: false, out _));
        return reached.Aggregate(PageSet.Empty, (pages, after) => pages.Union(after.Log.Coming.All).Union(after.Log.Possible));
    }

    private static PageSet Pages(Observation observation) => observation["pages"] is ListValue list
        ? PageSet.Of(list.Items.OfType<NumberValue>().Select(n => (int)n.Number))
        : PageSet.Empty;

    private static long Signals(Observation observation) => observation["signals"] is NumberValue number ? number.Number : 0;
}
