using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Devices.VhostNet.Traffic;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet;

/// <summary>Hand-written programs of sustained traffic: short ones; a longer run has more <c>frames=</c>.</summary>
internal static class TrafficPrograms
{
    private const ulong Plain = Feature.Version1;
    private const ulong Merged = Feature.Version1 | Feature.MergeableRxBuffers;
    private const long TxBuffers = 0x80000;
    private const long RxBuffers = 0x10000;
    private const int Smallest = FrameContent.EthernetHeader + 1;
    private const int Largest = 65535;

    public static IReadOnlyList<Program> All { get; } =
    [
        Tx("traffic-tx-64", 256, Merged, new(1000, 64, 64, 256, 128, 256, TxBuffers, ChainShape.Direct)),
        Tx("traffic-tx-1500", 256, Merged | Feature.EventIndex, new(600, 1514, 1514, 256, 128, 1600, TxBuffers, ChainShape.Split)),
        Tx("traffic-tx-mixed", 8, Merged | Feature.EventIndex, new(200, Smallest, Largest, 6, 6, 65552, TxBuffers, ChainShape.Direct)),
        Tx("traffic-tx-indirect", 8, Merged | Feature.EventIndex | Feature.Indirect, new(800, 60, 300, 64, 8, 320, TxBuffers, ChainShape.Indirect)),
        Tx("traffic-tx-packet", 1024, Merged | Feature.VhostSuppliesHeader, new(1000, 60, 400, 512, 512, 416, TxBuffers, ChainShape.Split), BackendKind.Packet),
        Rx("traffic-rx-64", 256, Merged, new(800, 64, 64, 200, 128, 256, RxBuffers, ChainShape.Direct)),
        Rx("traffic-rx-1500", 1024, Merged | Feature.EventIndex, new(500, 1514, 1514, 200, 256, 1600, RxBuffers, ChainShape.Direct)),
        Rx("traffic-rx-mixed", 256, Merged | Feature.EventIndex, new(150, Smallest, Largest, 8, 128, 1536, RxBuffers, ChainShape.Direct)),
        Rx("traffic-rx-unmerged", 8, Plain | Feature.Indirect, new(600, 60, 1000, 64, 8, 1600, RxBuffers, ChainShape.Indirect)),
        Rx("traffic-rx-packet", 256, Merged | Feature.VhostSuppliesHeader | Feature.EventIndex, new(600, 60, 400, 100, 128, 128, RxBuffers, ChainShape.Direct), BackendKind.Packet),
        Both("traffic-both", 256, Merged | Feature.EventIndex),
        Both("traffic-both-flags", 1024, Plain),
        Wrapping(),
    ];

    private static Program Tx(string name, int num, ulong features, TrafficLane lane, BackendKind kind = BackendKind.Tap) =>
        Around(name, $"{lane.Frames} frames of {lane.Smallest} to {lane.Largest} bytes leave through a ring of {num}, once, whole, in order", num, features, kind, lane, null);

    private static Program Rx(string name, int num, ulong features, TrafficLane lane, BackendKind kind = BackendKind.Tap) =>
        Around(name, $"{lane.Frames} frames of {lane.Smallest} to {lane.Largest} bytes arrive through a ring of {num}, once, whole, in order", num, features, kind, null, lane);

    private static Program Both(string name, int num, ulong features) => Around(name, $"both directions at once through rings of {num}", num, features, BackendKind.Tap,
        new(500, 60, 1514, 128, 100, 1600, TxBuffers, ChainShape.Direct), new(500, 60, 1514, 128, 100, 1600, RxBuffers, ChainShape.Split));

    /// <summary>Twice, so that what the first leaves behind is seen to be as the model says; in the second both indices wrap.</summary>
    private static Program Wrapping()
    {
        var lane = new TrafficLane(500, 60, 200, 64, 8, 256, TxBuffers, ChainShape.Direct);
        var script = SetUp("traffic-wrap", "indices wrap while traffic runs; a frame behind it is sent as ever", 8, Merged | Feature.EventIndex, BackendKind.Tap, start: 65000);
        for (var round = 0; round < 3; round++)
            script.Add(Traffic(script, lane, lane with { Frames = 300, At = RxBuffers }, (ulong)round + 1), new Settle(), new GetVringBase(0), new GetVringBase(1));
        script.Add(new Offer(Ring.Tx, [script.TxFrame(60)]), new Kick(Ring.Tx), new Settle());
        return script.Add(new Close(), new Settle()).ToProgram();
    }

    private static Program Around(string name, string about, int num, ulong features, BackendKind kind, TrafficLane? tx, TrafficLane? rx)
    {
        var script = SetUp(name, about, num, features, kind);
        return script.Add(Traffic(script, tx, rx, seed: 1), new Settle(), new GetVringBase(0), new GetVringBase(1), new Close(), new Settle()).ToProgram();
    }

    private static VhostNetScript SetUp(string name, string about, int num, ulong features, BackendKind kind, int start = 0)
    {
        var script = new VhostNetScript(name, about).Begin(features);
        // A ring of 1024 needs more room than the script gives one.
        if (num > 256) LargeRings(script, num);
        else script.SetUpRing(Ring.Rx, num, start).SetUpRing(Ring.Tx, num, start);
        return script.Attach("b0", kind, Ring.Rx, Ring.Tx).Add(new Settle());
    }

    private static void LargeRings(VhostNetScript script, int num)
    {
        foreach (var ring in (Ring[])[Ring.Rx, Ring.Tx])
        {
            var (index, at) = ((int)ring, ring == Ring.Rx ? 0L : 0x7_8000L);
            var (desc, avail, used) = (at, at + (16L * num), at + (20L * num));
            script.Add(
                new DriverRing(ring, num, desc, avail, used), new SetVringNum(index, (uint)num), new SetVringBase(index, 0),
                new SetVringAddr(index, new UserAddress(desc), new UserAddress(avail), new UserAddress(used)),
                new SetVringKick(index, FileChoice.Event), new SetVringCall(index, FileChoice.Event), new SetVringErr(index, FileChoice.Event));
        }
    }

    private static RunTraffic Traffic(VhostNetScript script, TrafficLane? tx, TrafficLane? rx, ulong seed) => new(
        "b0", seed, VhostNetScript.GuestBase, script.Header, (script.Features & Feature.EventIndex) != 0, (script.Features & Feature.MergeableRxBuffers) != 0, tx, rx);
}
