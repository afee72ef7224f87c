using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Core.Values;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet;

/// <summary>
/// The model's transitions by name, for coverage: how calls fail, the state of a ring that a call meets, how passes end,
/// why a signal is sent or not, what is attached, and which features were set together.
/// </summary>
internal static class VhostNetTransitions
{
    /// <summary>That a device is not open the agent says; it is no transition of the device.</summary>
    private static readonly string[] Failures =
    [
        "set-owner: EBUSY", "reset-owner: EPERM", "set-features: EOPNOTSUPP",
        "set-backend-features: EOPNOTSUPP", "set-mem-table: EPERM EOPNOTSUPP E2BIG EFAULT",
        "set-backend: EPERM ENOBUFS EFAULT ENOTSOCK", "unknown-ioctl: EPERM ENOTTY ENOBUFS",
        "set-vring-num: EPERM ENOBUFS EINVAL EBUSY", "set-vring-base: EPERM ENOBUFS EINVAL EBUSY", "get-vring-base: EPERM ENOBUFS",
        "set-vring-addr: EPERM ENOBUFS EOPNOTSUPP EINVAL", "set-vring-kick: EPERM ENOBUFS EINVAL EBADF",
        "set-vring-call: EPERM ENOBUFS EINVAL EBADF", "set-vring-err: EPERM ENOBUFS EINVAL EBADF",
        "set-busyloop: EPERM ENOBUFS", "get-busyloop: EPERM ENOBUFS", "set-fork-owner: EINVAL EBUSY", "set-features-array: EOPNOTSUPP",
    ];

    private static readonly string[] Rings = ["rx", "tx"];

    private static readonly string[] RingStates = ["detached", "idle", "woken", "with chains left"];

    private static readonly string[] Signals =
    [
        "signalled: the first since attach", "signalled: the ring ran empty", "signalled: used_event was passed", "signalled: no flag against it",
        "not signalled: used_event was not passed", "not signalled: the flag is set", "not signalled: no file",
    ];

    private static readonly string[] PassEnds = ["pass: several used", "pass: used index wrapped", "pass: asks for a kick by flag", "pass: asks for a kick by avail_event", "pass: nothing to do"];

    private static readonly (ulong Bit, string Name)[] Features =
    [
        (Feature.MergeableRxBuffers, "MRG_RXBUF"), (Feature.Version1, "VERSION_1"), (Feature.EventIndex, "EVENT_IDX"), (Feature.Indirect, "INDIRECT_DESC"),
        (Feature.NotifyOnEmpty, "NOTIFY_ON_EMPTY"), (Feature.VhostSuppliesHeader, "NET_F_VIRTIO_NET_HDR"),
    ];

    private static readonly ImmutableArray<Rule> Complaints =
    [
        VirtqueueRules.HeadInRange, VirtqueueRules.NextInRange, VirtqueueRules.NoLoop, VirtqueueRules.Mapped, VirtqueueRules.ReadableFirst,
        VirtqueueRules.SegmentLimit, VirtqueueRules.IndirectLength, VirtqueueRules.IndirectEnds, VirtqueueRules.IndirectNested, VhostNetRules.IndexJump,
    ];

    /// <summary>All that can be foreseen; steps by their names are among them.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Foresee().Distinct()];

    /// <summary>The transitions that a step took beside its own outcome.</summary>
    public static IEnumerable<string> Of(VhostNetState before, Step step, Branch<VhostNetState> branch, Observation observation, VhostNetState after) => step switch
    {
        Settle => RingOf(before, Ring.Rx, branch, observation, after).Concat(RingOf(before, Ring.Tx, branch, observation, after)),
        SetFeatures or SetFeaturesArray when after.Features != before.Features => Sets(after.Features),
        SetBackend { Ring: 0 or 1 } set => [Met("set-backend", before, (Ring)set.Ring), .. Attached(before, set, after)],
        SetVringCall { Ring: 0 or 1 } s => [Met("set-vring-call", before, (Ring)s.Ring)],
        SetVringKick { Ring: 0 or 1 } s => [Met("set-vring-kick", before, (Ring)s.Ring)],
        SetVringErr { Ring: 0 or 1 } s => [Met("set-vring-err", before, (Ring)s.Ring)],
        SetVringAddr { Ring: 0 or 1 } s => [Met("set-vring-addr", before, (Ring)s.Ring)],
        GetVringBase { Ring: 0 or 1 } s => [Met("get-vring-base", before, (Ring)s.Ring)],
        SetBusyloop { Ring: 0 or 1 } s => [Met("set-busyloop", before, (Ring)s.Ring)],
        AvailFlags s => [Met("avail-flags", before, s.Ring)],
        UsedEvent s => [Met("used-event", before, s.Ring)],
        SetMemTable => [Met("set-mem-table", before, Ring.Rx), Met("set-mem-table", before, Ring.Tx)],
        ResetOwner => [Met("reset-owner", before, Ring.Rx), Met("reset-owner", before, Ring.Tx)],
        Close => [Met("close", before, Ring.Rx), Met("close", before, Ring.Tx)],
        _ => [],
    };

    private static IEnumerable<string> Foresee()
    {
        foreach (var step in VhostNetVocabulary.Instance.Steps.Where(s => s.StepType != typeof(UnknownIoctl))) yield return step.Name;
        foreach (var failures in Failures)
            foreach (var errno in failures[(failures.IndexOf(':') + 2)..].Split(' ')) yield return $"{failures[..failures.IndexOf(':')]}: {errno}";
        string[] calls = ["set-backend", "set-vring-call", "set-vring-kick", "set-vring-err", "set-vring-addr", "get-vring-base", "set-busyloop", "avail-flags", "used-event", "set-mem-table", "reset-owner", "close"];
        foreach (var ring in Rings)
        {
            foreach (var call in calls)
                foreach (var state in RingStates) yield return $"{call} meets {ring} {state}";
            foreach (var signal in Signals) yield return $"{ring} {signal}";
            foreach (var end in PassEnds) yield return $"{ring} {end}";
            foreach (var rule in Complaints) yield return $"{ring} complaint: {rule.Id}";
            foreach (var kind in (BackendKind[])[BackendKind.Tap, BackendKind.Packet]) yield return $"{ring} attached: {Choices.Word(kind)}";
            yield return $"{ring} swapped";
        }
        foreach (var rule in (Rule[])[VhostNetRules.TxWritable, VhostNetRules.TxEmpty]) yield return $"tx complaint: {rule.Id}";
        yield return $"rx complaint: {VhostNetRules.RxReadable.Id}";
        foreach (var set in Sets(ulong.MaxValue)) yield return set;
    }

    /// <summary>Each feature, and each pair of them.</summary>
    private static IEnumerable<string> Sets(ulong features)
    {
        for (var i = 0; i < Features.Length; i++)
        {
            if ((features & Features[i].Bit) == 0) continue;
            yield return $"features {Features[i].Name}";
            for (var j = 0; j < i; j++)
                if ((features & Features[j].Bit) != 0) yield return $"features {Features[j].Name} with {Features[i].Name}";
        }
    }

    private static string Met(string call, VhostNetState state, Ring ring) => $"{call} meets {Name(ring)} {StateOf(state, ring)}";

    private static string StateOf(VhostNetState state, Ring ring) => state[ring] switch
    {
        { Backend: null } => "detached",
        { Must: true } or { May: true } or { Wakes: > 0 } => "woken",
        { NextAvail: var next } when next != state.Published(ring) => "with chains left",
        _ => "idle",
    };

    private static IEnumerable<string> Attached(VhostNetState before, SetBackend step, VhostNetState after)
    {
        var ring = (Ring)step.Ring;
        if (after[ring].Backend is not { } name || name == before[ring].Backend) yield break;
        yield return $"{Name(ring)} attached: {Choices.Word(after.Backends[name].Kind)}";
        if (before[ring].Backend is not null) yield return $"{Name(ring)} swapped";
    }

    private static IEnumerable<string> RingOf(VhostNetState before, Ring ring, Branch<VhostNetState> branch, Observation observation, VhostNetState after)
    {
        var name = Name(ring);
        if (ValuePath.Resolve(observation, $"{name}.used") is not ListValue { Items.Length: var used }) yield break;
        if (used > 1) yield return $"{name} pass: several used";
        if (used > 0 && after[ring].UsedIndex < used) yield return $"{name} pass: used index wrapped";
        if (used == 0 && before[ring].Backend is not null) yield return $"{name} pass: nothing to do";
        if (after[ring] is { WantsKick: true, Backend: not null }) yield return $"{name} pass: asks for a kick by {(after.Has(Feature.EventIndex) ? "avail_event" : "flag")}";
        if (Number(observation, $"{name}.errs") > 0 && branch.Claims.FirstOrDefault(c => c.Field == $"{name}.errs")?.Rule is { } rule && rule != VhostNetRules.Complaint)
            yield return $"{name} complaint: {rule.Id}";
        if (used > 0 && before[ring].Backend is not null) yield return $"{name} {Signal(before, ring, Number(observation, $"{name}.calls"), after)}";
    }

    private static string Signal(VhostNetState before, Ring ring, long calls, VhostNetState after)
    {
        var byEvent = after.Has(Feature.EventIndex);
        if (calls == 0) return !before[ring].CallBound ? "not signalled: no file" : byEvent ? "not signalled: used_event was not passed" : "not signalled: the flag is set";
        if (byEvent) return before[ring].SignalledValid ? "signalled: used_event was passed" : "signalled: the first since attach";
        var flags = before[ring].Avail.Offset is { } avail ? before.Memory.Read16((int)avail) : 0;
        return (flags & SplitRing.NoInterrupt) != 0 ? "signalled: the ring ran empty" : "signalled: no flag against it";
    }

    private static long Number(Observation observation, string path) => ValuePath.Resolve(observation, path) is NumberValue number ? number.Number : 0;

    private static string Name(Ring ring) => ring == Ring.Rx ? "rx" : "tx";
}
