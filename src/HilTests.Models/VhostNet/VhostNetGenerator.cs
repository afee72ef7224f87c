using HilTests.Core;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet;

/// <summary>
/// Makes random vhost-net programs: a random set-up, then traffic, broken chains, suppression and life-cycle calls
/// mixed. Knows the interface, not the model.
/// </summary>
internal sealed class VhostNetGenerator
{
    private const string BackendName = "b0";

    private static readonly ulong[] FeatureSets =
    [
        Feature.Version1, Feature.Version1 | Feature.MergeableRxBuffers, Feature.MergeableRxBuffers, 0,
    ];

    private readonly Seed _seed;
    private readonly VhostNetScript _script;
    private readonly BackendKind _kind;
    private readonly List<(int Head, long At, int Length)> _waiting = [];
    private int _used;
    private bool _rxTracked = true;
    private int _txInFlight;

    private VhostNetGenerator(Seed seed, int index)
    {
        _seed = seed;
        _kind = seed.Below(3) == 0 ? BackendKind.Packet : BackendKind.Tap;
        _script = new VhostNetScript($"vhost-gen-{index}", "generated");
    }

    /// <summary>Makes program number <paramref name="index"/>.</summary>
    public static Program Generate(Seed seed, int index)
    {
        var number = seed.Next();
        var generator = new VhostNetGenerator(new Seed(number), index);
        generator.SetUp();
        var actions = generator._seed.Between(3, 7);
        for (var i = 0; i < actions; i++) generator.Act();
        generator._script.Add(new Settle(), new GetVringBase(0), new GetVringBase(1), new Close(), new Settle());
        return generator._script.ToProgram(number);
    }

    private void SetUp()
    {
        var features = _seed.Pick(FeatureSets);
        if (_kind == BackendKind.Packet) features |= Feature.VhostSuppliesHeader;
        if (_seed.OneIn(2)) features |= Feature.EventIndex;
        if (_seed.OneIn(2)) features |= Feature.Indirect;
        if (_seed.OneIn(6)) features |= Feature.NotifyOnEmpty;
        var num = 1 << _seed.Between(3, 8);
        var start = _seed.OneIn(3) ? 65536 - _seed.Between(1, 12) : _seed.OneIn(2) ? _seed.Below(65536) : 0;
        _script.Begin(features, splitMemory: _seed.OneIn(4)).SetUpRing(Ring.Rx, num, start).SetUpRing(Ring.Tx, num, start);
        _used = start;
        if (_seed.OneIn(3)) Refused();
        _script.Attach(BackendName, _kind, Ring.Rx, Ring.Tx);
    }

    private void Act()
    {
        switch (_seed.Below(12))
        {
            case <= 3: Transmit(); break;
            case <= 6: Receive(); break;
            case 7: BrokenTx(); break;
            case 8: Suppress(); break;
            case 9: Detach(); break;
            case 10: OddRx(); break;
            default: Refused(); break;
        }
    }

    private void Transmit()
    {
        var most = Math.Min(_seed.OneIn(10) ? _script.Num : 6, _script.Num / 3);
        var heads = new List<int>();
        for (var i = _seed.Between(1, Math.Max(1, most)); i > 0; i--) heads.Add(_script.TxFrame(FrameLength(), Cuts(), Indirect()));
        var first = _seed.Between(1, heads.Count);
        _script.Add(new Offer(Ring.Tx, [.. heads.Take(first)]), new Kick(Ring.Tx));
        if (first < heads.Count) _script.Add(new Offer(Ring.Tx, [.. heads.Skip(first)]), new Kick(Ring.Tx));
        _txInFlight = heads.Count;
        if (_seed.OneIn(12))
        {
            Detach();
            return;
        }
        _script.Add(new Settle());
        _used += heads.Count;
    }

    private bool Indirect() => (_script.Features & Feature.Indirect) != 0 && _seed.OneIn(3);

    private int FrameLength() => _seed.Below(8) switch
    {
        0 => FrameContent.EthernetHeader,
        1 => _seed.OneIn(4) ? _seed.Between(1, FrameContent.EthernetHeader - 1) : 1514,
        2 => _seed.Between(2000, 9000),
        _ => _seed.Between(15, 400),
    };

    private IReadOnlyList<int> Cuts()
    {
        if (_script.Num < 16 || _seed.OneIn(2)) return [];
        return _seed.OneIn(3) ? [_script.Header] : [.. Enumerable.Range(0, _seed.Between(1, 2)).Select(_ => _seed.Between(1, 300))];
    }

    /// <summary>Buffers that fit, one a frame, so that it is known which are free again.</summary>
    private void Receive()
    {
        if (!_rxTracked) return;
        var room = _script.Num - _waiting.Count;
        var heads = new List<int>();
        for (var i = Math.Min(_seed.Between(1, 4), room); i > 0; i--)
        {
            var length = _script.Header + 1514 + _seed.Below(40);
            var (head, at) = _script.RxBuffer(length);
            heads.Add(head);
            _waiting.Add((head, at, length));
        }
        if (heads.Count > 0) _script.Add(new Offer(Ring.Rx, [.. heads]));
        if (_seed.OneIn(3)) _script.Add(new Kick(Ring.Rx));
        var frames = Math.Min(_seed.Between(1, 3), _waiting.Count);
        for (var i = 0; i < frames; i++) _script.Add(new Send(BackendName, _seed.Between(14, 1514), _script.NextContent()));
        _script.Add(new Settle());
        foreach (var (_, at, length) in _waiting.Take(frames)) _script.ReadBuffer(at, length, withHeader: true);
        _waiting.RemoveRange(0, frames);
    }

    /// <summary>Buffers too small, merged, or too few: afterwards it is not known which are free.</summary>
    private void OddRx()
    {
        if (!_rxTracked || _waiting.Count > 0 || _script.Num < 16) return;
        _rxTracked = false;
        var buffers = new List<(int Head, long At, int Length)>();
        for (var i = _seed.Between(1, 4); i > 0; i--)
        {
            var length = _seed.Between(_script.Header + 1, 500);
            var (head, at) = _script.RxBuffer(length, _seed.OneIn(2) ? [_seed.Between(1, _script.Header)] : []);
            buffers.Add((head, at, length));
        }
        _script.Add(new Offer(Ring.Rx, [.. buffers.Select(b => b.Head)]), new Kick(Ring.Rx));
        for (var i = _seed.Between(1, 2); i > 0; i--) _script.Add(new Send(BackendName, _seed.Between(14, 900), _script.NextContent()));
        _script.Add(new Settle());
        if ((_script.Features & Feature.MergeableRxBuffers) == 0) return;
        foreach (var (_, at, length) in buffers) _script.ReadBuffer(at, length, withHeader: false);
    }

    /// <summary>A chain that is in error, then (where it was not consumed) the same chain mended.</summary>
    private void BrokenTx()
    {
        var head = _script.TakeDescriptor(Ring.Tx);
        var good = _script.TakeTx(256);
        var (kind, broken) = BrokenDescriptor(head, good);
        var mended = new WriteDesc(VhostNetScript.Table(Ring.Tx), head, VhostNetScript.GuestBase + (ulong)good, (uint)(_script.Header + 60), DescriptorFlags.None);
        _script.Add(new Fill(good, _script.Header, 0), new WriteFrame(good + _script.Header, 60, _script.NextContent()), broken);
        _script.Add(new Offer(Ring.Tx, [head]), new Kick(Ring.Tx), new Settle());
        if (kind) _script.Add(mended);
        _script.Add(new Kick(Ring.Tx), new Settle());
        _used += kind ? 1 : 0;
    }

    private (bool Mendable, WriteDesc Step) BrokenDescriptor(int head, long good)
    {
        var table = VhostNetScript.Table(Ring.Tx);
        var address = VhostNetScript.GuestBase + (ulong)good;
        return _seed.Below(7) switch
        {
            0 => (true, new WriteDesc(table, head, address, 64, DescriptorFlags.Next, _script.Num)),
            1 => (true, new WriteDesc(table, head, address, 64, DescriptorFlags.Next, head)),
            2 => (true, new WriteDesc(table, head, 0x100, 64, DescriptorFlags.None)),
            3 => (true, new WriteDesc(table, head, address, 17, DescriptorFlags.Indirect)),
            4 => (true, new WriteDesc(table, head, address, 0, DescriptorFlags.Indirect)),
            5 => (false, new WriteDesc(table, head, address, 64, DescriptorFlags.Write)),
            _ => (false, new WriteDesc(table, head, address, 0, DescriptorFlags.None)),
        };
    }

    private void Suppress()
    {
        var ring = _seed.Pick(Ring.Rx, Ring.Tx);
        if ((_script.Features & Feature.EventIndex) == 0) _script.Add(new AvailFlags(ring, _seed.Below(2)));
        else _script.Add(new UsedEvent(ring, (_used + _seed.Between(-3, 6)) & 0xffff));
        Transmit();
    }

    private void Detach()
    {
        var ring = (int)_seed.Pick(Ring.Rx, Ring.Tx);
        _script.Add(new SetBackend(ring, "none"), new Settle(), new GetVringBase(ring), new SetBackend(ring, BackendName));
        if (_txInFlight > 0 && ring == (int)Ring.Tx) _script.Add(new Kick(Ring.Tx));
        _script.Add(new Settle());
    }

    /// <summary>A call that must fail and change nothing.</summary>
    private void Refused()
    {
        var ring = _seed.Below(2);
        Step step = _seed.Below(10) switch
        {
            0 => new SetOwner(),
            1 => new SetFeatures(1UL << 34),
            2 => new SetVringNum(2 + _seed.Below(3), 256),
            3 => new GetVringBase(2),
            4 => new SetVringCall(ring, FileChoice.File),
            5 => new SetVringErr(ring, FileChoice.Closed),
            6 => new SetVringAddr(ring, new UserAddress(VhostNetScript.Table((Ring)ring)), new UserAddress(VhostNetScript.Avail((Ring)ring) + 1), new UserAddress(VhostNetScript.Used((Ring)ring))),
            7 => new SetMemTable([new MemoryRegion(0x1000, 0x1000, 0)], Padding: 1),
            8 => new SetMemTable([new MemoryRegion(ulong.MaxValue - 0xfff, 0x2000, 0)]),
            _ => new SetBackend(2, "none"),
        };
        _script.Add(step);
    }
}
