using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet;

/// <summary>Hand-written programs about rings begun anew, tables that were refused, and frames in very many buffers.</summary>
internal static class RestartPrograms
{
    private const ulong Merged = Feature.Version1 | Feature.MergeableRxBuffers;

    public static IReadOnlyList<Program> All { get; } = [Begun("ring-begun-anew", 0), Begun("ring-begun-anew-event-idx", Feature.EventIndex), TableRefused(), ManyBuffers(), KickUnbound(), WithoutBase()];

    private static VhostNetScript Both(string name, string about, ulong features, int num = 256) =>
        new VhostNetScript(name, about).Begin(features).SetUpRing(Ring.Rx, num).SetUpRing(Ring.Tx, num);

    private static VhostNetScript SendAll(this VhostNetScript script, params IEnumerable<int> heads) =>
        script.Add(new Offer(Ring.Tx, [.. heads]), new Kick(Ring.Tx), new Settle());

    private static Program End(this VhostNetScript script) =>
        script.Add(new GetVringBase(0), new GetVringBase(1), new Close(), new Settle()).ToProgram();

    /// <summary>What a virtual machine's reset does to a device that stays open: back ends taken away, indices at their start again.</summary>
    private static Program Begun(string name, ulong more)
    {
        var script = Both(name, "rings of a device that stays open are begun anew: both indices are where the driver says, above, at and below where they were", Merged | more)
            .Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx).Add(new Settle());
        Exchange(script, 5);
        foreach (var start in (int[])[0, 40, 7, 65533, 0])
        {
            foreach (var ring in (Ring[])[Ring.Rx, Ring.Tx])
            {
                byte[] index = [(byte)start, (byte)(start >> 8)];
                script.Add(new SetBackend((int)ring, "none"), new Settle());
                script.Add(new WriteBytes(VhostNetScript.Used(ring) + 2, [.. index]), new WriteBytes(VhostNetScript.Avail(ring) + 2, [.. index]));
                script.SetUpRing(ring, 256, start);
            }
            script.Add(new SetBackend(0, "b0"), new SetBackend(1, "b0"), new Settle());
            Exchange(script, 3);
            Exchange(script, 2);
        }
        return script.End();
    }

    private static void Exchange(VhostNetScript script, int count)
    {
        script.SendAll([.. Enumerable.Range(0, count).Select(i => script.TxFrame(60 + (i * 31)))]);
        script.Add(new Offer(Ring.Rx, [.. Enumerable.Range(0, count).Select(_ => script.RxBuffer(200).Head)]), new Kick(Ring.Rx), new Settle());
        script.SendMany("b0", count, 60, grow: 7).Add(new Settle());
    }

    /// <summary>An attached ring would use a log in the kernel's half of the addresses: a table with a region is refused, and the one before it stays.</summary>
    private static Program TableRefused()
    {
        MemoryRegion[] whole = [new(VhostNetScript.GuestBase, VhostNetArena.Size, 0)];
        var script = Both("table-refused", "a memory table that is refused changes nothing: the one before it is used on", Merged);
        script.Add(new SetLogBase(LogPlace.Kernel), new SetMemTable([])).LogPayload().Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx).Add(new Settle());
        script.Add(new SetMemTable([.. whole]), new Settle()).SendAll(script.TxFrame(60));
        script.Add(new Offer(Ring.Rx, [script.RxBuffer(200).Head]), new Kick(Ring.Rx), new Send("b0", 60, script.NextContent()), new Settle());
        script.Add(new SetMemTable([.. whole]), new Kick(Ring.Tx), new Kick(Ring.Rx), new Settle());
        // Without payload in the log it is taken; then one that is wrong in itself changes nothing either.
        script.LogPayload(on: false).Add(new Settle(), new SetMemTable([.. whole]), new Kick(Ring.Tx), new Kick(Ring.Rx), new Settle());
        script.Add(new SetMemTable([new(0, VhostNetArena.Size, 0), new(ulong.MaxValue, 2, 0)]), new Settle()).SendAll(script.TxFrame(61));
        return script.End();
    }

    /// <summary>Frames in so many buffers that their number takes more than a byte, and some in one less and one more than that.</summary>
    private static Program ManyBuffers()
    {
        const int Small = 4;
        const int Count = 900;
        var script = new VhostNetScript("rx-many-buffers", "frames that take hundreds of buffers each say so, and fill them all").Begin(Merged);
        script.SetUpFarRing(Ring.Rx, 1024).Attach("b0", BackendKind.Tap, Ring.Rx).Add(new Settle());
        script.Add(new Fill(VhostNetScript.FarBuffers, Small * Count, 0xa5));
        script.Add(new WriteDescs(VhostNetScript.FarTable(Ring.Rx), 0, Count, VhostNetScript.Guest(VhostNetScript.FarBuffers), Small, Small, DescriptorFlags.Write));
        foreach (var buffers in (int[])[255, 256, 257, 370])
        {
            var length = (buffers * Small) - script.Header - (buffers % 2);
            script.Add(new OfferRange(Ring.Rx, 0, buffers), new Kick(Ring.Rx), new Settle(), new Send("b0", length, script.NextContent()), new Settle());
            script.Add(new Read(VhostNetScript.FarBuffers, (buffers * Small) + 16));
        }
        return script.Add(new GetVringBase(0), new Close(), new Settle()).ToProgram();
    }

    /// <summary>A kick taken away and given anew, attached and not: the new one is heard.</summary>
    private static Program KickUnbound()
    {
        var script = Both("kick-unbound", "a kick eventfd that is unbound is let go of, and the next one is heard", Merged).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx).Add(new Settle());
        foreach (var attached in (bool[])[true, false, true])
        {
            foreach (var ring in (Ring[])[Ring.Tx, Ring.Rx])
            {
                var index = (int)ring;
                if (!attached) script.Add(new SetBackend(index, "none"));
                script.Add(new SetVringKick(index, FileChoice.None), new Settle(), new SetVringKick(index, FileChoice.Event));
                if (!attached) script.Add(new SetBackend(index, "b0"));
                script.Add(new Settle());
            }
            Exchange(script, 2);
            Exchange(script, 1);
        }
        return script.End();
    }

    /// <summary>After RESET_OWNER a ring begins at 0 without being told so; the number of entries has to be said again.</summary>
    private static Program WithoutBase()
    {
        var script = Both("reset-without-base", "after RESET_OWNER a ring begins at its first entry: nothing of before is taken again", Merged).Attach("b0", BackendKind.Tap, Ring.Rx, Ring.Tx).Add(new Settle());
        Exchange(script, 6);
        script.Add(new ResetOwner(), new Settle()).Begin(Merged, open: false);
        foreach (var ring in (Ring[])[Ring.Rx, Ring.Tx])
        {
            var (index, table, avail, used) = ((int)ring, VhostNetScript.Table(ring), VhostNetScript.Avail(ring), VhostNetScript.Used(ring));
            script.Add(new WriteBytes(used + 2, [0, 0]), new WriteBytes(avail + 2, [0, 0]), new DriverRing(ring, 256, table, avail, used, 0), new SetVringNum(index, 256));
            script.Add(new SetVringAddr(index, new UserAddress(table), new UserAddress(avail), new UserAddress(used)));
            script.Add(new SetVringKick(index, FileChoice.Event), new SetVringCall(index, FileChoice.Event), new SetVringErr(index, FileChoice.Event), new SetBackend(index, "b0"));
        }
        script.Add(new Settle(), new Kick(Ring.Tx), new Kick(Ring.Rx), new Settle());
        Exchange(script, 3);
        return script.End();
    }
}
