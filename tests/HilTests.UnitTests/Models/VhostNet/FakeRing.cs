using System.Buffers.Binary;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Values;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>One ring of the fake device: the kernel's fields, and what the driver's side of it keeps.</summary>
internal sealed class FakeRing(byte[] memory, FakeLog log, int position)
{
    private const ulong EventIdx = 1UL << 29;
    private const ulong NotifyOnEmpty = 1UL << 24;

    public int Position => position;
    public (ulong Desc, ulong Avail, ulong Used)? Iova;
    public uint Num = 1;
    public ushort Last;
    public ushort UsedIndex;
    public long? Desc;
    public long? Avail;
    public long? Used;
    public bool KickFd;
    public bool CallFd;
    public bool ErrFd;
    public uint Busyloop;
    public string? Backend;
    public SetLogBase? LogBase;
    public bool LogUsed;
    public ulong LogAddress;
    public bool Woken;
    public bool Watching;
    public bool WaitsForRoom;
    public bool Retries;
    public long Calls;
    public long Errs;
    public DriverRing? Driver;

    private ushort _signalled;
    private bool _signalledValid;
    private ushort _driverAvail;
    private ushort _driverUsed;
    private readonly List<Value> _seen = [];

    public ushort AvailIndex => Avail is { } avail ? Load((int)avail + 2) : (ushort)0;

    public void Lay(DriverRing step)
    {
        Driver = step;
        _driverAvail = (ushort)step.Start;
        _driverUsed = Load((int)step.Used + 2);
    }

    public void Offer(IEnumerable<int> heads)
    {
        foreach (var head in heads) Store((int)Driver!.Avail + 4 + (2 * (_driverAvail++ % Driver.Num)), (ushort)head);
        Publish(_driverAvail);
    }

    public void Publish(ushort index)
    {
        _driverAvail = index;
        Store((int)Driver!.Avail + 2, index);
    }

    public void Attach(string backend)
    {
        Backend = backend;
        Store((int)Used!.Value, 0);
        LogOwn(0, 2);
        UsedIndex = Load((int)Used.Value + 2);
        _signalledValid = false;
    }

    /// <summary>vhost_vq_reset(): what the driver and the test see of it stays.</summary>
    public void Reset()
    {
        (Num, Last, Desc, Avail, Used, Busyloop) = (1, 0, null, null, null, 0);
        (LogBase, LogUsed, LogAddress) = (null, false, ulong.MaxValue);
        Iova = null;
        (KickFd, CallFd, ErrFd, Backend, Woken, Watching) = (false, false, false, null, false, false);
        (WaitsForRoom, Retries) = (false, false);
    }

    public void Complain()
    {
        if (ErrFd) Errs++;
    }

    /// <summary>Asks for a kick, or asks for none.</summary>
    public void Notify(bool wanted, ulong features)
    {
        var at = (features & EventIdx) == 0 ? 0 : 4 + (8 * (int)Num);
        if (at > 0 && !wanted) return;
        Store((int)Used!.Value + at, at > 0 ? AvailIndex : (ushort)(wanted ? 0 : 1));
        LogOwn(at, 2);
    }

    public void Publish(List<(int Head, int Length)> batch, ulong features)
    {
        if (batch.Count == 0) return;
        foreach (var (head, length) in batch)
        {
            var slot = (int)Used!.Value + 4 + (8 * (int)(UsedIndex++ % Num));
            LogOwn(slot - (int)Used.Value, 8);
            BinaryPrimitives.WriteInt32LittleEndian(memory.AsSpan(slot), head);
            BinaryPrimitives.WriteInt32LittleEndian(memory.AsSpan(slot + 4), length);
        }
        Store((int)Used!.Value + 2, UsedIndex);
        LogOwn(2, 2);
        batch.Clear();
        if (CallFd && MustSignal(features)) Calls++;
    }

    private bool MustSignal(ulong features)
    {
        if ((features & NotifyOnEmpty) != 0 && AvailIndex == Last) return true;
        if ((features & EventIdx) == 0) return (Load((int)Avail!.Value) & 1) == 0;
        var (old, valid) = (_signalled, _signalledValid);
        (_signalled, _signalledValid) = (UsedIndex, true);
        if (!valid) return true;
        var wanted = Load((int)Avail!.Value + 4 + (2 * (int)Num));
        // Is there an n in [old, new) with n == wanted?
        for (var n = old; n != UsedIndex; n++)
            if (n == wanted) return true;
        return false;
    }

    /// <summary>The driver takes note of what was used; gives how many.</summary>
    public int TakeUsed()
    {
        var index = Load((int)Driver!.Used + 2);
        var taken = 0;
        for (; _driverUsed != index; _driverUsed++, taken++)
        {
            var slot = (int)Driver.Used + 4 + (8 * (_driverUsed % Driver.Num));
            _seen.Add(Value.Record(("id", Number(slot)), ("len", Number(slot + 4))));
        }
        return taken;
    }

    /// <summary>What the driver's side reports at a settle.</summary>
    public Value Report()
    {
        TakeUsed();
        var used = _seen.ToList();
        _seen.Clear();
        var report = Value.Record(("idx", Value.Of(Load((int)Driver!.Used + 2))), ("used", Value.List(used)), ("calls", Value.Of(Calls)), ("errs", Value.Of(Errs)),
            ("flags", Value.Of(Load((int)Driver.Used))), ("avail-event", Value.Of(Load((int)Driver.Used + 4 + (8 * Driver.Num)))));
        (Calls, Errs) = (0, 0);
        return report;
    }

    private void LogOwn(int offset, int length)
    {
        if (!LogUsed) return;
        if (Iova is null) log.Mark(LogBase, Enumerable.Range(offset, length).Select(i => LogAddress + (ulong)i));
        else log.MarkMemory(LogBase, Enumerable.Range(offset, length).Select(i => Used!.Value + i));
        log.Signal();
    }

    private Value Number(int at) => Value.Of(BinaryPrimitives.ReadInt32LittleEndian(memory.AsSpan(at)));

    public ushort Load(int at) => BinaryPrimitives.ReadUInt16LittleEndian(memory.AsSpan(at));

    public void Store(int at, ushort number) => BinaryPrimitives.WriteUInt16LittleEndian(memory.AsSpan(at), number);
}
