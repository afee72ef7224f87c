using System.Buffers.Binary;
using HilTests.Core;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Devices.VhostNet.Traffic;
using HilTests.Core.Kernel;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Core.Values;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>
/// A second reading of what stock vhost-net 6.1 does, plain and sequential, that shares nothing with the model; beside
/// it the calls that later kernels added. Its
/// worker runs at once, later or, at the latest, when the device is flushed, as the seed has it.
/// </summary>
internal sealed class FakeVhost
{
    private const ulong Offered = 0x1033d008000;
    private const ulong High = 0xa;
    private const ulong LogAll = 1UL << 26;
    private const ulong AccessPlatform = 1UL << 33;

    private readonly byte[] _memory = new byte[VhostNetArena.Size];
    private readonly Dictionary<string, FakeBackend> _backends = [];
    private readonly Seed _chance;
    private readonly FakeWorker _worker;
    private readonly FakeRing[] _rings;
    private readonly FakeDriver _driver;
    private readonly FakeMessages _messages = new();
    private bool _open;
    private bool _owned;
    private int _workerKind = 1;

    private FakeVhost(ulong seed)
    {
        _chance = new Seed(seed);
        _worker = new FakeWorker(_memory, _backends, _chance);
        _rings = [new(_memory, _worker.Log, 0), new(_memory, _worker.Log, 1)];
        _driver = new FakeDriver(_memory, _chance, Wake, Work);
    }

    public static KernelProfile Profile { get; } = KernelProfile.Of(
        ("release", Value.Text("6.1.0-fake")), ("version", Value.Text("6.1.192")), ("vhost-features-high", Value.Hex(High)), ("vhost-fork-from-owner", Value.Of(1)), ("vhost-features", Value.Hex(Offered)), ("vhost-max-mem-regions", Value.Of(64)));

    /// <summary>Runs a program; the seed chooses when the worker runs.</summary>
    public static Trace Run(Program program, ulong seed = 1)
    {
        var device = new FakeVhost(seed);
        var entries = program.Steps.Select((step, i) => new TraceEntry(step, new Observation { StartMicroseconds = i, Fields = [.. device.Do(step)] }));
        return new Trace { Program = program, Profile = Profile, Entries = [.. entries], End = TraceEnd.Complete };
    }

    private List<(string, Value)> Do(Step step)
    {
        if (_chance.OneIn(2)) Work();
        var fields = step switch
        {
            Settle => Observe(),
            Read read => [("data", ContentValue.Of(_memory.AsSpan((int)read.At, read.Length)))],
            ReadHeader read => Header(read),
            ReadLog => _worker.Log.Read(),
            ReadIotlb when _open => _messages.Read(),
            Send send => Arrive(send.Backend, FrameContent.Make(send.Length, send.Seed)),
            SendRange send => Arrive(send),
            ReadFrames read => [("data", _driver.Read(read))],
            Drive drive => _driver.Run(drive, _rings[(int)drive.Ring]),
            RunTraffic traffic => new FakeTraffic(_memory, _rings, _worker, _backends[traffic.Backend], traffic).Run(),
            _ => Drive(step) ? [] : Call(step),
        };
        if (_chance.OneIn(2)) Work();
        return fields;
    }

    private void Work()
    {
        if (_rings[0].Woken) _worker.Receive(_rings[0]);
        if (_rings[1].Woken) _worker.Send(_rings[1]);
    }

    private List<(string, Value)> Observe()
    {
        if (_open && _owned) Work();
        var fields = new List<(string, Value)> { ("flush", !_open ? Value.Symbol("EBADF") : _owned ? Value.Of(0) : Value.Symbol("EPERM")) };
        if (_rings[0].Driver is not null) fields.Add(("rx", _rings[0].Report()));
        if (_rings[1].Driver is not null) fields.Add(("tx", _rings[1].Report()));
        fields.Add(("wire", Value.Record([.. _backends.Where(b => b.Value.Usable).Select(b => (b.Key, Value.List(b.Value.Wire)))])));
        foreach (var backend in _backends.Values) backend.Wire.Clear();
        return fields;
    }

    private List<(string, Value)> Header(ReadHeader step)
    {
        var at = (int)step.At;
        var fields = new List<(string, Value)> { ("flags", Value.Of(_memory[at])), ("gso-type", Value.Of(_memory[at + 1])) };
        string[] words = ["hdr-len", "gso-size", "csum-start", "csum-offset", "num-buffers"];
        for (var i = 0; i < (step.Length == 12 ? 5 : 4); i++) fields.Add((words[i], Value.Of(_rings[0].Load(at + 2 + (2 * i)))));
        return fields;
    }

    private List<(string, Value)> Arrive(SendRange step)
    {
        for (var i = 0; i < step.Count; i++) Arrive(step.Backend, FrameContent.Make(step.Length + (i * step.Grow), step.Seed + (ulong)i));
        return [("errno", Value.Of(0))];
    }

    private List<(string, Value)> Arrive(string name, byte[] frame)
    {
        _backends[name].Incoming.Enqueue(frame);
        if (_rings[0].Backend == name && _rings[0].Watching) _rings[0].Woken = true;
        return [("errno", Value.Of(0))];
    }

    private bool Drive(Step step)
    {
        switch (step)
        {
            case MakeBackend make: _backends[make.Name] = new FakeBackend(make); break;
            case LoadModule load: _worker.Sender.ZeroCopy = load.ZeroCopy; break;
            case Plug plug: _backends[plug.Backend].Plugged = true; break;
            case Unplug { After: > 0 } unplug: _backends[unplug.Backend].UnplugsDuringNext = true; break;
            case Unplug unplug: LetGo(unplug.Backend); break;
            case RemoveInterface remove: _backends[remove.Backend].Gone = true; break;
            case DriverRing ring: _rings[(int)ring.Ring].Lay(ring); break;
            case WriteDesc desc: Write(desc); break;
            case WriteDescs descs: _driver.Write(descs); break;
            case WriteFrames frames: _driver.Write(frames); break;
            case OfferRange offer: _rings[(int)offer.Ring].Offer(Enumerable.Range(0, offer.Count).Select(i => (offer.First + (i * offer.Stride)) & 0xffff)); break;
            case WriteFrame frame: FrameContent.Make(frame.Length, frame.Seed).CopyTo(_memory, frame.At); break;
            case WriteBytes bytes: bytes.Content.CopyTo(_memory, (int)bytes.At); break;
            case Fill fill: _memory.AsSpan((int)fill.At, fill.Length).Fill(fill.Byte); break;
            case Offer offer: _rings[(int)offer.Ring].Offer(offer.Heads); break;
            case PublishIndex publish: _rings[(int)publish.Ring].Publish((ushort)publish.Index); break;
            case AvailFlags flags: _rings[0].Store((int)_rings[(int)flags.Ring].Driver!.Avail, (ushort)flags.Flags); break;
            case UsedEvent used when _rings[(int)used.Ring].Driver is { } driver: _rings[0].Store((int)driver.Avail + 4 + (2 * driver.Num), (ushort)used.Index); break;
            case Kick kick: Wake(_rings[(int)kick.Ring]); break;
            default: return false;
        }
        return true;
    }

    private void LetGo(string name)
    {
        var wakes = _rings[1].WaitsForRoom || _worker.Sender.OnLoan;
        _backends[name].Unplug();
        if (_rings[1].Backend == name) _rings[1].Woken |= wakes;
    }

    private static void Wake(FakeRing ring)
    {
        if (ring.KickFd && ring.Backend is not null) ring.Woken = true;
    }

    private void Write(WriteDesc step)
    {
        var cell = _memory.AsSpan((int)step.Table + (16 * step.Index), 16);
        BinaryPrimitives.WriteUInt64LittleEndian(cell, step.Addr);
        BinaryPrimitives.WriteUInt32LittleEndian(cell[8..], step.Len);
        BinaryPrimitives.WriteUInt16LittleEndian(cell[12..], (ushort)step.Flags);
        BinaryPrimitives.WriteUInt16LittleEndian(cell[14..], (ushort)step.Next);
    }

    private List<(string, Value)> Call(Step step)
    {
        var answer = new List<(string, Value)>();
        if (_backends.Values.FirstOrDefault(b => b.UnplugsDuringNext) is { } coming)
        {
            // The call waits for it; the ring has no back end any more.
            coming.Unplug();
            answer.Add(("held", Value.Of(0)));
        }
        var errno = _open || step is Open ? Device(step, answer) : "EBADF";
        return [.. answer, ("errno", errno is null ? Value.Of(0) : Value.Symbol(errno))];
    }

    private string? Device(Step step, List<(string, Value)> answer)
    {
        switch (step)
        {
            case Open: _open = true; return null;
            case Close: Forget(); (_open, _worker.Table) = (false, null); return null;
            case GetFeatures: answer.Add(("features", Value.Hex(Offered))); return null;
            case GetBackendFeatures: answer.Add(("features", Value.Hex(2))); return null;
            case SetFeatures set: return (set.Features & ~Offered) != 0 ? "EOPNOTSUPP" : Agree(set.Features);
            case SetBackendFeatures set: return (set.Features & ~2UL) != 0 ? "EOPNOTSUPP" : Quietly(() => _messages.Version = set.Features == 0 ? 1 : 2);
            case GetFeaturesArray get: answer.Add(("features", Value.List(Enumerable.Range(0, get.Words).Select(i => Value.Hex(Word(i)))))); return null;
            case SetFeaturesArray set when set.Words.Where((w, i) => (w & ~Word(i)) != 0).Any(): return "EOPNOTSUPP";
            case SetFeaturesArray set: return Agree(set.Words.IsEmpty ? 0 : set.Words[0]);
            case GetForkOwner: answer.Add(("mode", Value.Of(_workerKind))); return null;
            case SetForkOwner set: return _owned ? "EBUSY" : set.Mode > 1 ? "EINVAL" : Quietly(() => _workerKind = set.Mode);
            case BadArgument { Call: <= VhostCall.SetBackendFeatures or VhostCall.SetBackend }: return "EFAULT";
            case IotlbMessage message: return FakeIotlb.Take(_worker.Iotlb, message);
            case SetOwner: return _owned ? "EBUSY" : Quietly(() => _owned = true);
            case var _ when !_owned: return "EPERM";
            case ResetOwner: Forget(); _worker.Table = []; return null;
            case SetLogFd set: return File(set.File, bound => _worker.Log.Bound = bound);
            case SetLogBase set: return MoveLog(set);
            case SetMemTable table: return SetMemory(table);
            case SetBackend set: return Attach(set);
            case BadArgument { At: BadPointer.Cut, Call: VhostCall.SetVringNum or VhostCall.SetVringBase } when _rings[0].Backend is not null: return "EBUSY";
            case BadArgument: return "EFAULT";
            case SetVringEndian { Ring: 0 or 1 } or GetVringEndian { Ring: 0 or 1 }: return "ENOTTY";
            case RawIoctl or UnknownIoctl: return BinaryPrimitives.ReadUInt32LittleEndian(_memory) > 1 ? "ENOBUFS" : "ENOTTY";
            default: return RingCall(step, answer);
        }
    }

    private static ulong Word(int index) => index switch
    {
        0 => Offered,
        1 => High,
        _ => 0,
    };

    private static string? Quietly(Action change)
    {
        change();
        return null;
    }

    private void Forget()
    {
        _worker.Sender.Forget();
        foreach (var ring in _rings) ring.Reset();
        _messages.Clear();
        (_worker.Iotlb, _messages.Version) = (null, 1);
        (_owned, _worker.Features, _workerKind, _worker.Log.Bound) = (false, 0, 1, false);
    }

    private string? Agree(ulong features)
    {
        if ((features & LogAll) != 0 && _worker.Table is { Count: > 0 } && _rings.Any(r => r is { Backend: not null, LogBase.Place: LogPlace.Kernel })) return "EFAULT";
        _worker.Features = features;
        if ((features & AccessPlatform) != 0) _worker.Iotlb = new FakeIotlb(_messages, _rings);
        return null;
    }

    /// <summary>vq_log_access_ok().</summary>
    private bool MayLog(FakeRing ring, SetLogBase? place) =>
        place is not { Place: LogPlace.Kernel } || ((!ring.LogUsed || _worker.Iotlb is not null) && ((_worker.Features & LogAll) == 0 || _worker.Table is not { Count: > 0 }));

    private string? MoveLog(SetLogBase place)
    {
        var refused = _rings.Where(r => r.Backend is not null && !MayLog(r, place)).ToList();
        foreach (var ring in _rings.Except(refused)) ring.LogBase = place;
        return refused.Count > 0 ? "EFAULT" : null;
    }

    private string? SetMemory(SetMemTable step)
    {
        if (step.Padding != 0) return "EOPNOTSUPP";
        if (Math.Max(step.Count ?? 0, step.Regions.Length) > 64) return "E2BIG";
        if (step.Regions.Any(r => (r.Size == 0 && r.Guest > 0) || (UInt128)r.Guest + r.Size > (UInt128)ulong.MaxValue + 1)) return "EFAULT";
        if ((_worker.Features & LogAll) != 0 && step.Regions.Length > 0 && _rings.Any(r => r is { Backend: not null, LogBase.Place: LogPlace.Kernel })) return "EFAULT";
        _worker.Table = [.. step.Regions];
        return null;
    }

    private string? Attach(SetBackend step)
    {
        if (step.Ring is < 0 or > 1) return "ENOBUFS";
        if (_worker.Table is null) return "EFAULT";
        var ring = _rings[step.Ring];
        if (!MayLog(ring, ring.LogBase)) return "EFAULT";
        if (step.Backend == "none")
        {
            if (step.Ring == 1 && ring.Used is not null) _worker.Sender.Change(ring, _worker.Features);
            (ring.WaitsForRoom, ring.Retries) = (false, false);
            (ring.Backend, ring.Woken, ring.Watching) = (null, false, false);
            _messages.Clear();
            return null;
        }
        if (!_backends[step.Backend].Usable) return "ENOTSOCK";
        if (ring.Backend == step.Backend) return null;
        if (_worker.Iotlb?.Attach(ring) == false) return "EFAULT";
        if (ring.Used is null) return "EFAULT";
        var backend = _backends[step.Backend];
        if (backend.Gone)
        {
            var old = ring.Backend;
            ring.Attach(step.Backend);
            ring.Backend = old;
            return "EINVAL";
        }
        if (step.Ring == 1) _worker.Sender.Change(ring, _worker.Features);
        ring.Attach(step.Backend);
        ring.Watching = step.Ring == 0;
        ring.Woken = step.Ring == 1 ? backend.HasSpace : backend.Incoming.Count > 0;
        ring.WaitsForRoom = step.Ring == 1 && !backend.HasSpace;
        return null;
    }

    private string? RingCall(Step step, List<(string, Value)> answer)
    {
        var number = (int)step.GetType().GetProperty("Ring")!.GetValue(step)!;
        if (number is < 0 or > 1) return "ENOBUFS";
        var ring = _rings[number];
        switch (step)
        {
            case SetVringNum or SetVringBase when ring.Backend is not null: return "EBUSY";
            case SetVringNum set: return set.Num is 0 or > 65535 || System.Numerics.BitOperations.PopCount(set.Num) != 1 ? "EINVAL" : Quietly(() => ring.Num = set.Num);
            case SetVringBase set: return set.Base > 65535 ? "EINVAL" : Quietly(() => ring.Last = (ushort)set.Base);
            case GetVringBase: answer.Add(("base", Value.Of(ring.Last))); return null;
            case SetVringAddr set:
                if (set.Flags > 1) return "EOPNOTSUPP";
                if (((set.Avail.Offset ?? 0) & 1) != 0 || ((set.Used.Offset ?? 0) & 3) != 0 || (set.Log & 3) != 0) return "EINVAL";
                if (ring.Backend is not null && set.Flags == 1 && ring.LogBase is { Place: LogPlace.Kernel }) return "EINVAL";
                (ring.LogUsed, ring.LogAddress) = (set.Flags == 1, set.Log);
                (ring.Desc, ring.Avail, ring.Used) = (set.Desc.Offset, set.Avail.Offset, set.Used.Offset);
                return null;
            case SetVringIova set:
                if ((set.Avail & 1) != 0 || (set.Used & 3) != 0) return "EINVAL";
                (ring.Iova, ring.LogUsed) = ((set.Desc, set.Avail, set.Used), set.Log);
                _worker.Iotlb!.Place(ring);
                return null;
            case SetVringKick set: return File(set.File, bound => ring.KickFd = bound);
            case SetVringCall set: return File(set.File, bound => ring.CallFd = bound);
            case SetVringErr set: return File(set.File, bound => ring.ErrFd = bound);
            case SetBusyloop set: return Quietly(() => ring.Busyloop = set.Microseconds);
            case GetBusyloop: answer.Add(("timeout", Value.Of(ring.Busyloop))); return null;
            default: throw new NotSupportedException($"the fake device does not know {step.GetType().Name}");
        }
    }

    private static string? File(FileChoice choice, Action<bool> bind) => choice switch
    {
        FileChoice.Closed => "EBADF",
        FileChoice.File => "EINVAL",
        _ => Quietly(() => bind(choice == FileChoice.Event)),
    };
}
