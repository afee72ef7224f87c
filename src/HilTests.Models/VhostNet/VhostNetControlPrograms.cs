using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet;

/// <summary>Hand-written programs about the life cycle and the calls, with every errno.</summary>
internal static class VhostNetControlPrograms
{
    private const string Device = "vhost-net";

    private static readonly UserAddress Unmapped = new(null);

    public static IReadOnlyList<Program> All { get; } =
    [
        Make("lifecycle", "open, own, reset, own again, close",
            new Open(), new GetFeatures(), new GetBackendFeatures(), new SetOwner(), new SetOwner(), new ResetOwner(), new ResetOwner(),
            new SetOwner(), new SetBackend(0, "none"), new GetVringBase(0), new Close(), new Open(), new SetOwner(), new GetBusyloop(1), new Close()),
        Make("owner-first", "before SET_OWNER only the feature calls work",
            new Open(), new GetFeatures(), new SetFeatures(Feature.Version1), new GetBackendFeatures(), new SetBackendFeatures(2),
            Memory(), new SetVringNum(0, 256), new SetVringBase(0, 0), new GetVringBase(0), Addresses(0),
            new SetVringKick(0, FileChoice.Event), new SetVringCall(1, FileChoice.Event), new SetVringErr(1, FileChoice.None),
            new SetBackend(0, "none"), new SetBackend(7, "none"), new ResetOwner(), new UnknownIoctl(), new Settle(), new Close()),
        Make("features", "offered features are accepted, others are not",
            new Open(), new SetFeatures(0), new SetFeatures(Feature.Version1 | Feature.EventIndex | Feature.Indirect | Feature.NotifyOnEmpty),
            new SetFeatures(1), new SetFeatures(1UL << 34), new SetFeatures(1UL << 63), new SetBackendFeatures(0), new SetBackendFeatures(1), new Close()),
        Make("ring-errors", "every refusal of the ring calls",
            new Open(), new SetOwner(), new SetVringNum(0, 0), new SetVringNum(0, 255), new SetVringNum(0, 65536), new SetVringNum(0, 1), new SetVringNum(1, 32768),
            new SetVringNum(2, 256), new SetVringBase(0, 65535), new GetVringBase(0), new SetVringBase(0, 65536), new GetVringBase(0), new GetVringBase(2),
            Addresses(0), new SetVringAddr(0, new(0x1008), new(0x3001), new(0x4000)), new SetVringAddr(0, new(0x1008), new(0x3000), new(0x4002)),
            new SetVringAddr(0, new(0x1001), new(0x3000), new(0x4000)), new SetVringAddr(1, new(0x1000), new(0x3000), new(0x4000), Flags: 2),
            new SetVringAddr(1, Unmapped, Unmapped, Unmapped), new SetVringAddr(5, new(0x1000), new(0x3000), new(0x4000)),
            new SetVringKick(0, FileChoice.Closed), new SetVringKick(0, FileChoice.File), new SetVringKick(0, FileChoice.None), new SetVringKick(2, FileChoice.Event),
            new SetVringCall(0, FileChoice.Closed), new SetVringCall(1, FileChoice.File), new SetVringErr(0, FileChoice.File), new SetVringErr(1, FileChoice.Closed),
            new SetBusyloop(0, 50), new GetBusyloop(0), new GetBusyloop(1), new UnknownIoctl(), new Close()),
        Make("memory-errors", "every refusal of SET_MEM_TABLE",
            new Open(), new SetOwner(), Memory(), new SetMemTable([]), new SetMemTable([Region()], Padding: 1), new SetMemTable([Region()], Count: 64),
            new SetMemTable([Region()], Count: 65), new SetMemTable([new MemoryRegion(ulong.MaxValue - 0xffff, 0x10001, 0)]),
            new SetMemTable([new MemoryRegion(0x1000, 0, 0)]), new SetMemTable([Region(), new MemoryRegion(ulong.MaxValue, 2, 0)]), new Close()),
        Make("backend-errors", "what is no back end, and a device that is not ready for one",
            [new MakeBackend("tap", BackendKind.Tap, 12), .. Bad(), new Open(), new SetOwner(), new SetFeatures(Feature.Version1),
            new SetBackend(1, "tap"), new SetBackend(1, "none"), Memory(), new SetBackend(1, "tap"), new SetVringNum(1, 256),
            new SetVringAddr(1, new(0x1000), new(0x3000), Unmapped), new SetBackend(1, "tap"), Addresses(1), new SetBackend(2, "tap"),
            new SetBackend(1, "udp"), new SetBackend(1, "unix"), new SetBackend(1, "dgram"), new SetBackend(1, "file"), new SetBackend(1, "closed"),
            new SetBackend(1, "tap"), new SetBackend(1, "udp"), new SetVringNum(1, 128), new SetVringBase(1, 4), new SetBackend(1, "tap"),
            new SetVringNum(1, 128), new SetBackend(1, "none"), new SetVringNum(1, 128), new SetVringBase(1, 4), new GetVringBase(1), new Close()]),
        Make("features-array", "features by the word: cut off, padded with zeros, refused where not offered",
            new Open(), new GetFeaturesArray(1), new GetFeaturesArray(2), new GetFeaturesArray(5), new GetFeaturesArray(0),
            new SetFeaturesArray([Feature.Version1]), new SetFeaturesArray([Feature.Version1, 0, 0, 0]), new SetFeaturesArray([Feature.Version1, 1]),
            new SetFeaturesArray([Feature.Version1, 1UL << 63]), new SetFeaturesArray([Feature.Version1, 0, 1]), new SetFeaturesArray([1, 0]), new SetFeaturesArray([]),
            new GetFeatures(), new Close()),
        Make("fork-owner", "the kind of worker is chosen before SET_OWNER and reset with the device",
            new Open(), new GetForkOwner(), new SetForkOwner(0), new GetForkOwner(), new SetForkOwner(2), new SetForkOwner(255), new GetForkOwner(), new SetForkOwner(1),
            new GetForkOwner(), new SetForkOwner(0), new SetOwner(), new SetForkOwner(1), new SetForkOwner(7), new GetForkOwner(), new ResetOwner(), new GetForkOwner(),
            new SetForkOwner(0), new SetOwner(), new GetForkOwner(), new Close()),
        ResetWithTraffic(),
        BadRings(),
    ];

    private static Program Make(string name, string about, params ReadOnlySpan<Step> steps) =>
        new() { Name = name, Device = Device, About = about, Steps = [.. steps] };

    private static MemoryRegion Region() => new(VhostNetScript.GuestBase, VhostNetArena.Size, 0);

    private static SetMemTable Memory() => new([Region()]);

    private static SetVringAddr Addresses(int ring) => new(ring, new(0x1000), new(0x3000), new(0x4000));

    private static IEnumerable<Step> Bad() =>
    [
        new MakeBackend("udp", BackendKind.Udp), new MakeBackend("unix", BackendKind.Unix), new MakeBackend("dgram", BackendKind.PacketDgram),
        new MakeBackend("file", BackendKind.File), new MakeBackend("closed", BackendKind.Closed),
    ];

    private static Program ResetWithTraffic()
    {
        var script = new VhostNetScript("reset-owner", "RESET_OWNER stops the device and forgets everything; it can be set up again")
            .Begin(Feature.Version1).SetUpRing(Ring.Rx).SetUpRing(Ring.Tx).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx);
        script.Add(new Offer(Ring.Tx, [script.TxFrame(60)]), new Kick(Ring.Tx), new Settle(), new ResetOwner(), new Settle(), new GetVringBase(1));
        script.Add(new SetOwner(), new Settle(), new GetVringBase(1), new SetFeatures(Feature.Version1), Memory());
        script.Add(new WriteBytes(VhostNetScript.Used(Ring.Tx) + 2, [0, 0]), new WriteBytes(VhostNetScript.Avail(Ring.Tx) + 2, [0, 0]));
        script.SetUpRing(Ring.Tx).Add(new SetBackend(1, "b0"));
        return script.Add(new Offer(Ring.Tx, [script.TxFrame(61)]), new Kick(Ring.Tx), new Settle(), new Close(), new Settle()).ToProgram();
    }

    private static Program BadRings()
    {
        var script = new VhostNetScript("bad-rings", "a descriptor table or avail ring that is not mapped is accepted and fails at the first kick")
            .Begin(Feature.Version1).SetUpRing(Ring.Tx);
        var (avail, used) = (new UserAddress(VhostNetScript.Avail(Ring.Tx)), new UserAddress(VhostNetScript.Used(Ring.Tx)));
        script.Add(new SetVringAddr(1, Unmapped, avail, used)).Attach("b0", BackendKind.Tap, Ring.Tx);
        script.Add(new Offer(Ring.Tx, [script.TxFrame(60)]), new Kick(Ring.Tx), new Settle(), new GetVringBase(1));
        script.Add(new SetVringAddr(1, new(VhostNetScript.Table(Ring.Tx)), Unmapped, used), new Kick(Ring.Tx), new Settle(), new GetVringBase(1));
        return script.Add(new SetVringAddr(1, new(VhostNetScript.Table(Ring.Tx)), avail, used), new Kick(Ring.Tx), new Settle(), new GetVringBase(1), new Close()).ToProgram();
    }
}
