using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet.Generating;

/// <summary>Chains and indices that are wrong, between good ones; mended, skipped or left.</summary>
internal sealed class Faults(Scene scene, ChainMaker chains)
{
    /// <summary>A wrong chain, alone or with good ones around it.</summary>
    public void Chain()
    {
        var ring = scene.Seed.Pick(scene.Rings.ToArray());
        if (ring.Backend is null) return;
        var free = ring.Free(scene.Ahead.MostPending(ring.Ring));
        if (free.Count < 2) return;
        var written = new List<Step>();
        var made = new List<GeneratedChain>();
        if (scene.Seed.OneIn(2) && Good(ring, free, written) is { } before) made.Add(before);
        if (free.Count < 2) return;
        var wrongAt = (ushort)(ring.Published + made.Count);
        var wrong = Wrong(ring, free, written, wrongAt);
        made.Add(wrong);
        if (free.Count > 0 && scene.Seed.OneIn(2) && Good(ring, free, written) is { } after) made.Add(after);
        // A frame makes the receiving side look at its buffers.
        if (ring.Ring == Ring.Rx) written.Add(new Send(ring.Backend, scene.Seed.Between(14, 100), scene.NextContent()));
        if (!scene.Try([.. written, new Offer(ring.Ring, [.. made.Select(c => c.WrongHead ?? c.Head)]), new Kick(ring.Ring), new Settle()])) return;
        made.ForEach(ring.Offered);
        if (scene.Seed.OneIn(3)) scene.Try(new Kick(ring.Ring), new Settle());
        Continue(ring, wrong, wrongAt);
    }

    /// <summary>An avail index further ahead than the ring is long, then the right one.</summary>
    public void Jump()
    {
        var ring = scene.Seed.Pick(scene.Rings.ToArray());
        if (ring.Backend is null) return;
        var wrong = scene.Seed.OneIn(2) ? ring.Published + ring.Num + scene.Seed.Between(1, 3) : ring.Published - scene.Seed.Between(1, 3);
        if (!scene.Try(new PublishIndex(ring.Ring, wrong & 0xffff), new Kick(ring.Ring), new Settle())) return;
        scene.Try(new PublishIndex(ring.Ring, ring.Published), new Kick(ring.Ring), new Settle());
    }

    private GeneratedChain? Good(GeneratedRing ring, List<int> free, List<Step> written) => ring.Ring == Ring.Tx
        ? chains.Frame(ring, free, written)
        : chains.Buffer(ring, free, written, scene.Header + scene.Seed.Between(20, 1600));

    private void Continue(GeneratedRing ring, GeneratedChain wrong, ushort wrongAt)
    {
        switch (scene.Seed.Below(8))
        {
            case < 5:
                scene.Try([.. wrong.Mend, new Kick(ring.Ring), new Settle()]);
                break;
            case < 7:
                scene.Try(
                    new SetBackend(ring.Index, "none"), new SetVringBase(ring.Index, (ushort)(wrongAt + 1)), new SetBackend(ring.Index, ring.Backend!), new Kick(ring.Ring), new Settle());
                break;
            default:
                break;
        }
    }

    private GeneratedChain Wrong(GeneratedRing ring, List<int> free, List<Step> written, ushort position)
    {
        var one = chains.Take(free);
        var two = chains.Take(free);
        var length = scene.Header + 60;
        var good = scene.TakeBuffer(ring.Ring, length);
        var own = ring.Ring == Ring.Rx ? DescriptorFlags.Write : DescriptorFlags.None;
        var other = ring.Ring == Ring.Rx ? DescriptorFlags.None : DescriptorFlags.Write;
        if (ring.Ring == Ring.Tx) written.Add(new WriteFrame(good + scene.Header, 60, scene.NextContent()));
        var mended = Desc(ring, one, good, length, own);
        var chain = new GeneratedChain(one, [one, two], good, length) { Mend = [mended] };
        switch (scene.Seed.Below(16))
        {
            case < 5:
                written.Add(WrongTable(ring, written, one, (good, length), own));
                break;
            case 5:
                written.Add(Desc(ring, one, good, length, own | DescriptorFlags.Next, ring.Num + scene.Seed.Pick(0, 1, 65535 - ring.Num)));
                break;
            case 6:
                written.Add(Desc(ring, one, good, length, own | DescriptorFlags.Next, one));
                break;
            case 7:
                written.AddRange([Desc(ring, one, good, length, own | DescriptorFlags.Next, two), Desc(ring, two, good, length, own | DescriptorFlags.Next, one)]);
                break;
            case 8:
                written.Add(new WriteDesc(ring.Table, one, scene.GuestBase - 0x1000, (uint)length, own));
                break;
            case 9:
                // Its end lies behind the memory.
                written.Add(new WriteDesc(ring.Table, one, scene.Guest(VhostNetArena.Size - 1), (uint)scene.Seed.Between(2, length), own));
                break;
            case 10:
                return HeadOutOfRange(ring, written, chain, mended, position);
            case 11 or 12:
                // Readable behind writable; where the writable one has no bytes it is none.
                written.AddRange([Desc(ring, one, good, scene.Seed.Pick(0, 8, length), DescriptorFlags.Write | DescriptorFlags.Next, two), Desc(ring, two, good, length, DescriptorFlags.None)]);
                break;
            case 13:
                // The device's other direction: consumed, and lost.
                written.Add(Desc(ring, one, good, length, other));
                break;
            case 14:
                written.AddRange([Desc(ring, one, good, length, own | (ring.Ring == Ring.Tx ? DescriptorFlags.Next : DescriptorFlags.None), two), Desc(ring, two, good, 8, DescriptorFlags.Write)]);
                break;
            default:
                written.Add(Desc(ring, one, good, scene.Seed.OneIn(2) ? 0 : scene.Header, own));
                break;
        }
        return chain;
    }

    /// <summary>The descriptor of an indirect table that is wrong; what stands in the table is written before.</summary>
    private WriteDesc WrongTable(GeneratedRing ring, List<Step> written, int one, (long At, int Length) good, DescriptorFlags own)
    {
        var table = scene.TakeIndirect(2);
        switch (scene.Seed.Below(5))
        {
            case 0:
                return Desc(ring, one, table, (16 * scene.Seed.Between(0, 2)) + scene.Seed.Pick(1, 8, 15), DescriptorFlags.Indirect);
            case 1:
                return Desc(ring, one, table, 0, DescriptorFlags.Indirect);
            case 2:
                written.Add(new WriteDesc(table, 0, scene.Guest(table), 16, DescriptorFlags.Indirect));
                return Desc(ring, one, table, 16, DescriptorFlags.Indirect);
            case 3:
                written.Add(new WriteDesc(table, 0, scene.Guest(good.At), (uint)good.Length, own | DescriptorFlags.Next, 1));
                return Desc(ring, one, table, 16, DescriptorFlags.Indirect);
            default:
                return new WriteDesc(ring.Table, one, scene.GuestBase - 0x1000, 32, DescriptorFlags.Indirect);
        }
    }

    /// <summary>The head in the avail ring is no index; what mends it is another head in its place.</summary>
    private GeneratedChain HeadOutOfRange(GeneratedRing ring, List<Step> written, GeneratedChain chain, Step descriptor, ushort position)
    {
        written.Add(descriptor);
        var slot = SplitRing.AvailSlot((int)ring.Avail, ring.Num, position);
        return chain with
        {
            WrongHead = Math.Min(65535, ring.Num + scene.Seed.Pick(0, 1, 65535)),
            Mend = [new WriteBytes(slot, [(byte)chain.Head, (byte)(chain.Head >> 8)])],
        };
    }

    private WriteDesc Desc(GeneratedRing ring, int index, long at, int length, DescriptorFlags flags, int next = 0) =>
        new(ring.Table, index, scene.Guest(at), (uint)length, flags, next);
}
