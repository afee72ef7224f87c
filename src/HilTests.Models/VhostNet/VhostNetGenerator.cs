using HilTests.Core;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;
using HilTests.Models.VhostNet.Generating;

namespace HilTests.Models.VhostNet;

/// <summary>
/// Makes random vhost-net programs: rings of any size and place, then traffic in both directions, wrong chains, suppression
/// and life-cycle calls, drawn by weight. What a step leads to is looked up in the model, so that programs stay valid
/// and can be judged.
/// </summary>
internal sealed class VhostNetGenerator
{
    private const int Shortest = 20;
    private const int Longest = 60;

    /// <summary>Steps that the end of a program takes.</summary>
    private const int Ending = 5;

    /// <summary>Steps that setting up takes at most.</summary>
    private const int SettingUp = 32;

    private static readonly ulong[] FeatureSets =
    [
        Feature.Version1, Feature.Version1 | Feature.MergeableRxBuffers, Feature.Version1 | Feature.MergeableRxBuffers, Feature.MergeableRxBuffers, 0,
    ];

    private readonly Seed _seed;
    private readonly Scene _scene;
    private readonly Traffic _traffic;
    private readonly Faults _faults;
    private readonly Calls _calls;

    private VhostNetGenerator(Seed seed)
    {
        _seed = seed;
        _scene = new Scene(seed) { GuestBase = seed.Pick(0x4000_0000UL, 0x4000_0000UL, 0x1_2345_6000UL, 0x10_0000UL) };
        var chains = new ChainMaker(_scene);
        _traffic = new Traffic(_scene, chains);
        _faults = new Faults(_scene, chains);
        _calls = new Calls(_scene);
    }

    /// <summary>Makes program number <paramref name="index"/>.</summary>
    public static Program Generate(Seed seed, int index)
    {
        var number = seed.Next();
        var generator = new VhostNetGenerator(new Seed(number));
        generator.Make();
        return new Program
        {
            Name = $"vhost-gen-{index}",
            Device = VhostNetVocabulary.Instance.Device,
            About = "generated",
            Seed = number,
            Steps = generator._scene.Steps,
        };
    }

    private void Make()
    {
        if (_seed.OneIn(8)) Hold();
        SetUp(open: true);
        _scene.Room = Math.Max(0, _seed.Between(Shortest + 15, Longest) - Ending - _scene.Length);
        // Actions that come to nothing are left out; a program in which nothing goes any more ends.
        for (var idle = 0; _scene.Room > 3 && idle < 8;)
        {
            var before = _scene.Length;
            Act();
            idle = _scene.Length > before ? 0 : idle + 1;
        }
        _scene.Room = int.MaxValue;
        // What is still in flight when the device goes away is part of what must be right.
        if (_seed.OneIn(4)) _scene.Try(_scene.Rings.Select(r => new Kick(r.Ring)));
        else _scene.Try(new Settle());
        if (!_seed.OneIn(4)) foreach (var ring in _scene.Rings) _scene.Try(new GetVringBase(ring.Index));
        _scene.Try(_seed.OneIn(5) ? new ResetOwner() : new Close(), new Settle());
        if (_scene.Logs) _scene.Try(new ReadLog());
    }

    private void Act() => _scene.Choose(
        (12, () => _traffic.Burst(null)),
        (7, () => _traffic.Burst(_calls.Disturbance)),
        (5, Suppress),
        (5, _faults.Chain),
        (_scene.Holds ? 20 : 0, _traffic.Held),
        (1, _faults.Jump),
        (3, _calls.Reattach),
        (1, _calls.Swap),
        (2, _calls.Rebind),
        (4, _traffic.Train),
        (1, _calls.Unready),
        (1, () => _scene.Try(_calls.Idle())),
        (1, () => _scene.Try(_calls.MemoryTable())),
        (2, () => _scene.Try(_calls.Refused())),
        (1, () => _scene.Try(new Kick(_seed.Pick(Ring.Rx, Ring.Tx)), new Settle())),
        (1, StartAnew))();

    /// <summary>A program whose frames are held now and then, so that the back end is full or keeps the buffers.</summary>
    private void Hold()
    {
        _scene.Holds = true;
        _scene.SendBuffer = _seed.Pick(0, 20_000, 40_000, 100_000);
        _scene.ZeroCopy = _scene.SendBuffer == 0 || _seed.OneIn(2);
        if (_scene.ZeroCopy) _scene.Try(new LoadModule(true));
    }

    private void Suppress()
    {
        _scene.Try(_calls.Suppression(_seed.Pick(_scene.Rings.ToArray())));
        _traffic.Burst(null);
    }

    /// <summary>The device is reset, or closed and opened, and set up from the beginning.</summary>
    private void StartAnew()
    {
        if (_scene.Room < SettingUp) return;
        var reset = _seed.OneIn(2);
        if (!_scene.Try(reset ? new ResetOwner() : new Close())) return;
        foreach (var ring in _scene.Rings) ring.Backend = null;
        if (_seed.OneIn(3)) _scene.Try(_calls.Refused());
        SetUp(open: !reset);
    }

    private void SetUp(bool open)
    {
        if (open) _scene.Try(new Open());
        _scene.Features = Features();
        if (_seed.OneIn(6)) _scene.Try(_calls.TooEarly());
        _scene.Try(new SetOwner());
        _scene.Logs = _seed.OneIn(6) && !_scene.ZeroCopy;
        if (_scene.Logs) SetUpLog();
        _scene.Try(new SetFeatures(_scene.Features));
        _scene.Try(_calls.MemoryTable());
        var which = _seed.Below(8);
        // Where a ring is left out from now on it stays as it is.
        _scene.Rx = which == 0 ? null : Lay(Ring.Rx, 0x9000);
        _scene.Tx = which == 1 ? null : Lay(Ring.Tx, 0x1000);
        if (_seed.OneIn(12)) _scene.Try(new SetBusyloop((int)_seed.Pick(Ring.Rx, Ring.Tx), (uint)_seed.Between(1, 60)));
        if (_seed.OneIn(4)) _scene.Try(_calls.Refused());
        MakeBackends();
        foreach (var ring in _scene.Rings.OrderBy(_ => _seed.Next()).ToList()) Attach(ring);
    }

    private void SetUpLog()
    {
        if (!_seed.OneIn(4)) _scene.Features |= Feature.LogAll;
        _scene.Try(new SetLogBase(LogPlace.Area, _seed.OneIn(2) ? 0 : 8 * _seed.Below(64)));
        if (_seed.OneIn(2)) _scene.Try(new SetLogFd(FileChoice.Event));
    }

    private ulong Features()
    {
        if (_scene.Backends.Count == 0) _scene.Kind = _seed.OneIn(3) && !_scene.Holds ? BackendKind.Packet : BackendKind.Tap;
        var features = _seed.Pick(FeatureSets);
        if (_scene.Kind == BackendKind.Packet) features |= Feature.VhostSuppliesHeader;
        if (_seed.OneIn(2)) features |= Feature.EventIndex;
        if (_seed.OneIn(2)) features |= Feature.Indirect;
        if (_seed.OneIn(6)) features |= Feature.NotifyOnEmpty;
        return features;
    }

    /// <summary>A tap is made for one size of header; after a start anew with another one there are new ones.</summary>
    private void MakeBackends()
    {
        var count = _seed.OneIn(4) ? 2 : 1;
        var header = _scene.Kind == BackendKind.Tap ? _scene.Header : 0;
        var prefix = $"b{header}";
        if (_scene.Backends.FirstOrDefault() is { } old && old.StartsWith(prefix, StringComparison.Ordinal)) return;
        _scene.Backends.Clear();
        for (var i = 0; i < count; i++)
        {
            var name = i == 0 ? prefix : $"{prefix}-2";
            var made = new MakeBackend(name, _scene.Kind, header);
            if (_scene.Holds) made = made with { SendBuffer = _scene.SendBuffer, Outlet = Outlet.Queue };
            if (_scene.Try(made)) _scene.Backends.Add(name);
        }
        if (_seed.OneIn(4)) _scene.Try(new MakeBackend("bad", _seed.Pick(BackendKind.Udp, BackendKind.Unix, BackendKind.File, BackendKind.Closed, BackendKind.PacketDgram)));
    }

    private void Attach(GeneratedRing ring)
    {
        var name = _seed.OneIn(4) ? _seed.Pick(_scene.Backends.ToArray()) : _scene.Backends[0];
        if (_scene.Try(new SetBackend(ring.Index, name))) ring.Backend = name;
    }

    /// <summary>Lays a ring out: any size, mostly small so that it wraps; any place that is allowed; an index mostly close to its wrap.</summary>
    private GeneratedRing Lay(Ring ring, long from)
    {
        var num = 1 << _seed.Below(40) switch { < 1 => 0, < 4 => 1, < 10 => 2, < 20 => 3, < 28 => 4, < 32 => 5, < 35 => 6, < 36 => 7, < 37 => 8, < 38 => 9, _ => 10 };
        var table = from + (_seed.OneIn(4) ? _seed.Below(64) : 0);
        var avail = from + 0x4100 + (2 * _seed.Below(64));
        var used = from + 0x5000 + (4 * _seed.Below(64));
        var start = _seed.Below(4) switch { 0 => 0, 1 => _seed.Below(65536), _ => 65536 - _seed.Between(1, 9) };
        var usedStart = _seed.OneIn(4) ? 65536 - _seed.Between(1, 9) : start;
        var laid = new GeneratedRing(ring, num, table, avail, used) { Published = (ushort)start };
        _scene.Try(new WriteBytes(avail, [0, 0, (byte)start, (byte)(start >> 8)]));
        if (usedStart != 0) _scene.Try(new WriteBytes(used, [0, 0, (byte)usedStart, (byte)(usedStart >> 8)]));
        List<Step> calls =
        [
            new SetVringNum(laid.Index, (uint)num),
            new SetVringBase(laid.Index, (uint)start),
            _calls.Addresses(laid, _scene.Logs && !_seed.OneIn(3)),
            new SetVringKick(laid.Index, FileChoice.Event),
        ];
        if (!_seed.OneIn(12)) calls.Add(new SetVringCall(laid.Index, FileChoice.Event));
        if (!_seed.OneIn(12)) calls.Add(new SetVringErr(laid.Index, FileChoice.Event));
        _scene.Try(new DriverRing(ring, num, table, avail, used, start));
        foreach (var call in calls.OrderBy(_ => _seed.Next()).ToList()) _scene.Try(call);
        return laid;
    }
}
