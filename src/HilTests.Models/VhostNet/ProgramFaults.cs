using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet;

/// <summary>
/// Steps that no agent would run: they use what the program has not made, or memory outside the arena. A trace may hold
/// them all the same, since traces come from guests and from archives; they are not judged.
/// </summary>
internal static class ProgramFaults
{
    /// <summary>What is wrong with the step in this state, or null.</summary>
    public static string? Of(VhostNetState state, Step step) => step switch
    {
        WriteDesc desc => Outside(desc.Table + ((long)SplitRing.DescriptorSize * desc.Index), SplitRing.DescriptorSize),
        WriteFrame frame => Outside(frame.At, frame.Length),
        WriteBytes bytes => Outside(bytes.At, bytes.Content.Length),
        Fill fill => Outside(fill.At, fill.Length),
        Read read => Outside(read.At, read.Length),
        ReadHeader read => Outside(read.At, read.Length),
        DriverRing ring => Outside(ring.Desc, (long)SplitRing.DescriptorSize * ring.Num) ?? Outside(ring.Avail, 6 + (2L * ring.Num)) ?? Outside(ring.Used, 6 + (8L * ring.Num)),
        SetLogBase { Offset: < 0 or > VhostNetLogArea.Size / 2 } => "the log would begin too far into the log area",
        Offer offer => Unmade(state, offer.Ring),
        PublishIndex publish => Unmade(state, publish.Ring),
        AvailFlags flags => Unmade(state, flags.Ring),
        UsedEvent used => Unmade(state, used.Ring),
        Send send => Unmade(state, send.Backend) ?? Removed(state, send.Backend),
        SetBackend set when set.Backend != "none" => Unmade(state, set.Backend) ?? (IsRing(set.Ring) ? Outside(state[(Ring)set.Ring]) : null),
        SetVringAddr set when IsRing(set.Ring) && state[(Ring)set.Ring] is { Backend: not null } ring =>
            Outside(ring with { Desc = set.Desc, Avail = set.Avail, Used = set.Used }),
        Plug plug => Unmade(state, plug.Backend) ?? Unpluggable(state, plug.Backend),
        Unplug unplug => Unmade(state, unplug.Backend) ?? Unpluggable(state, unplug.Backend),
        RemoveInterface remove => Unmade(state, remove.Backend) ?? Unremovable(state.Backends[remove.Backend]),
        MpHold mp => NoPassThrough(state, mp.Backend),
        MpRelease mp => NoPassThrough(state, mp.Backend),
        MpRefuse mp => NoPassThrough(state, mp.Backend),
        MpCapture mp => NoPassThrough(state, mp.Backend),
        MpCount mp => NoPassThrough(state, mp.Backend),
        LoadModule when state.IsOpen => "the program loads the module while the device is open",
        MakeBackend make when make.Name.AsSpan().IndexOfAny(".[") >= 0 => $"a field cannot be named after back end '{make.Name}': use letters, digits, '-' and '_'",
        MakeBackend make when state.Backends.ContainsKey(make.Name) => $"the program makes back end '{make.Name}' twice",
        _ => BulkSteps.Fault(state, step),
    };

    /// <summary>What is wrong with a stretch of memory, or null.</summary>
    public static string? Outside(long at, long length) => at >= 0 && length >= 0 && at <= VhostNetArena.Size - length
        ? null
        : $"0x{at:x}+{length} lies outside the arena of 0x{VhostNetArena.Size:x} bytes";

    private static bool IsRing(int ring) => ring is (int)Ring.Rx or (int)Ring.Tx;

    /// <summary>A ring that the device is to use must lie in the arena, or be nowhere at all.</summary>
    private static string? Outside(RingState ring) =>
        Outside(ring.Desc, SplitRing.DescriptorSize * (long)ring.Num) ?? Outside(ring.Avail, 6 + (2L * ring.Num)) ?? Outside(ring.Used, 6 + (8L * ring.Num));

    private static string? Outside(UserAddress address, long length) => address.Offset is { } offset ? Outside(offset, length) : null;

    public static string? Unmade(VhostNetState state, Ring ring) =>
        state[ring].Driver is null ? $"the program uses the {ring} ring before driver-ring says where it lies" : null;

    private static string? Unpluggable(VhostNetState state, string backend) => state.Backends[backend] switch
    {
        { Out.Gone: true } => $"the interface of back end '{backend}' is removed",
        { Kind: BackendKind.Packet or BackendKind.Macvtap } or { Kind: BackendKind.Tap, Out.Kind: Outlet.Queue } => null,
        _ => $"back end '{backend}' cannot be plugged: make a tap with outlet=queue, a packet socket or a macvtap",
    };

    private static string? NoPassThrough(VhostNetState state, string backend) =>
        Unmade(state, backend) ?? (state.Backends[backend].Kind == BackendKind.Mp ? null : $"back end '{backend}' is no pass-through one");

    private static string? Unremovable(BackendState backend) => backend switch
    {
        { Out.Gone: true } => "the program removes an interface twice",
        { Kind: BackendKind.Tap, Out.Kind: Outlet.Direct, Queue.IsEmpty: true } => null,
        _ => "only the interface of a tap with nothing to receive and without outlet=queue can be removed",
    };

    public static string? Removed(VhostNetState state, string backend) =>
        state.Backends[backend].Out.Gone ? $"the program sends to back end '{backend}', whose interface it has removed" : null;

    public static string? Unmade(VhostNetState state, string backend) =>
        state.Backends.ContainsKey(backend) ? null : $"the program uses back end '{backend}' without making it";
}
