using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Values;
using HilTests.Uapi;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.VhostNet;

/// <summary>The driver's half of one ring: writes avail, reads used. Layout: virtio 1.2, 2.7.</summary>
internal sealed class DriverSide(MappedMemory arena, DriverRing layout)
{
    private const int AvailHeader = 4;
    private const int UsedHeader = 4;
    private const int UsedElement = 8;

    private readonly ImmutableArray<Value>.Builder _used = ImmutableArray.CreateBuilder<Value>();
    private ushort _availIndex = (ushort)layout.Start;
    private ushort _usedIndex = arena.LoadAcquire16((int)layout.Used + 2);

    /// <summary>The used index as the device last wrote it.</summary>
    public ushort DeviceIndex => arena.LoadAcquire16((int)layout.Used + 2);

    /// <summary>used.flags as the device last wrote it.</summary>
    public ushort DeviceFlags => arena.LoadAcquire16((int)layout.Used);

    /// <summary>avail_event as the device last wrote it.</summary>
    public ushort AvailEvent => arena.LoadAcquire16((int)layout.Used + UsedHeader + (UsedElement * layout.Num));

    /// <summary>Where the ring lies.</summary>
    public DriverRing Layout => layout;

    /// <summary>The next avail index to publish and the next used index to look at.</summary>
    public (ushort Avail, ushort Used) Position
    {
        get => (_availIndex, _usedIndex);
        set => (_availIndex, _usedIndex) = value;
    }

    public void Offer(ImmutableArray<int> heads)
    {
        foreach (var head in heads) Put((ushort)head);
        Publish(_availIndex);
    }

    public void Offer(OfferRange step)
    {
        for (var i = 0; i < step.Count; i++) Put(step.Head(i));
        Publish(_availIndex);
    }

    /// <summary>Offers one buffer; gives the avail index before and after it.</summary>
    public (ushort Old, ushort New) Offer(ushort head)
    {
        var old = _availIndex;
        Put(head);
        Publish(_availIndex);
        return (old, _availIndex);
    }

    public void Publish(ushort index)
    {
        _availIndex = index;
        arena.StoreRelease16((int)layout.Avail + 2, index);
    }

    public void SetFlags(ushort flags) => arena.StoreRelease16((int)layout.Avail, flags);

    public void SetUsedEvent(ushort index)
    {
        arena.StoreRelease16((int)layout.Avail + AvailHeader + (2 * layout.Num), index);
        MappedMemory.FullBarrier();
    }

    /// <summary>Takes what the device published since the last time, before the ring comes round and it is written over.</summary>
    public void Collect()
    {
        var index = DeviceIndex;
        for (var taken = 0; _usedIndex != index && taken < layout.Num; _usedIndex++, taken++)
        {
            var slot = (int)layout.Used + UsedHeader + (UsedElement * (_usedIndex & (layout.Num - 1)));
            var element = arena.Ref<vring_used_elem>(slot);
            _used.Add(Value.Record(("id", Value.Of(element.id)), ("len", Value.Of(element.len))));
        }
        _usedIndex = index;
    }

    /// <summary>What the device published since the last time, and the state of its fields.</summary>
    public Value Observe(long calls, long errors)
    {
        Collect();
        var used = _used.ToImmutable();
        _used.Clear();
        return Value.Record(
            ("idx", Value.Of(_usedIndex)),
            ("used", new ListValue(used)),
            ("calls", Value.Of(calls)),
            ("errs", Value.Of(errors)),
            ("flags", Value.Of(DeviceFlags)),
            ("avail-event", Value.Of(AvailEvent)));
    }

    private void Put(ushort head)
    {
        arena.Ref<ushort>((int)layout.Avail + AvailHeader + (2 * (_availIndex & (layout.Num - 1)))) = head;
        _availIndex++;
    }
}
