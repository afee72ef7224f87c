using HilTests.Core.Predictions;

namespace HilTests.Models.Virtqueues;

/// <summary>What the virtio specification says of split virtqueues, as far as a device can be held to it.</summary>
public static class VirtqueueRules
{
    private const string Walk = "drivers/vhost/vhost.c vhost_get_vq_desc()";

    public static Rule HeadInRange { get; } = new("virtq.chain.head", $"virtio 1.2, 2.7.13; {Walk}",
        "A head that is no index into the descriptor table is an error: nothing is consumed.");

    public static Rule NextInRange { get; } = new("virtq.chain.next", $"virtio 1.2, 2.7.5; {Walk}",
        "A next field that is no index into the descriptor table is an error: nothing is consumed.");

    public static Rule NoLoop { get; } = new("virtq.chain.loop", $"virtio 1.2, 2.7.5.1 (no loops); {Walk}",
        "A chain of more descriptors than the table has is an error: nothing is consumed.");

    public static Rule Mapped { get; } = new("virtq.chain.mapped", $"{Walk}, translate_desc()",
        "A descriptor whose bytes are not all in the memory table is an error: nothing is consumed.");

    public static Rule Permitted { get; } = new("virtq.chain.permitted", $"{Walk}, translate_desc()",
        "A descriptor whose IOTLB mapping does not allow the access is an error: nothing is consumed.");

    public static Rule ReadableFirst { get; } = new("virtq.chain.readable-first", $"virtio 1.2, 2.7.4.2; {Walk}",
        "A readable descriptor after a writable one is an error: nothing is consumed.");

    public static Rule SegmentLimit { get; } = new("virtq.chain.segments", $"{Walk}, UIO_MAXIOV",
        "A chain of more than 1024 segments is an error: nothing is consumed.");

    public static Rule IndirectLength { get; } = new("virtq.indirect.length", "virtio 1.2, 2.7.5.3; drivers/vhost/vhost.c get_indirect()",
        "An indirect table whose length is no multiple of 16, or over 65536 entries, is an error: nothing is consumed.");

    public static Rule IndirectEnds { get; } = new("virtq.indirect.end", "virtio 1.2, 2.7.5.3; drivers/vhost/vhost.c get_indirect()",
        "An indirect table that is empty, or whose last entry says NEXT, is an error: nothing is consumed.");

    public static Rule IndirectNested { get; } = new("virtq.indirect.nested", "virtio 1.2, 2.7.5.3.1; drivers/vhost/vhost.c get_indirect()",
        "An indirect table inside an indirect table is an error: nothing is consumed.");

    public static Rule UsedIndex { get; } = new("virtq.used.index", "virtio 1.2, 2.7.8",
        "The used index grows by one for each entry published, modulo 65536, and is written after the entries.");

    public static Rule CallMissing { get; } = new("virtq.call.missing", "virtio 1.2, 2.7.7.2",
        "A used buffer that the driver wants to hear of is followed by a signal.");

    public static Rule CallSpurious { get; } = new("virtq.call.spurious", "virtio 1.2, 2.7.7.2",
        "A driver that does not want to hear of used buffers should not be signalled.", Severity.Should);

    public static Rule CallBound { get; } = new("virtq.call.bound", "virtio 1.2, 2.7.7; conservation: signals follow used entries",
        "There should not be more signals than used entries.", Severity.Should);

    public static Rule KickWanted { get; } = new("virtq.kick.wanted", "virtio 1.2, 2.7.10; drivers/vhost/vhost.c vhost_enable_notify()",
        "A device that found its ring empty asks to be kicked for the next buffer, or it would never come.");

    public static Rule KickWindow { get; } = new("virtq.kick.window", "virtio 1.2, 2.7.10.1, 2.7.13.4.1; drivers/vhost/vhost.c vhost_enable_notify()",
        "A device that asks for kicks again looks at the ring once more: a buffer that was offered meanwhile without a kick is not left behind.");

    public static Rule OwnFlags { get; } = new("virtq.used.flags", "virtio 1.2, 2.7.8; drivers/vhost/vhost.c vhost_update_used_flags()",
        "The device writes 0 or NO_NOTIFY to used.flags, and nothing while no back end is attached.");

    public static Rule OwnEvent { get; } = new("virtq.used.avail-event", "virtio 1.2, 2.7.8, 2.7.10.1; drivers/vhost/vhost.c vhost_update_avail_event()",
        "Without EVENT_IDX, and while no back end is attached, avail_event is not written.");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Rule> All { get; } =
    [
        HeadInRange, NextInRange, NoLoop, Mapped, Permitted, ReadableFirst, SegmentLimit, IndirectLength, IndirectEnds, IndirectNested,
        UsedIndex, CallMissing, CallSpurious, CallBound, KickWanted, KickWindow, OwnFlags, OwnEvent,
    ];
}
