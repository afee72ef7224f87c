using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet;

/// <summary>
/// Hand-written programs about the device IOTLB. For a generator: settle before each change of a mapping, and read the
/// messages before each update that is to wake a ring.
/// </summary>
internal static class IotlbPrograms
{
    private const ulong Features = Feature.Version1 | Feature.MergeableRxBuffers | Feature.AccessPlatform;
    private const int Num = 64;
    private const ulong Page = 0x1000;

    /// <summary>Where the parts of the rings lie for the device: far from each other, and from the arena's guest addresses.</summary>
    private static readonly RingIova Rx = new(0x1_0000_0000, 0x2_0000_0000, 0x3_0000_0000);

    private static readonly RingIova Tx = new(0x4_0000_0000, 0x5_0000_0000, 0x6_0000_0000);

    public static IReadOnlyList<Program> All { get; } =
        [Mapped("iotlb-mapped", Features, 2), Mapped("iotlb-mapped-event-idx", Features | Feature.EventIndex, 1), RingMisses(), BufferMisses(), Invalidated(), Permissions(), ReadOnlyRing(), Forbidden(), AttachFirst(), MessageErrors(), Nothing()];

    internal static RingIova Of(Ring ring) => ring == Ring.Rx ? Rx : Tx;

    internal static IotlbMessage Update(ulong iova, ulong size, long at, IotlbAccess access = IotlbAccess.Rw, int version = 2) => new(IotlbKind.Update, iova, size, at, access, version);

    private static IotlbMessage Invalidate(ulong iova, ulong size) => new(IotlbKind.Invalidate, iova, size);

    private static VhostNetScript Look(this VhostNetScript script) => script.Add(new Settle(), new ReadIotlb());

    /// <summary>So many bytes, in whole pages.</summary>
    private static ulong Pages(int bytes) => ((ulong)bytes + Page - 1) / Page * Page;

    /// <summary>Rings by their IOVA; the used rings are mapped, as an attach needs them.</summary>
    internal static VhostNetScript Script(string name, string about, ulong features = Features, int version = 2, bool log = false, int num = Num, int first = 0)
    {
        var script = new VhostNetScript(name, about).Begin(features).Add(new SetBackendFeatures(version == 2 ? 2UL : 0));
        foreach (var ring in (Ring[])[Ring.Rx, Ring.Tx])
        {
            var iova = Of(ring);
            script.StartAt(first, VhostNetScript.Avail(ring), VhostNetScript.Used(ring)).Add(new DriverRing(ring, num, VhostNetScript.Table(ring), VhostNetScript.Avail(ring), VhostNetScript.Used(ring), first), new SetVringNum((int)ring, (uint)num), new SetVringBase((int)ring, (uint)first));
            script.Add(new SetVringIova((int)ring, iova.Desc, iova.Avail, iova.Used, log), Update(iova.Used, Pages(SplitRing.AvailEvent(0, num) + 2), VhostNetScript.Used(ring), version: version));
            script.Add(new SetVringKick((int)ring, FileChoice.Event), new SetVringCall((int)ring, FileChoice.Event), new SetVringErr((int)ring, FileChoice.Event));
        }
        return script;
    }

    /// <summary>Maps what the device only reads; messages of form 1 allow more than it needs, so that no right tells one part of the ring from another.</summary>
    internal static VhostNetScript MapRing(this VhostNetScript script, Ring ring, int version = 2, int num = Num)
    {
        var access = version == 1 ? IotlbAccess.Rw : IotlbAccess.Ro;
        return script.Add(Update(Of(ring).Desc, Pages(num * SplitRing.DescriptorSize), VhostNetScript.Table(ring), access, version), Update(Of(ring).Avail, Page, VhostNetScript.Avail(ring), access, version));
    }

    private static VhostNetScript Ready(string name, string about) =>
        Script(name, about).MapRing(Ring.Rx).MapRing(Ring.Tx).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx).Look();

    private static Program End(this VhostNetScript script) => script.Look().Add(new GetVringBase(0), new GetVringBase(1), new Close(), new Settle()).ToProgram();

    private static Program Mapped(string name, ulong features, int version)
    {
        var script = Script(name, "with every translation there, traffic goes both ways and nothing is asked for", features, version).MapRing(Ring.Rx, version).MapRing(Ring.Tx, version);
        script.Add(Update(VhostNetScript.GuestBase, 0x20123, 0, version: version), Update(VhostNetScript.GuestBase + 0x20123, 0xc0000, 0x20123, version: version));
        script.Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx).Look();
        script.Transmit(script.TxFrame(60), script.TxFrame(1500, [12, 700])).Look();
        var buffers = Enumerable.Range(0, 3).Select(_ => script.RxBuffer(1000)).ToList();
        script.Add(new Offer(Ring.Rx, [.. buffers.Select(b => b.Head)]), new Kick(Ring.Rx), new Send("b0", 1500, script.NextContent()), new Send("b0", 60, script.NextContent())).Look();
        foreach (var (_, at) in buffers) script.ReadBuffer(at, 1000, withHeader: false);
        return script.End();
    }

    /// <summary>Each part of the ring is asked for, one after the other; an update that comes once the message was read wakes the ring.</summary>
    private static Program RingMisses()
    {
        var script = Script("iotlb-ring-misses", "a ring whose parts have no translation asks for them one by one, and goes on when they come").Attach("b0", BackendKind.Tap, Ring.Tx);
        script.Add(Update(VhostNetScript.GuestBase, VhostNetArena.Near, 0)).Look().Transmit(script.TxFrame(60)).Look();
        script.Add(Update(Tx.Desc, Page / 4, VhostNetScript.Table(Ring.Tx), IotlbAccess.Ro)).Look();
        // Nobody waits for this one, and the next does not cover what is asked for.
        script.Add(Update(Tx.Avail + 4, Page, VhostNetScript.Avail(Ring.Tx) + 4, IotlbAccess.Ro), Update(Tx.Avail - 4, 4, 0x10)).Look();
        script.Add(Update(Tx.Avail - 4, 8, VhostNetScript.Avail(Ring.Tx) - 4, IotlbAccess.Ro)).Look();
        return script.Transmit(script.TxFrame(61)).End();
    }

    private static Program BufferMisses()
    {
        var script = Ready("iotlb-buffer-misses", "a buffer without a translation is asked for, by what the device wants there; what came before it is done");
        const ulong Far = 0x7_0000_0000;
        var frame = script.TakeTx(0x3000);
        var table = VhostNetScript.Table(Ring.Tx);
        script.Add(new Fill(frame, 12, 0), new WriteFrame(frame + 12, 6000, script.NextContent()), Update(Far, Page, frame));
        script.Add(new WriteDesc(table, 0, Far, 100, DescriptorFlags.None), new WriteDesc(table, 1, Far, 6012, DescriptorFlags.None), new WriteDesc(table, 2, Far, 90, DescriptorFlags.None));
        script.Transmit(0, 1, 2).Look().Add(Update(Far + Page, 0x10, frame + (long)Page)).Look().Add(Update(Far + Page + 0x10, 0x2000, frame + (long)Page + 0x10)).Look();
        var indirect = script.TakeIndirect();
        script.Add(new WriteDesc(table, 3, Far + 0x100000, 16, DescriptorFlags.Indirect), new WriteDesc(indirect, 0, Far, 80, DescriptorFlags.None)).Transmit(3).Look();
        script.Add(Update(Far + 0x100000, 16, indirect, IotlbAccess.Ro)).Look();
        var (_, at) = script.RxBuffer(300);
        var rx = VhostNetScript.Table(Ring.Rx);
        script.Add(new WriteDesc(rx, 7, Far + 0x200000, 100, DescriptorFlags.Write | DescriptorFlags.Next, 8), new WriteDesc(rx, 8, Far + 0x300000, 200, DescriptorFlags.Write));
        script.Add(new Offer(Ring.Rx, [7]), new Kick(Ring.Rx), new Send("b0", 200, script.NextContent())).Look();
        script.Add(Update(Far + 0x200000, 100, at, IotlbAccess.Wo)).Look().Add(Update(Far + 0x300000, 200, at + 100, IotlbAccess.Wo)).Look();
        return script.ReadBuffer(at, 300, withHeader: true).End();
    }

    /// <summary>What was mapped once is asked for again, whatever part of the mapping the message names.</summary>
    private static Program Invalidated()
    {
        var script = Ready("iotlb-invalidated", "a mapping that was taken back is asked for again; its neighbours stay");
        const ulong Far = 0x7_0000_0000;
        var frame = script.TakeTx(0x3000);
        script.Add(new Fill(frame, 12, 0), new WriteFrame(frame + 12, 1000, script.NextContent()));
        for (var i = 0; i < 3; i++) script.Add(Update(Far + ((ulong)i * Page), Page, frame), new WriteDesc(VhostNetScript.Table(Ring.Tx), i, Far + ((ulong)i * Page), 100, DescriptorFlags.None));
        script.Transmit(0, 1, 2).Look();
        // Beside the middle one on both sides, then its last byte, then its first.
        script.Add(Invalidate(Far - 1, 1), Invalidate(Far + (3 * Page), 1)).Transmit(0, 1, 2).Look();
        foreach (var (iova, size) in ((ulong, ulong)[])[(Far + (2 * Page) - 1, 1), (Far + Page, 1), (Far + Page, Page)])
            script.Add(Invalidate(iova, size)).Transmit(0, 2, 1).Look().Add(Update(Far + Page, Page, frame)).Look();
        script.Add(Invalidate(Far + Page - 1, 2)).Transmit(2, 1, 0).Look().Add(Update(Far + Page, Page, frame)).Look().Add(Update(Far, Page, frame)).Look();
        script.Add(Invalidate(Tx.Avail, Page)).Transmit(2).Look().Add(Update(Tx.Avail, Page, VhostNetScript.Avail(Ring.Tx), IotlbAccess.Ro)).Look();
        // Features set again: an IOTLB that is empty.
        script.Add(new SetFeatures(Features)).Transmit(2).Look();
        return script.End();
    }

    /// <summary>An update of no bytes is refused, at last at address 0, where its end would be the last address there is.</summary>
    private static Program Nothing()
    {
        var script = Ready("iotlb-nothing", "an update of no bytes, or of memory that is not the process's, is refused and translates nothing");
        const ulong Far = 0x7_0000_0000;
        var frame = script.TakeTx(0x1000);
        script.Add(new Fill(frame, 12, 0), new WriteFrame(frame + 12, 200, script.NextContent()), new WriteDesc(VhostNetScript.Table(Ring.Tx), 0, Far, 100, DescriptorFlags.None));
        foreach (var iova in (ulong[])[1, Far]) script.Add(Update(iova, 0, frame), Update(iova, 0, frame, version: 1));
        script.Look().Transmit(0).Look().Add(Update(Far, 0, frame)).Look().Add(Update(Far, Page, frame)).Look();
        // Memory of the kernel: nobody's who may give it.
        const ulong Further = Far + 0x100000;
        script.Add(new WriteDesc(VhostNetScript.Table(Ring.Tx), 1, Further, 100, DescriptorFlags.None), new IotlbMessage(IotlbKind.Update, Further, Page, Kernel: true));
        script.Transmit(1).Look().Add(Update(Further, Page, frame)).Look();
        // A kernel that takes these translates everything by them: nothing is sent any more.
        return script.Add(Update(0, 0, frame), Update(0, 0, frame, version: 1)).End();
    }

    private static Program Permissions()
    {
        var script = Ready("iotlb-permissions", "a mapping that does not allow the access is an error, and nothing is asked for");
        const ulong Far = 0x7_0000_0000;
        var frame = script.TakeTx(0x1000);
        var table = VhostNetScript.Table(Ring.Tx);
        script.Add(new Fill(frame, 12, 0), new WriteFrame(frame + 12, 100, script.NextContent()), new WriteDesc(table, 0, Far, 100, DescriptorFlags.None));
        foreach (var access in (IotlbAccess[])[IotlbAccess.Wo, IotlbAccess.None, IotlbAccess.Ro])
        {
            script.Add(Invalidate(Far, Page), Update(Far, Page, frame, access));
            script.Add(access == IotlbAccess.Wo ? [new Offer(Ring.Tx, [0]), new Kick(Ring.Tx)] : [new Kick(Ring.Tx)]).Look().Add(new GetVringBase(1));
        }
        var (_, at) = script.RxBuffer(200);
        script.Add(new WriteDesc(VhostNetScript.Table(Ring.Rx), 5, Far + 0x100000, 200, DescriptorFlags.Write), Update(Far + 0x100000, Page, at, IotlbAccess.Ro));
        script.Add(new Offer(Ring.Rx, [5]), new Kick(Ring.Rx), new Send("b0", 60, script.NextContent())).Look();
        script.Add(Invalidate(Far + 0x100000, Page), Update(Far + 0x100000, Page, at, IotlbAccess.Wo), new Kick(Ring.Rx)).Look();
        // A used ring that may only be read, an avail ring that may only be written: the device does nothing, and asks for nothing.
        script.Add(Invalidate(Tx.Avail, Page), Update(Tx.Avail, Page, VhostNetScript.Avail(Ring.Tx), IotlbAccess.Wo)).Transmit(0).Look();
        return script.ReadBuffer(at, 200, withHeader: true).End();
    }

    /// <summary>A ring whose used part may only be read: the device leaves it alone until it may write, and asks for nothing.</summary>
    private static Program ReadOnlyRing()
    {
        var script = Ready("iotlb-read-only-ring", "a used ring that may only be read keeps the device from the ring, until it may be written").Add(Update(VhostNetScript.GuestBase, 0x100000, 0));
        script.Transmit(script.TxFrame(60)).Look();
        script.Add(Invalidate(Tx.Used, Page), Update(Tx.Used, Page, VhostNetScript.Used(Ring.Tx), IotlbAccess.Ro)).Transmit(script.TxFrame(61)).Look().Add(new GetVringBase(1));
        script.Add(Invalidate(Tx.Used, Page), Update(Tx.Used, Page, VhostNetScript.Used(Ring.Tx)), new Kick(Ring.Tx)).Look();
        var (head, at) = script.RxBuffer(200);
        script.Add(Invalidate(Rx.Used, Page), Update(Rx.Used, Page, VhostNetScript.Used(Ring.Rx), IotlbAccess.Ro), new Offer(Ring.Rx, [head]), new Kick(Ring.Rx), new Send("b0", 60, script.NextContent())).Look();
        script.Add(Invalidate(Rx.Used, Page), Update(Rx.Used, Page, VhostNetScript.Used(Ring.Rx), IotlbAccess.Wo), new Kick(Ring.Rx)).Look();
        return script.ReadBuffer(at, 200, withHeader: true).End();
    }

    private static Program Forbidden()
    {
        var script = Ready("iotlb-forbidden", "a frame in memory that the device may only write is not sent");
        const ulong Far = 0x7_0000_0000;
        script.Add(Update(Far, Page, script.TakeTx(0x1000), IotlbAccess.Wo), new WriteDesc(VhostNetScript.Table(Ring.Tx), 0, Far, 100, DescriptorFlags.None));
        return script.Transmit(0).Look().Add(new GetVringBase(1)).ToProgram();
    }

    private static Program AttachFirst()
    {
        var script = Ready("iotlb-attach", "a back end is attached once the used ring has a translation, and its absence is asked for").Add(new SetBackend(1, "none"), new SetBackend(0, "none")).Look();
        script.Add(Invalidate(Tx.Used, Page), new SetBackend(1, "b0")).Look().Add(Update(Tx.Used, Page, VhostNetScript.Used(Ring.Tx), IotlbAccess.None), new SetBackend(1, "b0")).Look();
        script.Add(Invalidate(Tx.Used, Page), Update(Tx.Used, Page, VhostNetScript.Used(Ring.Tx)), new SetBackend(1, "b0"), Update(VhostNetScript.GuestBase, VhostNetArena.Near, 0)).Look();
        return script.Transmit(script.TxFrame(60)).End();
    }

    private static Program MessageErrors()
    {
        var update = Update(0x1000, 0x1000, 0);
        var script = new VhostNetScript("iotlb-messages", "every refusal of a message").Add(update, new ReadIotlb(), new Open(), new ReadIotlb(), update, Invalidate(0x1000, 1));
        script.Add(new SetFeatures(Features), update, Update(0x1000, 0x1000, 0, version: 1), new SetOwner(), update, Update(0x5000, 1, 7, IotlbAccess.None, 1), Invalidate(0x1000, 0x1000), Invalidate(0, 1));
        foreach (var kind in (IotlbKind[])[IotlbKind.Miss, IotlbKind.AccessFail, IotlbKind.Unknown]) script.Add(update with { Kind = kind }, update with { Kind = kind, Version = 1 });
        foreach (var bytes in (int[])[0, 3, 4, 8, 39]) script.Add(update with { Bytes = bytes }, update with { Bytes = bytes, Version = 1 });
        script.Add(update with { Version = 0 }, update with { Version = 3 }, update with { Size = 0 }, update with { Kernel = true }, update with { Kernel = true, Access = IotlbAccess.Ro });
        script.Add(Update(ulong.MaxValue - 0xfff, 0x1000, 0), Update(ulong.MaxValue - 0xfff, 0x1001, 0), Update(ulong.MaxValue, 2, 0), Update(ulong.MaxValue, 1, 0), Invalidate(ulong.MaxValue, 1));
        script.Add(new SetVringIova(0, 1, 2, 4), new SetVringIova(0, 0, 1, 4), new SetVringIova(0, 0, 2, 6), new SetVringIova(2, 0, 0, 0), new ReadIotlb());
        return script.Add(new ResetOwner(), update, new ReadIotlb(), new Close()).ToProgram();
    }
}
