using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet.Generating;

/// <summary>Frames in both directions, offered, kicked and settled in many orders; sometimes disturbed on their way.</summary>
internal sealed class Traffic(Scene scene, ChainMaker chains)
{
    private const byte Untouched = 0xa5;
    private const int MostChains = 5;
    private const int MostReads = 3;
    private const int LongTrain = 24;

    /// <summary>A burst of traffic with all that it needs: chains written first, then offers, kicks and frames mixed, then a settle.</summary>
    /// <param name="disturbance">what may happen in the middle; null for nothing</param>
    public void Burst(Func<IReadOnlyList<Step>>? disturbance)
    {
        var written = new List<Step>();
        var queues = new List<Queue<Step>>();
        var offered = new List<(GeneratedRing Ring, List<GeneratedChain> Chains)>();
        foreach (var ring in scene.Rings)
        {
            if (scene.Seed.OneIn(3) && scene.Rings.Count() > 1) continue;
            var made = ring.Ring == Ring.Tx ? Frames(ring, written) : Buffers(ring, written);
            offered.Add((ring, made));
            queues.Add(new Queue<Step>(Offers(ring, made)));
        }
        if (scene.Rx is { Backend: not null }) queues.Add(new Queue<Step>(Sends()));
        var events = Shuffle(queues);
        if (disturbance is not null) events.InsertRange(scene.Seed.Below(events.Count + 1), disturbance());
        if (!scene.Try([.. written, .. events, .. End()]) && (disturbance is null || !scene.Try([.. written, .. Shuffle([.. queues.Select(q => new Queue<Step>(q))]), .. End()]))) return;
        foreach (var (ring, made) in offered) made.ForEach(ring.Offered);
        ReadBack();
    }

    /// <summary>Many frames or buffers of one size in a row, up to a whole ring of them, and a settle.</summary>
    public void Train()
    {
        var ring = scene.Seed.Pick(scene.Rings.ToArray());
        if (ring.Backend is null) return;
        var (first, free) = LongestRun(ring.Free(scene.Ahead.MostPending(ring.Ring)));
        if (free < 2) return;
        var count = scene.Seed.OneIn(3) ? free : scene.Seed.Between(2, Math.Min(free, LongTrain));
        var length = ring.Ring == Ring.Rx ? scene.Seed.Between(scene.Header + 14, 300) : scene.Header + scene.Seed.Pick(14, scene.Seed.Between(15, 300));
        if (count > LongTrain) length = scene.Header + scene.Seed.Between(14, 60);
        var stride = length + Scene.RxGap + scene.Seed.Below(8);
        var at = scene.TakeBuffer(ring.Ring, count * stride);
        List<Step> steps = ring.Ring == Ring.Tx
            ? [new WriteFrames(at + scene.Header, count, stride, length - scene.Header, scene.NextContents(count))]
            : [new Fill(at, count * stride, Untouched)];
        steps.Add(new WriteDescs(ring.Table, first, count, scene.Guest(at), stride, (uint)length, ring.Ring == Ring.Rx ? DescriptorFlags.Write : DescriptorFlags.None));
        List<Step> events = [new OfferRange(ring.Ring, first, count), new Kick(ring.Ring)];
        if (ring.Ring == Ring.Rx)
        {
            // In one piece each, or more than one where buffers are merged.
            var frames = scene.Seed.Between(1, Math.Min(count + 1, LongTrain));
            events.Insert(scene.Seed.Below(3), new SendRange(ring.Backend, frames, scene.Seed.Between(14, length), scene.NextContents(frames), scene.Seed.OneIn(2) ? 1 : 0));
        }
        if (!scene.Try([.. steps, .. events, new Settle()])) return;
        for (var i = 0; i < count; i++) ring.Offered(new GeneratedChain(first + i, [first + i], at + (i * (long)stride), length));
        ReadBack();
    }

    /// <summary>Traffic while what leaves is held, and what becomes of it when it is let go. Nothing that waits for what is held comes between.</summary>
    public void Held()
    {
        const int LettingGo = 2;
        if (scene.Tx?.Backend is not { } name || scene.Room < MostChains + LettingGo || !scene.Try(new Plug(name))) return;
        scene.Room -= LettingGo;
        for (var i = scene.Seed.Between(1, 3); i > 0; i--) scene.Choose((3, () => Burst(null)), (1, Train))();
        scene.Room += LettingGo;
        scene.Try(new Unplug(name));
        scene.Try(new Settle());
    }

    private static (int First, int Count) LongestRun(List<int> free)
    {
        var best = (First: 0, Count: 0);
        for (var i = 0; i < free.Count;)
        {
            var end = i + 1;
            while (end < free.Count && free[end] == free[end - 1] + 1) end++;
            if (end - i > best.Count) best = (free[i], end - i);
            i = end;
        }
        return best;
    }

    /// <summary>Kicks what was offered and settles until it is known what the device has taken.</summary>
    public bool MakeCertain()
    {
        for (var i = 0; i < 3 && scene.Rings.Any(r => !scene.Ahead.IsCertain(r.Ring)); i++)
            if (!scene.Try([.. scene.Rings.Where(r => r.Backend is not null).Select(r => new Kick(r.Ring)), new Settle()])) return false;
        return scene.Rings.All(r => scene.Ahead.IsCertain(r.Ring));
    }

    /// <summary>The used index that the ring is at, as far as it is known.</summary>
    public int UsedIndex(Ring ring) => scene.Ahead.Some[ring].UsedIndex;

    /// <summary>A chain takes some two or three steps, and there are two rings.</summary>
    private int Most => Math.Clamp(scene.Room / 7, 1, MostChains);

    private List<GeneratedChain> Frames(GeneratedRing ring, List<Step> written)
    {
        var free = ring.Free(scene.Ahead.MostPending(ring.Ring));
        var made = new List<GeneratedChain>();
        for (var i = scene.Seed.Between(1, Most); i > 0 && free.Count > 0; i--)
        {
            if (chains.Frame(ring, free, written) is not { } chain) break;
            made.Add(chain);
        }
        return made;
    }

    /// <summary>Buffers of one kind of size: too small, just enough, ample. Guarded by bytes that nobody may touch.</summary>
    private List<GeneratedChain> Buffers(GeneratedRing ring, List<Step> written)
    {
        var free = ring.Free(scene.Ahead.MostPending(ring.Ring));
        var made = new List<GeneratedChain>();
        var small = scene.Has(Feature.MergeableRxBuffers) ? scene.Seed.OneIn(2) : scene.Seed.OneIn(8);
        for (var i = scene.Seed.Between(1, Most); i > 0 && free.Count > 0; i--)
        {
            var length = small ? scene.Seed.Between(1, 300) : scene.Header + scene.Seed.Pick(1514, 1514, scene.Seed.Between(14, 600), scene.Seed.Between(1514, 4000));
            if (chains.Buffer(ring, free, written, length) is not { } chain) break;
            made.Add(chain);
        }
        if (made.Count > 0)
        {
            var from = made.Min(c => c.At) - 1;
            var to = made.Max(c => c.At + c.Length) + 1;
            // Written first, so that it is not taken for an answer.
            written.Insert(0, new Fill(from, (int)(to - from), Untouched));
        }
        return made;
    }

    /// <summary>The heads in one to three groups, most of them followed by a kick.</summary>
    private IEnumerable<Step> Offers(GeneratedRing ring, List<GeneratedChain> made)
    {
        if (scene.Seed.OneIn(8)) yield return new Kick(ring.Ring);
        for (var left = made; left.Count > 0;)
        {
            var count = scene.Seed.OneIn(2) ? left.Count : scene.Seed.Between(1, left.Count);
            yield return new Offer(ring.Ring, [.. left.Take(count).Select(c => c.Head)]);
            left = left[count..];
            if (!scene.Seed.OneIn(4)) yield return new Kick(ring.Ring);
        }
        if (scene.Seed.OneIn(12)) yield return new Kick(ring.Ring);
    }

    private IEnumerable<Step> Sends()
    {
        for (var i = scene.Seed.Between(0, 4); i > 0; i--)
        {
            var backend = scene.Seed.OneIn(10) ? scene.Seed.Pick(scene.Backends.ToArray()) : scene.Rx!.Backend!;
            yield return new Send(backend, FrameFrom(), scene.NextContent());
        }
    }

    private int FrameFrom() => scene.Seed.Below(8) switch
    {
        0 => FrameContent.EthernetHeader,
        1 => 1514,
        2 => scene.Seed.Between(400, 1514),
        _ => scene.Seed.Between(14, 300),
    };

    /// <summary>Mostly what was offered is kicked before the settle, so that it is known what becomes of it.</summary>
    private IEnumerable<Step> End()
    {
        if (!scene.Seed.OneIn(4))
            foreach (var ring in scene.Rings.Where(r => r.Backend is not null && scene.Seed.OneIn(2))) yield return new Kick(ring.Ring);
        yield return new Settle();
        if (scene.Seed.OneIn(6)) yield return new GetVringBase((int)scene.Seed.Pick(Ring.Rx, Ring.Tx));
    }

    private List<Step> Shuffle(List<Queue<Step>> queues)
    {
        var events = new List<Step>();
        while (queues.Where(q => q.Count > 0).ToList() is { Count: > 0 } left) events.Add(scene.Seed.Pick(left.ToArray()).Dequeue());
        return events;
    }

    /// <summary>Reads buffers back that were used last, guards included.</summary>
    private void ReadBack()
    {
        if (scene.Logs && scene.Seed.OneIn(2)) scene.Try(new ReadLog());
        if (scene.Rx is not { } ring || !scene.Ahead.IsCertain(Ring.Rx) || !MakeCertain()) return;
        var next = scene.Ahead.Some.Rx.NextAvail;
        // Without MRG_RXBUF the last two header bytes have a rule of their own, seen in read-header.
        var skip = !scene.Has(Feature.MergeableRxBuffers) && scene.Header > 10;
        for (var i = 1; i <= scene.Seed.Between(1, MostReads); i++)
        {
            if (ring.At((ushort)(next - i)) is not { Length: > 0 } chain) return;
            if (skip && chain.Length > scene.Header) scene.Try(new Read(chain.At + scene.Header, chain.Length - scene.Header + 1));
            else if (!skip) scene.Try(new Read(chain.At - 1, chain.Length + 2));
            if (chain.Length >= 12 && scene.Seed.OneIn(3)) scene.Try(new ReadHeader(chain.At, scene.Header));
        }
    }
}
