using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet;

/// <summary>Hand-written programs about calls with arguments that cannot be read, and calls that do not exist.</summary>
internal static class OddCallPrograms
{
    private const ulong Merged = Feature.Version1 | Feature.MergeableRxBuffers;

    public static IReadOnlyList<Program> All { get; } = [Pointers("pointers-first", owned: false), Pointers("pointers", owned: true), PointersAttached(), Numbers(), Attached(), Overlapping(), Full()];

    private static VhostNetScript Script(string name, string about) => new(name, about);

    private static IEnumerable<Step> Bad(IEnumerable<BadPointer> places) =>
        from at in places
        from call in Enum.GetValues<VhostCall>()
        where !(at == BadPointer.Cut && call == VhostCall.SetLogFd)
        select new BadArgument(call, at);

    private static Program Pointers(string name, bool owned)
    {
        var script = Script(name, "an argument that cannot be read or written fails with EFAULT, once the caller may call at all").Add(new BadArgument(VhostCall.GetFeatures, BadPointer.Null), new Open());
        if (owned) script.Add(new SetOwner());
        script.Add([.. Bad([BadPointer.Null, BadPointer.Unmapped, BadPointer.Kernel, BadPointer.Cut]), new BadArgument(VhostCall.SetMemTable, BadPointer.CutRegions)]);
        return script.Add(new GetFeatures(), new GetBackendFeatures(), new Settle(), new Close()).ToProgram();
    }

    /// <summary>What cannot be read changes nothing of a device that works.</summary>
    private static Program PointersAttached()
    {
        var script = Script("pointers-attached", "calls with arguments that cannot be read leave a device that works as it is").Begin(Merged)
            .SetUpRing(Ring.Rx).SetUpRing(Ring.Tx).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx);
        script.Add(new Offer(Ring.Tx, [script.TxFrame(60)]), new Kick(Ring.Tx), new Settle());
        script.Add([.. Bad([BadPointer.Null, BadPointer.Cut]), new BadArgument(VhostCall.SetMemTable, BadPointer.CutRegions)]);
        var (head, at) = script.RxBuffer(200);
        script.Add(new Offer(Ring.Tx, [script.TxFrame(61)]), new Kick(Ring.Tx), new Offer(Ring.Rx, [head]), new Kick(Ring.Rx), new Send("b0", 70, script.NextContent()), new Settle());
        return script.ReadBuffer(at, 200, withHeader: true).Add(new GetVringBase(0), new GetVringBase(1), new GetBusyloop(0), new Close()).ToProgram();
    }

    /// <summary>Calls of other vhost devices, calls with another direction or size, and calls that nobody has.</summary>
    private static Program Numbers()
    {
        uint[] requests =
        [
            0x8004af08, 0x4004af09, 0x4008af15, 0xc008af16, 0x40e8af40, 0x40e8af41, 0x4004af42, 0x4008af60, 0x4004af61, 0x8004af70, 0x8001af71, 0x4001af72,
            0xaf7d, 0xaf00, 0x8008af04, 0x4004af04, 0x8004af07, 0x4008af07, 0xaf10, 0x8008af10, 0xc008af10, 0x4004af10, 0x8008af12, 0xc008af20, 0x4004af20,
            0xc008af30, 0x4004af30, 0xc008af00, 0x4004af00, 0x4000af01, 0x8000af02, 0xc008af03, 0xafff, 0xc0ffafee,
        ];
        var script = Script("numbers", "requests of other devices, of other directions or sizes, and of nobody are not known").Add(new Open());
        script.Add(new RawIoctl(requests[0]), new SetVringEndian(0, 0), new GetVringEndian(5), new SetOwner());
        foreach (var request in requests) script.Add(new RawIoctl(request));
        foreach (var first in (byte[])[1, 2]) script.Add(new WriteBytes(0, [first, 0, 0, 0]), new RawIoctl(requests[0]), new RawIoctl(requests[7]), new UnknownIoctl());
        for (var ring = 0; ring < 3; ring++) script.Add(new SetVringEndian(ring, 0), new SetVringEndian(ring, 1), new SetVringEndian(ring, 2), new GetVringEndian(ring));
        return script.Add(new Close()).ToProgram();
    }

    private static Program Attached()
    {
        var script = Script("calls-attached", "what may be set anew while a back end is attached, and what may not").Begin(Merged)
            .SetUpRing(Ring.Rx).SetUpRing(Ring.Tx).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx).Add(new Settle());
        script.Add(new SetVringNum(0, 256), new SetVringNum(1, 0), new SetVringBase(0, 0), new SetVringBase(1, 65536), new SetVringNum(1, 65536), new SetVringBase(1, 65535));
        script.Add(new SetFeatures(Merged | Feature.EventIndex), new SetFeatures(1UL << 40 | 1), new SetFeatures(Merged), new SetBackendFeatures(2), new SetBackendFeatures(0));
        script.Add(new SetVringKick(1, FileChoice.Event), new SetVringCall(1, FileChoice.Event), new SetVringErr(1, FileChoice.Event), new SetOwner());
        script.Add(new Offer(Ring.Tx, [script.TxFrame(60)]), new Kick(Ring.Tx), new Settle(), new ResetOwner(), new Settle(), new SetVringNum(0, 256));
        return script.Add(new SetOwner(), new SetVringNum(0, 32768), new SetVringBase(0, 65535), new GetVringBase(0), new GetVringBase(1), new Close()).ToProgram();
    }

    /// <summary>Where regions overlap, the one that begins lowest has the address; of two that begin together the first.</summary>
    private static Program Overlapping()
    {
        const ulong Guest = VhostNetScript.GuestBase;
        var script = Script("memory-overlap", "where regions overlap, the one that begins lowest counts").Begin(Merged).SetUpRing(Ring.Tx).Attach("b0", BackendKind.Tap, Ring.Tx);
        foreach (var (at, seed) in ((long, ulong)[])[(0x20000, 1), (0x30000, 2), (0x40000, 3)]) script.Add(new WriteFrame(at + script.Header, 3000, seed));
        var table = VhostNetScript.Table(Ring.Tx);
        script.Add(new Settle(), new WriteDesc(table, 0, Guest, 100, DescriptorFlags.None), new WriteDesc(table, 1, Guest + 0x800, 1000, DescriptorFlags.None));
        MemoryRegion high = new(Guest + 0x400, 0x2000, 0x20400), low = new(Guest, 0x900, 0x30000), same = new(Guest, 0x2000, 0x40000);
        foreach (var regions in (MemoryRegion[][])[[high, low], [low, high], [high, same, low], [low, same, high], [same, low]])
            script.Add(new SetMemTable([.. regions]), new Offer(Ring.Tx, [0]), new Kick(Ring.Tx), new Settle());
        return script.Add(new Close()).ToProgram();
    }

    /// <summary>As many regions as the module takes, each used; and one more.</summary>
    private static Program Full()
    {
        const int Most = 64;
        const ulong Guest = VhostNetScript.GuestBase;
        const ulong Size = 0x1000;
        var script = Script("memory-full", "a table of 64 regions, the last as good as the first; one more is refused and the old table stays").Begin(Merged)
            .SetUpRing(Ring.Tx).Attach("b0", BackendKind.Tap, Ring.Tx).Add(new Settle());
        var regions = Enumerable.Range(0, Most + 1).Select(i => new MemoryRegion(Guest + ((ulong)i * 2 * Size), Size, 0x20000 + ((Most - i) * (long)Size))).ToList();
        script.Add(new SetMemTable([.. regions.Take(Most)]), new SetMemTable([.. regions]));
        foreach (var region in (int[])[0, 1, 31, 62, 63])
        {
            var head = script.TakeDescriptor(Ring.Tx);
            script.Add(new WriteFrame(regions[region].At + script.Header, 500, (ulong)region), new WriteDesc(VhostNetScript.Table(Ring.Tx), head, regions[region].Guest, 512, DescriptorFlags.None));
            script.Add(new Offer(Ring.Tx, [head]), new Kick(Ring.Tx), new Settle());
        }
        return script.Add(new Close()).ToProgram();
    }
}
