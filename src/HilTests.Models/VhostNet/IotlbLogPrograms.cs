using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet;

/// <summary>Hand-written programs about the dirty log of a device with an IOTLB: what is logged are guest addresses, not those that the device uses.</summary>
internal static class IotlbLogPrograms
{
    private const ulong Features = Feature.Version1 | Feature.MergeableRxBuffers | Feature.AccessPlatform | Feature.LogAll;

    /// <summary>Where the device finds its buffers: two mappings that meet inside a page.</summary>
    private const ulong Buffers = 0x7_0000_0000;

    /// <summary>Where the memory table is cut in two; an offset in the arena.</summary>
    private const int Cut = 0x80123;

    /// <summary>The second used entry ends on another page than it begins, and avail_event lies there.</summary>
    private const int First = 510;

    /// <summary>The start of the arena, with the rings, has a second guest address.</summary>
    private const ulong Alias = 0x5000_0000;

    public static IReadOnlyList<Program> All { get; } = [Traffic("iotlb-log", Features), Traffic("iotlb-log-event-idx", Features | Feature.EventIndex), RingOnly()];

    private static VhostNetScript Look(this VhostNetScript script) => script.Add(new Settle(), new ReadLog(), new ReadIotlb());

    private static VhostNetScript Begin(string name, string about, ulong features)
    {
        var script = IotlbPrograms.Script(name, about, features, log: true, num: VhostNetScript.LogNum, first: First).MapRing(Ring.Rx, num: VhostNetScript.LogNum).MapRing(Ring.Tx, num: VhostNetScript.LogNum);
        script.Add(new SetMemTable(
        [
            new(VhostNetScript.GuestBase, Cut, 0), new(VhostNetScript.GuestBase + 0x800_0000, VhostNetArena.Near - Cut, Cut), new(Alias, 0x10000, 0),
        ]));
        script.Add(IotlbPrograms.Update(Buffers, Cut + 0x800, 0), IotlbPrograms.Update(Buffers + Cut + 0x800, VhostNetArena.Near - Cut - 0x800, Cut + 0x800));
        return script.Add(new SetLogBase(LogPlace.Area, 0), new SetLogFd(FileChoice.Event)).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx).Look();
    }

    private static VhostNetScript Send(this VhostNetScript script, int at, int head)
    {
        script.Add(new Fill(at, 12, 0), new WriteFrame(at + 12, 60, script.NextContent()));
        return script.Add(new WriteDesc(VhostNetScript.Table(Ring.Tx), head, Buffers + (ulong)at, 72, DescriptorFlags.None)).Transmit(head);
    }

    private static VhostNetScript Offer(this VhostNetScript script, int head, int at, int length) =>
        script.Add(new WriteDesc(VhostNetScript.Table(Ring.Rx), head, Buffers + (ulong)at, (uint)length, DescriptorFlags.Write), new Offer(Ring.Rx, [head]), new Kick(Ring.Rx));

    private static VhostNetScript Receive(this VhostNetScript script, int length) => script.Add(new Send("b0", length, script.NextContent()));

    private static Program Traffic(string name, ulong features)
    {
        var script = Begin(name, "with an IOTLB the log holds every guest address of what was written", features);
        script.Send(0x20000, 0).Look().Send(0x20100, 1).Look().Send(0x20200, 2).Look();
        // One page; across the cut of the memory table; across the two mappings; several buffers.
        script.Offer(0, 0x30000, 1000).Receive(500).Look();
        script.Offer(1, Cut - 200, 700).Receive(600).Look();
        script.Offer(7, Cut - 0x1800, 0x1900).Receive(0x18f0).Look();
        script.Offer(2, Cut + 0x700, 0x3000).Receive(9000).Look();
        script.Offer(3, 0x40000, 1500).Offer(4, 0x50800, 0x1800).Receive(4000).Look();
        script.Receive(100).Look().Offer(5, 0x60fff, 300).Look();
        return script.Add(new Close(), new Settle(), new ReadLog()).ToProgram();
    }

    /// <summary>Without LOG_ALL only the rings are logged.</summary>
    private static Program RingOnly()
    {
        var script = Begin("iotlb-log-rings", "the ring's flag alone logs what is written to used rings, by their guest addresses", Features & ~Feature.LogAll);
        script.Send(0x20000, 0).Look().Send(0x20100, 1).Look().Offer(0, 0x30000, 1000).Receive(500).Look().Add(new Kick(Ring.Tx)).Look();
        return script.Add(new Close(), new Settle(), new ReadLog()).ToProgram();
    }
}
