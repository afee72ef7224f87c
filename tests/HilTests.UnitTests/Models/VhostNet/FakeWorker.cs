using HilTests.Core;
using HilTests.Core.Devices.VhostNet;
using HilTests.UnitTests.Models.Virtqueues;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>What the vhost worker does when it runs: sends all it finds, receives all it can.</summary>
internal sealed class FakeWorker(byte[] memory, Dictionary<string, FakeBackend> backends, Seed chance)
{
    private const ulong Mergeable = 1UL << 15;
    private const ulong OwnHeader = 1UL << 27;
    private const ulong LogAll = 1UL << 26;
    private const ulong Version1 = 1UL << 32;

    private readonly List<(int Head, int Length)> _batch = [];

    public FakeSender Sender { get; } = new(chance);

    public ulong Features { get; set; }

    public List<MemoryRegion>? Table
    {
        get;
        set => (field, Log.Table) = (value, value ?? []);
    }

    public FakeLog Log { get; } = new();

    /// <summary>Null where translations come from the memory table.</summary>
    public FakeIotlb? Iotlb { get; set; }

    private int Header => (Features & (Mergeable | Version1)) != 0 ? 12 : 10;

    public void Send(FakeRing ring)
    {
        ring.Woken = false;
        if (ring.Backend is not { } name || Iotlb?.Prefetch(ring, 1, Features) == false) return;
        ring.WaitsForRoom = false;
        ring.Notify(false, Features);
        Sender.Begin(ring, backends[name], Features);
        bool empty;
        while (Next(ring, out var head, out var chain, out empty))
        {
            if (chain.Writable.Count > 0 || chain.Readable.Count <= OwnBytes)
            {
                ring.Complain();
                break;
            }
            var shape = new NaiveShape(chain.Readable, OwnBytes, Header - OwnBytes) { Pieces = chain.Pieces };
            byte[] payload = [.. chain.Readable.Skip(OwnBytes).Select(at => memory[at])];
            if (!Sender.Send(ring, backends[name], head, payload, shape, Features)) break;
        }
        Sender.End(ring, Features);
        // What is tried again is tried at once.
        if (ring.Retries) (ring.Woken, ring.Retries) = (true, false);
        if (empty) ring.Notify(true, Features);
    }

    private int OwnBytes => (Features & OwnHeader) != 0 ? Header : 0;

    public void Receive(FakeRing ring)
    {
        ring.Woken = false;
        if (ring.Backend is not { } name || Iotlb?.Prefetch(ring, 0, Features) == false) return;
        var incoming = backends[name].Incoming;
        ring.Notify(false, Features);
        ring.Watching = false;
        while (incoming.TryPeek(out var frame))
        {
            var begin = ring.Last;
            var (buffers, failed) = Collect(ring, Header + frame.Length);
            if (failed) break;
            if (buffers is null)
            {
                ring.Last = begin;
                ring.Notify(true, Features);
                break;
            }
            incoming.Dequeue();
            if (buffers.Sum(b => b.Bytes.Count) < Header + frame.Length)
            {
                ring.Last = begin;
                if (backends[name].Header == 0) memory[buffers[0].Bytes[0]] = frame[0];
                continue;
            }
            if (backends[name].Header != Header - OwnBytes)
            {
                ring.Last = begin;
                List<int> places = [.. buffers.SelectMany(b => b.Bytes).Skip(OwnBytes)];
                backends[name].Give(frame, Header - OwnBytes + frame.Length, (i, b) => memory[places[i]] = b);
                continue;
            }
            Deliver(ring, buffers, frame);
            if (chance.OneIn(6)) ring.Publish(_batch, Features);
        }
        ring.Watching = incoming.Count == 0;
        ring.Publish(_batch, Features);
    }

    private (List<(int Head, List<int> Bytes, List<ulong> Guest)>? Buffers, bool Failed) Collect(FakeRing ring, int needed)
    {
        var buffers = new List<(int Head, List<int> Bytes, List<ulong> Guest)>();
        while (buffers.Sum(b => b.Bytes.Count) < needed && ((Features & Mergeable) != 0 || buffers.Count == 0))
        {
            var before = ring.Last;
            if (!Next(ring, out var head, out var chain, out var empty))
            {
                ring.Last -= (ushort)buffers.Count;
                return (null, !empty);
            }
            if (chain.Readable.Count > 0 || chain.Writable.Count == 0)
            {
                ring.Complain();
                ring.Last = (ushort)(before + 1 - buffers.Count);
                return (null, true);
            }
            buffers.Add((head, chain.Writable, chain.WritableGuest));
        }
        return (buffers, false);
    }

    private void Deliver(FakeRing ring, List<(int Head, List<int> Bytes, List<ulong> Guest)> buffers, byte[] frame)
    {
        var content = new byte?[Header + frame.Length];
        for (var i = 0; i < 10; i++) content[i] = 0;
        // Stock kernels before 6.14 leave num_buffers alone without MRG_RXBUF.
        if ((Features & Mergeable) != 0) (content[10], content[11]) = ((byte)buffers.Count, (byte)(buffers.Count >> 8));
        for (var i = 0; i < frame.Length; i++) content[Header + i] = frame[i];
        var at = 0;
        foreach (var (head, bytes, guest) in buffers)
        {
            var part = Math.Min(bytes.Count, content.Length - at);
            for (var i = 0; i < part; i++)
                if (content[at + i] is { } b) memory[bytes[i]] = b;
            if ((Features & LogAll) != 0 && Iotlb is null) Log.Mark(ring.LogBase, guest.Take(part));
            // With an IOTLB whole buffers are logged.
            if ((Features & LogAll) != 0 && Iotlb is not null) Log.MarkMemory(ring.LogBase, bytes.Select(b => (long)b));
            at += part;
            _batch.Add((head, part));
        }
        if ((Features & LogAll) != 0 && ring.LogBase is { Place: LogPlace.Area }) Log.Signal();
    }

    /// <summary>vhost_get_vq_desc(): false where there is none (<paramref name="empty"/>) or it is broken.</summary>
    private bool Next(FakeRing ring, out int head, out NaiveWalk chain, out bool empty)
    {
        (head, chain, empty) = (0, new NaiveWalk(memory, (address, _) => Find(address), 0, 0), false);
        Iotlb?.Forget();
        if (ring.Avail is not { } avail) return Bad(ring);
        var ahead = (ushort)(ring.AvailIndex - ring.Last);
        empty = ahead == 0;
        if (empty) return false;
        if (ahead > ring.Num) return Bad(ring);
        head = ring.Load((int)avail + 4 + (2 * (int)(ring.Last % ring.Num)));
        if (ring.Desc is not { } table) return Bad(ring);
        chain = new NaiveWalk(memory, (address, write) => Iotlb is null ? Find(address) : Iotlb.Find(address, write, ring.Position), (int)table, (int)ring.Num);
        if (!chain.Walk(head)) return Iotlb is { Missed: true } ? false : Bad(ring);
        ring.Last++;
        return true;
    }

    private static bool Bad(FakeRing ring)
    {
        ring.Complain();
        return false;
    }

    private int? Find(ulong address)
    {
        foreach (var region in (Table ?? []).OrderBy(r => r.Guest))
            if (address >= region.Guest && address - region.Guest < region.Size) return (int)(region.At + (long)(address - region.Guest));
        return null;
    }
}
