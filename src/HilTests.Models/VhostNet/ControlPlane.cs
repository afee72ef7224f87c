using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Models.VhostNet.Async;
using HilTests.Models.Virtqueues;
using static HilTests.Models.VhostNet.Answers;

namespace HilTests.Models.VhostNet;

/// <summary>Calls about the whole device: life cycle, features, memory, back ends.</summary>
internal static class ControlPlane
{
    private const int BasicHeader = 10;
    private const int LongHeader = 12;
    private const ulong IotlbMessagesV2 = 1UL << 1;

    /// <summary>Back-end features that later kernels may add: bits 2 to 8 of vhost_types.h.</summary>
    private const ulong LaterBackendFeatures = 0x1fc;

    /// <summary>The branches of the step, or null where it is none of these.</summary>
    public static IEnumerable<Branch<VhostNetState>>? Predict(VhostNetState state, Step step) => step switch
    {
        Open => [Success(state with { IsOpen = true, HasPool = false, ForkOwner = (state.ForkOwner.Initial, state.ForkOwner.Initial) })],
        Close => AsyncEnds.OfBoth(state).Select(s => Success(Detached(Closed(s)))),
        SetOwner or ResetOwner or GetFeatures or SetFeatures or GetBackendFeatures or SetBackendFeatures or SetMemTable or SetBackend or UnknownIoctl
            when !state.IsOpen => [Failure(state, "EBADF", VhostNetRules.Call)],
        SetOwner => [state.Owned ? Failure(state, "EBUSY", VhostNetRules.OwnerOnce) : Success(state with { Owned = true })],
        GetFeatures when state.IsAsyncDevice => [Success(state, null, new Claim("features", Allowed.Bits(Feature.Asynchronous, ~Feature.Asynchronous), VhostNetRules.Features))],
        GetFeatures => [Success(state, null, new Claim("features", Allowed.Bits(Feature.Always, ~(Feature.Always | Feature.Sometimes)), VhostNetRules.Features))],
        SetFeatures set => [SetMask(state, set.Features)],
        GetBackendFeatures => [Success(state, null, new Claim("features", Allowed.Bits(IotlbMessagesV2, ~(IotlbMessagesV2 | LaterBackendFeatures)), VhostNetRules.Features))],
        SetBackendFeatures set => [(set.Features & ~IotlbMessagesV2) == 0
            ? Success(state with { MessageVersion = set.Features == 0 ? 1 : 2 })
            : Failure(state, "EOPNOTSUPP", VhostNetRules.FeaturesUnknown)],
        ResetOwner or SetMemTable or SetBackend or UnknownIoctl when !state.Owned => [Failure(state, "EPERM", VhostNetRules.Owner)],
        ResetOwner => AsyncEnds.OfBoth(state).Select(s => Success(Detached(Reset(s)))),
        SetMemTable table => [SetMemory(state, table)],
        SetBackend set => Attach(state, set),
        UnknownIoctl => [Unknown(state)],
        _ => null,
    };

    /// <summary>The state of a device that was just opened; what was already published is still to be seen.</summary>
    private static VhostNetState Closed(VhostNetState state) => Fresh(state) with { IsOpen = false, Map = null };

    /// <summary>RESET_OWNER leaves an empty memory table behind, not none; drivers/vhost/net.c vhost_net_reset_owner().</summary>
    private static VhostNetState Reset(VhostNetState state) => Fresh(state) with { Map = GuestMap.Empty };

    private static VhostNetState Fresh(VhostNetState state) => state with
    {
        Owned = false,
        Features = 0,
        VhostHeader = 0,
        SocketHeader = 0,
        ForkOwner = (state.ForkOwner.Initial, state.ForkOwner.Initial),
        Log = state.Log.Settled() with { FileBound = false },
        Iotlb = null,
        Misses = Misses.None,
        MessageVersion = 1,
        Rx = Forget(state.Rx, state.BusyPolls),
        Tx = Forget(state.Tx, state.BusyPolls),
    };

    /// <summary>A device that polls is at work all the time: it may have written its fields since they were seen.</summary>
    private static RingState Forget(RingState ring, bool polled) => new()
    {
        Driver = ring.Driver,
        DriverIndex = ring.DriverIndex,
        Fresh = ring.Fresh,
        Calls = ring.Calls,
        Errors = ring.Errors,
        CallsUncertain = ring.CallsUncertain,
        Stirred = IsAtWork(ring, polled),
        FlagsStirred = ring.FlagsStirred || IsAtWork(ring, polled),
        SeenFlags = ring.SeenFlags,
        SeenEvent = ring.SeenEvent,
        Broken = ring.Broken,
        Async = ring.Async,
    };

    private static bool IsAtWork(RingState ring, bool polled) => ring.Stirred || ring.Wakes > 0 || ring.May || ring.Must || ring.Backend is not null || polled;

    private static VhostNetState Detached(VhostNetState state) => state with { Rx = Asleep(state.Rx), Tx = Asleep(state.Tx) };

    private static RingState Asleep(RingState ring) =>
        ring with { Backend = null, Must = false, May = false, Watching = false, WantsKick = false, Stirred = ring.Stirred || ring.Backend is not null, Link = Links.Forgotten(ring.Link) };

    /// <summary>SET_FEATURES, or the low word of its array.</summary>
    public static Branch<VhostNetState> SetMask(VhostNetState state, ulong features)
    {
        if ((features & ~state.Offered) != 0) return Failure(state, "EOPNOTSUPP", VhostNetRules.FeaturesUnknown);
        if ((features & Feature.LogAll) != 0 && Logging.HasRegions(state.Map) && Attached(state).Any(r => r.Log.Base is { Place: LogPlace.Kernel }))
            return Failure(state, "EFAULT", LogRules.Access);
        var header = (features & (Feature.MergeableRxBuffers | Feature.Version1)) != 0 ? LongHeader : BasicHeader;
        // Passes before the change write used.flags, or do not, by the old features.
        if (((features ^ state.Features) & Feature.EventIndex) != 0)
            state = state with { Rx = Logging.Unsteady(state.Rx) with { FlagsStirred = true }, Tx = Logging.Unsteady(state.Tx) with { FlagsStirred = true } };
        if ((features & Feature.AccessPlatform) != 0) state = IotlbCalls.Begin(state);
        var byVhost = (features & Feature.VhostSuppliesHeader) != 0;
        return Success(state with
        {
            Features = features,
            EventsWritten = state.EventsWritten || (features & Feature.EventIndex) != 0,
            VhostHeader = byVhost ? header : 0,
            SocketHeader = byVhost ? 0 : header,
        });
    }

    private static Branch<VhostNetState> SetMemory(VhostNetState state, SetMemTable step)
    {
        var faults = new List<(string, Rule)>();
        if (step.Padding != 0) faults.Add(("EOPNOTSUPP", VhostNetRules.MemoryTable));
        if ((step.Count ?? step.Regions.Length) > state.MostRegions) faults.Add(("E2BIG", VhostNetRules.MemoryTable));
        // The last address is start + size - 1: it must not lie before the start.
        if (step.Regions.Any(r => unchecked(r.Guest + r.Size - 1) < r.Guest)) faults.Add(("EFAULT", VhostNetRules.MemoryTable));
        if (!step.Regions.IsEmpty && state.Has(Feature.LogAll) && Attached(state).Any(r => r.Log.Base is { Place: LogPlace.Kernel }))
            faults.Add(("EFAULT", LogRules.Access));
        // Where several things are wrong, which one is told is left open.
        if (faults.Count > 0) return Failures(state, faults);
        var regions = step.Regions.Select(r => new GuestRegion(r.Guest, r.Size, r.At));
        return Success(state with { Map = new GuestMap([.. regions]) });
    }

    private static IEnumerable<Branch<VhostNetState>> Attach(VhostNetState state, SetBackend step)
    {
        if (step.Ring is < 0 or > 1) return [Failure(state, "ENOBUFS", VhostNetRules.RingIndex)];
        if (state.Map is null) return [Failure(state, "EFAULT", VhostNetRules.BackendReady)];
        var ring = (Ring)step.Ring;
        var one = state[ring];
        if (!Logging.IsAccessible(state, ring, one.Log.Base)) return [Failure(state, "EFAULT", LogRules.Access)];
        if (step.Backend == "none") return AsyncEnds.Of(state, ring).Select(s => Detach(s, ring));
        var backend = state.Backends[step.Backend];
        if (!backend.Acceptable) return [Failure(state, "ENOTSOCK", VhostNetRules.Backend)];
        if (one.Backend == step.Backend) return [Success(state, VhostNetRules.Backend)];
        if (IotlbCalls.Unready(state, ring) is { } unready) return [unready];
        if (one.Used.Offset is not { } used) return [Failure(state, "EFAULT", VhostNetRules.BackendReady)];
        return AsyncEnds.Of(state, ring).Select(s => Attach(s, ring, step.Backend, (int)used));
    }

    private static Branch<VhostNetState> Detach(VhostNetState state, Ring ring)
    {
        if (ring == Ring.Tx) state = Links.Leave(state);
        return Success(state.With(ring, Asleep(state[ring])) with { Misses = state.Misses.Doubted() }, VhostNetRules.Backend);
    }

    private static Branch<VhostNetState> Attach(VhostNetState state, Ring ring, string name, int used)
    {
        var backend = state.Backends[name];
        if (ring == Ring.Tx && !backend.Out.Gone) state = Links.Leave(state);
        var one = state[ring];
        if (one.FlagsClean)
        {
            // The first attach writes 0; what a later one writes depends on how the last pass ended.
            state = state with { Memory = state.Memory.Write16(used, 0) };
            if (one.Driver?.Used == used) one = one with { SeenFlags = null };
        }
        var taken = one with
        {
            Backend = name,
            UsedIndex = state.Memory.Read16(SplitRing.UsedIndex(used)),
            SignalledValid = false,
            Must = false,
            Wakes = one.Wakes + 1,
            WantsKick = false,
            Stirred = true,
            FlagsStirred = !one.FlagsClean,
            FlagsClean = false,
        };
        state = state with { HasPool = state.HasPool || backend.Kind == BackendKind.Mp };
        // One that cannot be polled is found out late: the ring was begun anew by then.
        return backend.Out.Gone
            ? Failure(state.With(ring, taken with { Backend = one.Backend, Must = one.Must, WantsKick = false }), "EINVAL", VhostNetRules.BackendGone)
            : Success(Logging.Attached(Watch(state.With(ring, taken), ring), ring), VhostNetRules.Backend);
    }

    private static IEnumerable<RingState> Attached(VhostNetState state) => new[] { state.Rx, state.Tx }.Where(r => r.Backend is not null);

    /// <summary>A new back end is polled at once: frames that wait already are as good as new ones.</summary>
    private static VhostNetState Watch(VhostNetState state, Ring ring)
    {
        // A socket that can be written to wakes the transmit side, at some time from now on.
        if (ring == Ring.Tx)
        {
            // One that is full is not; it wakes when it has room again.
            var isFull = state.Backends[state.Tx.Backend!].Out.Full;
            return state with { Tx = state.Tx with { May = !isFull, Link = state.Tx.Link with { Blocked = isFull } } };
        }
        var waiting = state.Backends[state.Rx.Backend!].Queue.Count;
        return state with
        {
            Rx = state.Rx with { Watching = waiting == 0, Must = waiting > 0, Log = state.Rx.Log with { Woken = state.Rx.Log.UsedRing }, MustUpTo = state.Published(Ring.Rx), MustFrames = waiting },
        };
    }

    /// <summary>The argument points to the arena's start; its first four bytes are taken for a ring index first.</summary>
    public static Branch<VhostNetState> Unknown(VhostNetState state)
    {
        var index = state.Memory.Read16(0) | (state.Memory.Read16(2) << 16);
        return index is 0 or 1
            ? Failure(state, "ENOTTY", VhostNetRules.UnknownCall)
            : Failure(state, "ENOBUFS", VhostNetRules.RingIndex);
    }
}
