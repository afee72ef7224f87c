using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>Messages of the fake device: those to be read, and those that were read and wait for an answer.</summary>
internal sealed class FakeMessages
{
    private readonly List<(ulong Iova, IotlbAccess Access, int Ring, int Version)> _unread = [];

    public int Version { get; set; } = 1;

    public List<(ulong Iova, int Ring)> Pending { get; } = [];

    public void Ask(ulong iova, bool write, int ring) => _unread.Add((iova, write ? IotlbAccess.Wo : IotlbAccess.Ro, ring, Version));

    public void Clear()
    {
        _unread.Clear();
        Pending.Clear();
    }

    public List<(string, Value)> Read()
    {
        var all = _unread.Select(m => Value.Record(("kind", Value.Symbol("miss")), ("iova", Value.Hex(m.Iova)), ("access", Choices.Of(m.Access)), ("version", Value.Of(m.Version)))).ToList();
        Pending.AddRange(_unread.Select(m => (m.Iova, m.Ring)));
        _unread.Clear();
        return [("ready", Value.Symbol(all.Count > 0 ? "yes" : "no")), ("messages", Value.List(all.Distinct())), ("count", Value.Of(all.Count))];
    }
}

/// <summary>The IOTLB of the fake device, asked byte by byte.</summary>
internal sealed class FakeIotlb(FakeMessages messages, FakeRing[] rings)
{
    private readonly List<IotlbMessage> _maps = [];

    /// <summary>The last walk stopped for want of a translation.</summary>
    public bool Missed { get; private set; }

    public void Forget() => Missed = false;

    public int? Find(ulong address, bool write, int ring)
    {
        if (Map(address) is not { } map)
        {
            messages.Ask(address, write, ring);
            Missed = true;
            return null;
        }
        return Allows(map, write) ? (int)(map.Offset + (long)(address - map.Iova)) : null;
    }

    /// <summary>vq_meta_prefetch(): false where the worker must leave the ring alone.</summary>
    public bool Prefetch(FakeRing ring, int number, ulong features)
    {
        var events = (features & (1UL << 29)) != 0 ? 2UL : 0;
        var (desc, avail, used) = ring.Iova!.Value;
        return Covers(desc, 16UL * ring.Num, false, number) && Covers(avail, 4 + (2UL * ring.Num) + events, false, number)
            && Covers(used, 4 + (8UL * ring.Num) + events, true, number);
    }

    /// <summary>vhost_vq_init_access(): complains where it cannot reach the used ring.</summary>
    public bool Attach(FakeRing ring)
    {
        var ready = Find(ring.Iova!.Value.Used, false, ring.Position) is not null;
        if (!ready) ring.Complain();
        return ready;
    }

    public void Place(FakeRing ring)
    {
        if (ring.Iova is not { } iova) return;
        (ring.Desc, ring.Avail, ring.Used) = (At(iova.Desc) ?? ring.Desc, At(iova.Avail) ?? ring.Avail, At(iova.Used) ?? ring.Used);
    }

    public static string? Take(FakeIotlb? iotlb, IotlbMessage message)
    {
        if (message.Bytes < 40 || message.Version is not (1 or 2)) return "EINVAL";
        if (message.Kind == IotlbKind.Update && message.Size == 0) return "EINVAL";
        if (iotlb is null || message.Kind is not (IotlbKind.Update or IotlbKind.Invalidate)) return "EFAULT";
        if (message.Kind == IotlbKind.Update && (message.Kernel || (UInt128)message.Iova + message.Size > (UInt128)ulong.MaxValue + 1)) return "EFAULT";
        iotlb.Change(message);
        return null;
    }

    private void Change(IotlbMessage message)
    {
        var last = message.Iova + message.Size - 1;
        if (message.Kind == IotlbKind.Invalidate)
        {
            _maps.RemoveAll(map => map.Iova <= last && map.Iova + map.Size - 1 >= message.Iova);
            return;
        }
        _maps.Add(message);
        foreach (var ring in rings) Place(ring);
        foreach (var (_, ring) in messages.Pending.Where(p => p.Iova >= message.Iova && p.Iova <= last).ToList()) rings[ring].Woken = true;
        messages.Pending.RemoveAll(p => p.Iova >= message.Iova && p.Iova <= last);
    }

    private bool Covers(ulong from, ulong length, bool write, int ring)
    {
        for (var address = from; address < from + length; address++)
            if (Find(address, write, ring) is null) return false;
        return true;
    }

    private IotlbMessage? Map(ulong address) => _maps.Where(m => address >= m.Iova && address - m.Iova < m.Size).MinBy(m => m.Iova);

    private long? At(ulong address) => Map(address) is { } map ? map.Offset + (long)(address - map.Iova) : null;

    private static bool Allows(IotlbMessage map, bool write) => (map.Access & (write ? IotlbAccess.Wo : IotlbAccess.Ro)) != 0;
}
