using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Devices.VhostNet.Traffic;
using HilTests.Uapi;
using HilTests.Uapi.Devices;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.VhostNet.Traffic;

/// <summary>
/// A driver's side of one split virtqueue: buffers that are offered, kicked for and taken back as virtio 1.2, 2.7 asks
/// for, without a byte of new memory. Each buffer has a place and descriptors of its own; free ones are used again last
/// in, first out.
/// </summary>
internal sealed class DriverQueue
{
    private const int DescriptorBytes = 16;
    private const int AvailHeader = 4;
    private const int UsedHeader = 4;
    private const int UsedElement = 8;

    private readonly MappedMemory _arena;
    private readonly TrafficLane _lane;
    private readonly RunTraffic _step;
    private readonly bool _writable;
    private readonly int _desc;
    private readonly int _avail;
    private readonly int _used;
    private readonly int _mask;
    private readonly EventFd _kick;
    private readonly int[] _free;
    private readonly bool[] _offered;
    private ushort _availIndex;
    private ushort _published;
    private ushort _usedIndex;

    public DriverQueue(MappedMemory arena, RunTraffic step, Ring ring, DriverSide side, EventFd kick)
    {
        (_arena, _step, _lane, _kick) = (arena, step, step[ring]!, kick);
        _writable = ring == Ring.Rx;
        var layout = side.Layout;
        (_desc, _avail, _used, _mask) = ((int)layout.Desc, (int)layout.Avail, (int)layout.Used, layout.Num - 1);
        (_availIndex, _usedIndex) = side.Position;
        _published = _availIndex;
        _free = new int[_lane.Buffers];
        _offered = new bool[_lane.Buffers];
        for (var slot = _lane.Buffers - 1; slot >= 0; slot--) _free[Free++] = slot;
    }

    /// <summary>Buffers that are not with the device.</summary>
    public int Free { get; private set; }

    /// <summary>Heads offered in all.</summary>
    public long Offered { get; private set; }

    /// <summary>Heads that came back in all.</summary>
    public long Used { get; private set; }

    /// <summary>Used entries that name no head the device had.</summary>
    public int WrongHeads { get; private set; }

    public long Kicks { get; private set; }

    /// <summary>Publications after which the device did not want to be kicked.</summary>
    public long KicksSaved { get; private set; }

    /// <summary>The next avail index to publish and the next used index to look at.</summary>
    public (ushort Avail, ushort Used) Position => (_availIndex, _usedIndex);

    /// <summary>How many used entries wait to be taken back.</summary>
    public int Waiting => (ushort)(_arena.LoadAcquire16(_used + 2) - _usedIndex);

    private int UsedEventAt => _avail + AvailHeader + (2 * (_mask + 1));

    /// <summary>A buffer's bytes.</summary>
    public Span<byte> Buffer(int slot, int length) => _arena.Bytes((int)_lane.BufferAt(slot), length);

    /// <summary>Takes a free buffer; there must be one.</summary>
    public int Take() => _free[--Free];

    /// <summary>Puts a buffer that was taken into the avail ring; the device sees it with <see cref="Publish"/>.</summary>
    /// <param name="slot">the buffer</param>
    /// <param name="length">bytes of it, header included</param>
    public void Add(int slot, int length)
    {
        Describe(slot, length);
        _offered[slot] = true;
        _arena.Ref<ushort>(_avail + AvailHeader + (2 * (_availIndex & _mask))) = (ushort)(slot * _lane.DescriptorsPerChain);
        _availIndex++;
        Offered++;
    }

    /// <summary>Shows the device what was added, and kicks it if it wants that.</summary>
    public void Publish()
    {
        if (_availIndex == _published) return;
        _arena.StoreRelease16(_avail + 2, _availIndex);
        // The device may go to sleep at this moment: the index must be out before its wish is read (virtio 1.2, 2.7.13.4.1).
        MappedMemory.FullBarrier();
        if (WantsKick())
        {
            _kick.Signal();
            Kicks++;
        }
        else
        {
            KicksSaved++;
        }
        _published = _availIndex;
    }

    /// <summary>The used entry <paramref name="ahead"/> places behind the next one; there must be so many.</summary>
    /// <returns>the buffer, -1 where the entry names none that the device had; and the bytes written</returns>
    public (int Slot, uint Length) Peek(int ahead)
    {
        var element = _arena.Ref<vring_used_elem>(_used + UsedHeader + (UsedElement * ((_usedIndex + ahead) & _mask)));
        var (slot, rest) = Math.DivRem(element.id, (uint)_lane.DescriptorsPerChain);
        return rest == 0 && slot < _lane.Buffers && _offered[slot] ? ((int)slot, element.len) : (-1, element.len);
    }

    /// <summary>Takes the next used entry's buffer back.</summary>
    public void Recycle()
    {
        var (slot, _) = Peek(0);
        _usedIndex++;
        Used++;
        if (slot < 0)
        {
            WrongHeads++;
            return;
        }
        _offered[slot] = false;
        _free[Free++] = slot;
    }

    /// <summary>Asks for a signal with the next used entry.</summary>
    public void Arm()
    {
        if (_step.EventIndex) _arena.StoreRelease16(UsedEventAt, _usedIndex);
        else _arena.StoreRelease16(_avail, 0);
        MappedMemory.FullBarrier();
    }

    /// <summary>Asks for no signals. With EVENT_IDX the old used_event lies behind and is not passed again.</summary>
    public void Disarm()
    {
        if (!_step.EventIndex) _arena.StoreRelease16(_avail, virtio_ring_h.VRING_AVAIL_F_NO_INTERRUPT);
    }

    /// <summary>Leaves zeroes in buffers, tables, descriptors and slots, and asks for signals.</summary>
    public void Clear()
    {
        _arena.Bytes((int)_lane.At, (int)_lane.Room).Clear();
        _arena.Bytes(_desc, DescriptorBytes * (_mask + 1)).Clear();
        _arena.Bytes(_avail + AvailHeader, 2 * (_mask + 1)).Clear();
        _arena.StoreRelease16(_avail, 0);
        if (_step.EventIndex) Arm();
    }

    private bool WantsKick()
    {
        if (!_step.EventIndex) return (_arena.LoadAcquire16(_used) & virtio_ring_h.VRING_USED_F_NO_NOTIFY) == 0;
        var wanted = _arena.LoadAcquire16(_used + UsedHeader + (UsedElement * (_mask + 1)));
        // vring_need_event(): wanted lies in [published, avail), modulo 2^16.
        return (ushort)(_availIndex - wanted - 1) < (ushort)(_availIndex - _published);
    }

    private void Describe(int slot, int length)
    {
        var flags = _writable ? virtio_ring_h.VRING_DESC_F_WRITE : 0;
        var at = (ulong)_lane.BufferAt(slot);
        switch (_lane.Shape)
        {
            case ChainShape.Direct:
                Write(_desc + (DescriptorBytes * slot), at, length, flags, 0);
                break;
            case ChainShape.Split:
                WritePair(_desc + (DescriptorBytes * 2 * slot), at, length, flags, (2 * slot) + 1);
                break;
            default:
                var table = (int)_lane.TableAt(slot);
                WritePair(table, at, length, flags, 1);
                Write(_desc + (DescriptorBytes * slot), (ulong)table, TrafficLane.TableBytes, virtio_ring_h.VRING_DESC_F_INDIRECT, 0);
                break;
        }
    }

    private void WritePair(int table, ulong at, int length, int flags, int second)
    {
        Write(table, at, _step.Header, flags | virtio_ring_h.VRING_DESC_F_NEXT, second);
        Write(table + DescriptorBytes, at + (ulong)_step.Header, length - _step.Header, flags, 0);
    }

    private void Write(int descriptor, ulong at, int length, int flags, int next) => _arena.Ref<vring_desc>(descriptor) =
        new vring_desc { addr = _step.Guest + at, len = (uint)length, flags = (ushort)flags, next = (ushort)next };
}
