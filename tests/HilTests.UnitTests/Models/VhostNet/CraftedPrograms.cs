using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>Programs for rules that the suite's own programs do not reach.</summary>
internal static class CraftedPrograms
{
    private const ulong Base = 0x10000000;
    private const ulong Buffer = Base + 0x20000;
    private const long Table = 0x1000;
    private const long Side = 0x10000;

    private const DescriptorFlags Next = DescriptorFlags.Next;
    private const DescriptorFlags Write = DescriptorFlags.Write;

    public static IReadOnlyList<Program> All { get; } =
    [
        Tx("readable-after-writable", Chain(new(Table, 0, Buffer, 20, Write | Next, 1), new(Table, 1, Buffer, 60, DescriptorFlags.None))),
        Tx("too-many-segments",
        [
            new WriteDesc(Table, 0, Base + Side, 16 * 1025, DescriptorFlags.Indirect),
            .. Enumerable.Range(0, 1025).Select(i => new WriteDesc(Side, i, Buffer, 1, i == 1024 ? DescriptorFlags.None : Next)),
        ]),
        Tx("indirect-odd", Chain(new WriteDesc(Table, 0, Base + Side, 17, DescriptorFlags.Indirect))),
        Tx("indirect-endless", Chain(new(Table, 0, Base + Side, 16, DescriptorFlags.Indirect), new(Side, 0, Buffer, 60, Next))),
        Tx("indirect-nested", Chain(new(Table, 0, Base + Side, 16, DescriptorFlags.Indirect), new(Side, 0, Base + Side, 16, DescriptorFlags.Indirect))),
        Tx("head-out-of-range", [], head: 8),
        Tx("next-out-of-range", Chain(new WriteDesc(Table, 0, Buffer, 60, Next, 8))),
        Tx("loop", Chain(new WriteDesc(Table, 0, Buffer, 60, Next, 0))),
        Tx("unmapped", Chain(new WriteDesc(Table, 0, 0x10, 60, DescriptorFlags.None))),
        Tx("writable", Chain(new WriteDesc(Table, 0, Buffer, 60, Write))),
        Tx("empty", Chain(new WriteDesc(Table, 0, Buffer, 0, DescriptorFlags.None))),
        Tx("jump", [], jump: 9),
        Tx("removed", [new WriteDesc(Table, 0, Buffer, 80, DescriptorFlags.None), new RemoveInterface("b0")]),
        Tx("removed-attach", [new SetBackend(1, "none"), new RemoveInterface("b0"), new SetBackend(1, "b0")]),
        Tx("driven", [new WriteDescs(Table, 0, 8, Buffer, 0, 60, DescriptorFlags.None), new Kick(Ring.Tx), new Settle(), new Drive(Ring.Tx, 0, 7, 20, 2, Suppression.Flag, Waiting.Call)], head: 7),
    ];

    private static Step[] Chain(params WriteDesc[] descriptors) => descriptors;

    /// <summary>A ring of 8 on a tap; settled, then the chain at the head is offered and kicked.</summary>
    private static Program Tx(string name, IEnumerable<Step> chain, int head = 0, int? jump = null) => new()
    {
        Name = name,
        Device = "vhost-net",
        Steps =
        [
            new Open(), new SetOwner(), new SetFeatures(1UL << 32), new SetMemTable([new MemoryRegion(Base, 1 << 20, 0)]),
            new DriverRing(Ring.Tx, 8, Table, 0x3000, 0x4000), new SetVringNum(1, 8), new SetVringBase(1, 0),
            new SetVringAddr(1, new(Table), new(0x3000), new(0x4000)), new SetVringKick(1, FileChoice.Event),
            new SetVringCall(1, FileChoice.Event), new SetVringErr(1, FileChoice.Event), new MakeBackend("b0", BackendKind.Tap, 12),
            new SetBackend(1, "b0"), new Settle(), .. chain,
            jump is { } index ? new PublishIndex(Ring.Tx, index) : new Offer(Ring.Tx, [head]), new Kick(Ring.Tx), new Settle(),
            new GetVringBase(1), new Close(),
        ],
    };
}
