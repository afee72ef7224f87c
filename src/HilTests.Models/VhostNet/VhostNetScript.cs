using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.Models.VhostNet;

/// <summary>
/// Writes vhost-net programs: lays out the arena, keeps track of free descriptors and buffers, and adds steps. It
/// knows nothing of what the device will do.
/// </summary>
internal sealed partial class VhostNetScript(string name, string about)
{
    /// <summary>Guest physical address of the arena's first byte.</summary>
    public const ulong GuestBase = 0x4000_0000;

    private const long RxBuffers = 0x10000;
    private const long TxBuffers = 0x80000;
    private const long IndirectTables = 0xc000;
    private const int IndirectRoom = 0x200;
    private const int Guard = 16;

    private readonly ImmutableArray<Step>.Builder _steps = ImmutableArray.CreateBuilder<Step>();
    private long _rxNext = RxBuffers;
    private long _txNext = TxBuffers;
    private long _indirectNext = IndirectTables;
    private int _rxDescriptor;
    private int _txDescriptor;
    private ulong _contents;

    /// <summary>Bytes of virtio-net header before each frame.</summary>
    public int Header { get; private set; } = 10;

    /// <summary>Entries of both rings.</summary>
    public int Num { get; private set; } = 256;

    /// <summary>The features set.</summary>
    public ulong Features { get; private set; }

    /// <summary>The steps so far.</summary>
    public int Length => _steps.Count;

    public static long Table(Ring ring) => ring == Ring.Rx ? 0x1000 : 0x6000;

    public static long Avail(Ring ring) => ring == Ring.Rx ? 0x3000 : 0x8000;

    public static long Used(Ring ring) => ring == Ring.Rx ? 0x4000 : 0x9000;

    /// <summary>The descriptor table of a far ring; 32768 entries fit.</summary>
    public static long FarTable(Ring ring) => ring == Ring.Rx ? 0x100000 : 0x200000;

    /// <summary>A mebibyte for the buffers of far rings.</summary>
    public const long FarBuffers = 0x300000;

    /// <summary>The guest physical address of an arena offset, where memory is one region.</summary>
    public static ulong Guest(long offset) => GuestBase + (ulong)offset;

    public Program ToProgram(ulong? seed = null) =>
        new() { Name = name, Device = VhostNetVocabulary.Instance.Device, About = about, Seed = seed, Steps = _steps.ToImmutable() };

    /// <summary>Adds steps as they are.</summary>
    public VhostNetScript Add(params ReadOnlySpan<Step> steps)
    {
        _steps.AddRange(steps);
        return this;
    }

    /// <summary>Opens (unless it is open), owns, and sets features and memory: one region, or two that meet in the middle of the buffers.</summary>
    public VhostNetScript Begin(ulong features, bool splitMemory = false, bool open = true)
    {
        Features = features;
        Header = (features & (Feature.MergeableRxBuffers | Feature.Version1)) != 0 ? 12 : 10;
        if (open) Add(new Open());
        Add(new SetOwner(), new SetFeatures(features));
        const ulong Half = 0x90123;
        ImmutableArray<MemoryRegion> regions = splitMemory
            ? [new(GuestBase, Half, 0), new(GuestBase + Half, VhostNetArena.Size - Half, (long)Half)]
            : [new(GuestBase, VhostNetArena.Size, 0)];
        return Add(new SetMemTable(regions));
    }

    /// <summary>Sets one ring up, eventfds included, but attaches no back end.</summary>
    public VhostNetScript SetUpRing(Ring ring, int num = 256, int start = 0)
    {
        Num = num;
        return Lay(ring, num, start, Table(ring), Avail(ring), Used(ring));
    }

    /// <summary>Sets up a ring of any size, far from everything else; see <see cref="FarTable"/>.</summary>
    public VhostNetScript SetUpFarRing(Ring ring, int num, int start = 0) => Lay(ring, num, start, FarTable(ring), FarTable(ring) + 0x80000, FarTable(ring) + 0xa0000);

    /// <summary>Both indices of a ring that does not begin at 0.</summary>
    public VhostNetScript StartAt(int start, long avail, long used) =>
        start == 0 ? this : Add(new WriteBytes(used + 2, [(byte)start, (byte)(start >> 8)]), new WriteBytes(avail + 2, [(byte)start, (byte)(start >> 8)]));

    /// <summary>Sets up a ring whose parts lie where they are told to, eventfds included.</summary>
    public VhostNetScript Lay(Ring ring, int num, int start, long table, long avail, long used)
    {
        var index = (int)ring;
        return StartAt(start, avail, used).Add(
            new DriverRing(ring, num, table, avail, used, start),
            new SetVringNum(index, (uint)num),
            new SetVringBase(index, (uint)start),
            new SetVringAddr(index, new UserAddress(table), new UserAddress(avail), new UserAddress(used)),
            new SetVringKick(index, FileChoice.Event),
            new SetVringCall(index, FileChoice.Event),
            new SetVringErr(index, FileChoice.Event));
    }

    /// <summary>Makes the back end that fits the features and attaches it to the rings.</summary>
    public VhostNetScript Attach(string backend, BackendKind kind, params ReadOnlySpan<Ring> rings) =>
        Attach(new MakeBackend(backend, kind, kind is BackendKind.Tap or BackendKind.Macvtap ? Header : 0), rings);

    /// <summary>Makes the back end as it is said and attaches it to the rings.</summary>
    public VhostNetScript Attach(MakeBackend backend, params ReadOnlySpan<Ring> rings)
    {
        Add(backend);
        foreach (var ring in rings) Add(new SetBackend((int)ring, backend.Name));
        return this;
    }

    /// <summary>A frame in fresh TX buffers, cut into pieces; gives the chain's head.</summary>
    /// <param name="length">bytes of the frame, without header</param>
    /// <param name="cuts">lengths of all pieces but the last; header included in the first bytes</param>
    /// <param name="indirect">whether the chain lies in an indirect table</param>
    public int TxFrame(int length, IReadOnlyList<int>? cuts = null, bool indirect = false)
    {
        var at = TakeTx(Header + length);
        Add(new Fill(at, Header, 0), new WriteFrame(at + Header, length, ++_contents));
        var pieces = Pieces(at, Header + length, cuts ?? []);
        return indirect ? IndirectChain(pieces) : DirectChain(Ring.Tx, pieces, DescriptorFlags.None);
    }

    /// <summary>A fresh RX buffer filled with 0xa5, guards included; gives its head and where it lies.</summary>
    public (int Head, long At) RxBuffer(int length, IReadOnlyList<int>? cuts = null)
    {
        var at = _rxNext + Guard;
        _rxNext += length + (2 * Guard);
        if (_rxNext > TxBuffers) throw new InvalidOperationException($"program {name} uses more RX buffers than fit");
        Add(new Fill(at - Guard, length + (2 * Guard), 0xa5));
        return (DirectChain(Ring.Rx, Pieces(at, length, cuts ?? []), DescriptorFlags.Write), at);
    }

    /// <summary>Reads an RX buffer back, guards included, and its header field by field.</summary>
    public VhostNetScript ReadBuffer(long at, int length, bool withHeader)
    {
        // Without MRG_RXBUF the last two header bytes have a rule of their own, seen in read-header.
        var skip = (Features & Feature.MergeableRxBuffers) == 0 && Header > 10;
        if (withHeader) Add(new ReadHeader(at, Header));
        if (!skip) return Add(new Read(at - Guard, length + (2 * Guard)));
        return Add(new Read(at - Guard, Guard + 10), new Read(at + Header, length - Header + Guard));
    }

    /// <summary>A number for the next content, different each time.</summary>
    public ulong NextContent() => ++_contents;

    /// <summary>So many numbers for contents; gives the first.</summary>
    public ulong NextContents(int count)
    {
        var first = _contents + 1;
        _contents += (ulong)count;
        return first;
    }

    /// <summary>A fresh stretch of RX buffer memory.</summary>
    public long TakeRx(int length)
    {
        var at = _rxNext;
        _rxNext += length;
        if (_rxNext > TxBuffers) throw new InvalidOperationException($"program {name} uses more RX buffers than fit");
        return at;
    }

    /// <summary>A fresh stretch of TX buffer memory.</summary>
    public long TakeTx(int length)
    {
        var at = _txNext;
        if (at + length > VhostNetArena.Near) at = TxBuffers;
        _txNext = at + length + Guard;
        return at;
    }

    /// <summary>A fresh place for an indirect table; places are used again after sixteen tables.</summary>
    public long TakeIndirect()
    {
        var at = _indirectNext;
        _indirectNext = at + (2 * IndirectRoom) > RxBuffers ? IndirectTables : at + IndirectRoom;
        return at;
    }

    /// <summary>Takes the next descriptor of a ring's table; those of earlier chains must be free by then.</summary>
    public int TakeDescriptor(Ring ring) => ring == Ring.Rx ? _rxDescriptor++ % Num : _txDescriptor++ % Num;

    private static List<(long At, int Length)> Pieces(long at, int total, IReadOnlyList<int> cuts)
    {
        var pieces = new List<(long, int)>();
        foreach (var cut in cuts)
        {
            if (cut >= total) break;
            pieces.Add((at, cut));
            at += cut;
            total -= cut;
        }
        pieces.Add((at, total));
        return pieces;
    }

    /// <summary>Offers chains of the TX ring and kicks once.</summary>
    public VhostNetScript Transmit(params IEnumerable<int> heads) => Add(new Offer(Ring.Tx, [.. heads]), new Kick(Ring.Tx));

    /// <summary>The same, and waits until the device is quiet.</summary>
    public VhostNetScript SendAll(params IEnumerable<int> heads) => Transmit(heads).Add(new Settle());

    private int DirectChain(Ring ring, List<(long At, int Length)> pieces, DescriptorFlags flags)
    {
        var indices = pieces.Select(_ => TakeDescriptor(ring)).ToList();
        for (var i = 0; i < pieces.Count; i++)
        {
            var last = i == pieces.Count - 1;
            Add(new WriteDesc(Table(ring), indices[i], GuestBase + (ulong)pieces[i].At, (uint)pieces[i].Length,
                last ? flags : flags | DescriptorFlags.Next, last ? 0 : indices[i + 1]));
        }
        return indices[0];
    }

    private int IndirectChain(List<(long At, int Length)> pieces)
    {
        var table = TakeIndirect();
        for (var i = 0; i < pieces.Count; i++)
        {
            var last = i == pieces.Count - 1;
            Add(new WriteDesc(table, i, GuestBase + (ulong)pieces[i].At, (uint)pieces[i].Length,
                last ? DescriptorFlags.None : DescriptorFlags.Next, last ? 0 : i + 1));
        }
        var head = TakeDescriptor(Ring.Tx);
        Add(new WriteDesc(Table(Ring.Tx), head, GuestBase + (ulong)table, (uint)(16 * pieces.Count), DescriptorFlags.Indirect));
        return head;
    }
}
