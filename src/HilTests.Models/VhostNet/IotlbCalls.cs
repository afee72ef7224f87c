using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Core.Values;
using HilTests.Models.Virtqueues;
using static HilTests.Models.VhostNet.Answers;

namespace HilTests.Models.VhostNet;

/// <summary>Messages of the device IOTLB, and rings by the addresses that it translates.</summary>
internal static class IotlbCalls
{
    /// <summary>The bytes of a message that count; the rest is padding.</summary>
    private const int Needed = 40;

    /// <summary>The branches of the step, or null where it is none of these.</summary>
    public static IEnumerable<Branch<VhostNetState>>? Predict(VhostNetState state, Step step) => step switch
    {
        IotlbMessage or ReadIotlb or SetVringIova when !state.IsOpen => [Failure(state, "EBADF", VhostNetRules.Call)],
        IotlbMessage message => [Take(state, message)],
        ReadIotlb => [Read(state)],
        SetVringIova when !state.Owned => [Failure(state, "EPERM", VhostNetRules.Owner)],
        SetVringIova { Ring: not (0 or 1) } => [Failure(state, "ENOBUFS", VhostNetRules.RingIndex)],
        SetVringIova set when set.Avail % 2 != 0 || set.Used % 4 != 0 => [Failure(state, "EINVAL", VhostNetRules.RingAddress)],
        SetVringIova set => [Success(Lay(state, set), VhostNetRules.RingAddress)],
        _ => null,
    };

    /// <summary>What of the step the model does not know; null where nothing.</summary>
    public static string? Unmodelled(VhostNetState state, Step step) => step switch
    {
        SetFeatures { Features: var f } when state.Iotlb is not null && (f & Feature.AccessPlatform) == 0 => "kernels differ in whether an IOTLB stays when ACCESS_PLATFORM is taken back",
        SetVringAddr when state.Iotlb is not null => "with an IOTLB use set-vring-iova",
        SetVringIova when state.Iotlb is null => "without an IOTLB use set-vring-addr",
        SetVringIova { Ring: 0 or 1 } set when state[(Ring)set.Ring].Backend is not null => "addresses that change under an IOTLB while a back end is attached are not modelled",
        SetBusyloop { Microseconds: > 0 } when state.Iotlb is not null => "busy polling with an IOTLB is not modelled",
        IotlbMessage { Kind: IotlbKind.Invalidate } m when m.Bytes >= Needed && (m.Size == 0 || unchecked(m.Iova + m.Size - 1) < m.Iova) => "an invalidation that wraps is not modelled",
        IotlbMessage { Kernel: true, Access: IotlbAccess.None } => "a mapping of kernel addresses without access is not modelled",
        IotlbMessage { Kind: IotlbKind.Update, Kernel: false } m when m.Offset > VhostNetArena.Size || m.Size > (ulong)(VhostNetArena.Size - m.Offset) => "a mapping that reaches beyond the arena is not modelled",
        _ => null,
    };

    /// <summary>The features now hold ACCESS_PLATFORM: every time anew the IOTLB is empty.</summary>
    public static VhostNetState Begin(VhostNetState state) => state with { Iotlb = GuestMap.Empty with { Asks = true } };

    /// <summary>Why a ring cannot be attached yet, or null; an attach writes used.flags and reads the used index.</summary>
    public static Branch<VhostNetState>? Unready(VhostNetState state, Ring ring)
    {
        var one = state[ring];
        if (state.Iotlb is not { } iotlb) return null;
        if (one.Iova is not { } iova) return CannotSay(state, "an IOTLB and a ring without set-vring-iova");
        var found = iotlb.Find(iova.Used, 4, write: false);
        if (found.Segments is { Count: 1 })
        {
            return iotlb.Find(iova.Used, 4, write: true).Segments is null || one.Used.Offset is null
                ? CannotSay(state, "a used ring that is mapped in part, or cannot be written, is not modelled")
                : null;
        }
        if (found.Segments is not null || found.Missing is { } part && part != iova.Used) return CannotSay(state, "a used ring whose head lies in two mappings is not modelled");
        var after = one.ErrBound ? state.With(ring, one with { Errors = one.Errors + new Bounds(1, Bounds.Many), Broken = IotlbRules.Attach }) : state;
        if (found.Missing is { } missing) after = after with { Misses = after.Misses.Ask(new Miss(missing, IotlbAccess.Ro, ring, after.MessageVersion, Sure: true)) };
        return new([new Claim(Observation.ErrnoField, Allowed.Exactly("EFAULT"), IotlbRules.Attach)], _ => after);
    }

    /// <summary>What keeps a pass from its first look: a part of the ring without a translation; vq_meta_prefetch().</summary>
    public static (ulong? Missing, bool Write)? Held(VhostNetState state, RingState ring)
    {
        if (state.Iotlb is not { } iotlb || ring.Iova is not { } iova) return null;
        var events = state.Has(Feature.EventIndex) ? 2U : 0;
        (Translation Found, bool Write)[] parts =
        [
            (iotlb.Find(iova.Desc, SplitRing.DescriptorSize * ring.Num, write: false), false),
            (iotlb.Find(iova.Avail, 4 + (2 * ring.Num) + events, write: false), false),
            (iotlb.Find(iova.Used, 4 + (8 * ring.Num) + events, write: true), true),
        ];
        foreach (var (found, write) in parts)
            if (found.Segments is null) return (found.Missing, write);
        return null;
    }

    private static Branch<VhostNetState> Take(VhostNetState state, IotlbMessage message)
    {
        if (message.Bytes < Needed || message.Version is not (1 or 2)) return Failure(state, "EINVAL", IotlbRules.Message);
        if (message is { Kind: IotlbKind.Update, Size: 0 })
            return new([new Claim(Observation.ErrnoField, Allowed.OneOf(Value.Symbol("EINVAL"), Value.Symbol("EFAULT")), IotlbRules.Empty)], _ => state);
        if (state.Iotlb is not { } iotlb || message.Kind is not (IotlbKind.Update or IotlbKind.Invalidate)) return Failure(state, "EFAULT", IotlbRules.Message);
        var last = unchecked(message.Iova + message.Size - 1);
        if (message.Kind == IotlbKind.Invalidate)
        {
            var left = iotlb.Regions.Where(r => r.Guest > last || r.Guest + (r.Size - 1) < message.Iova);
            return Success(Changed(state, iotlb with { Regions = [.. left] }), IotlbRules.Message);
        }
        if (message.Kernel || last < message.Iova) return Failure(state, "EFAULT", IotlbRules.Message);
        var region = new GuestRegion(message.Iova, message.Size, message.Offset, (message.Access & IotlbAccess.Ro) != 0, (message.Access & IotlbAccess.Wo) != 0);
        var after = Changed(state, iotlb with { Regions = iotlb.Regions.Add(region) });
        var answered = after.Misses.Waiting.Where(miss => miss.Iova >= message.Iova && miss.Iova <= last).ToList();
        after = after with { Misses = after.Misses with { Waiting = after.Misses.Waiting.RemoveAll(answered.Contains) } };
        return Success(answered.Aggregate(after, Woken), IotlbRules.Message);
    }

    private static VhostNetState Woken(VhostNetState state, Miss miss)
    {
        var one = state[miss.Ring];
        if (one.Backend is not { } backend) return state;
        one = one with { Wakes = one.Wakes + 1 };
        if (!miss.Sure) return state.With(miss.Ring, one);
        return state.With(miss.Ring, one with
        {
            Must = true,
            Log = one.Log with { Woken = one.Log.UsedRing },
            MustUpTo = state.Published(miss.Ring),
            MustFrames = miss.Ring == Ring.Rx ? state.Backends[backend].Queue.Count : 0,
        });
    }

    /// <summary>What a pass that may be running has found or missed is not known; what it will find next is.</summary>
    private static VhostNetState Changed(VhostNetState state, GuestMap iotlb)
    {
        var after = state with { Iotlb = iotlb };
        return after with { Rx = Placed(after, state.Rx) with { Must = false }, Tx = Placed(after, state.Tx) with { Must = false } };
    }

    private static VhostNetState Lay(VhostNetState state, SetVringIova step)
    {
        var one = state[(Ring)step.Ring] with { Iova = new RingIova(step.Desc, step.Avail, step.Used), Desc = default, Avail = default, Used = default };
        return state.With((Ring)step.Ring, Placed(state, Logging.Unsteady(one with { Log = one.Log with { UsedRing = step.Log } })));
    }

    /// <summary>The ring's parts by their offsets in the arena, as far as they are mapped in one piece.</summary>
    private static RingState Placed(VhostNetState state, RingState ring)
    {
        if (ring.Iova is not { } iova || state.Iotlb is not { } iotlb) return ring;
        return ring with
        {
            Desc = Placed(iotlb, iova.Desc, SplitRing.DescriptorSize * ring.Num) ?? ring.Desc,
            Avail = Placed(iotlb, iova.Avail, 6 + (2 * ring.Num)) ?? ring.Avail,
            Used = Placed(iotlb, iova.Used, 6 + (8 * ring.Num)) ?? ring.Used,
        };
    }

    private static UserAddress? Placed(GuestMap iotlb, ulong address, uint length)
    {
        // Permissions are another matter.
        var open = iotlb with { Regions = [.. iotlb.Regions.Select(r => r with { Read = true })] };
        if (open.Find(address, length, write: false).Segments is not { } segments) return null;
        for (var i = 1; i < segments.Count; i++)
            if (segments[i].Offset != segments[i - 1].Offset + segments[i - 1].Length) return null;
        return new UserAddress(segments[0].Offset);
    }

    private static Branch<VhostNetState> Read(VhostNetState state)
    {
        var asked = state.Misses.Asked;
        var sure = asked.Where(miss => miss.Sure).Select(miss => miss.ToValue()).ToList();
        var claims = new List<Claim>
        {
            new("messages", Allowed.Holding(sure), IotlbRules.Asked),
            new("messages", Allowed.Among(Possible(state).Select(miss => miss.ToValue()).Distinct()), IotlbRules.Asked),
        };
        if (sure.Count > 0) claims.Add(new("ready", Allowed.Exactly("yes"), IotlbRules.Ready));
        if (Possible(state).IsEmpty) claims.AddRange([new("ready", Allowed.Exactly("no"), IotlbRules.Ready), new("count", Allowed.Exactly(0), IotlbRules.Asked)]);
        else claims.Add(new("count", Allowed.AtLeast(sure.Distinct().Count()), IotlbRules.Asked));
        return new([.. claims], observation => state with { Misses = (state.Misses with { Asked = Possible(state) }).Read(Messages(observation)) });
    }

    /// <summary>What was asked, and what passes that may be running can have asked by now.</summary>
    private static ImmutableList<Miss> Possible(VhostNetState state)
    {
        var all = state.Misses.Asked;
        foreach (var ring in (Ring[])[Ring.Rx, Ring.Tx])
            foreach (var after in Progress.Of(state, ring, finish: false, out _)) all = all.AddRange(after.Misses.Asked.Except(all));
        return all;
    }

    private static ImmutableArray<Value> Messages(Observation observation) => observation["messages"] is ListValue list ? list.Items : [];
}
