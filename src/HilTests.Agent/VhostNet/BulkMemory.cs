using HilTests.Agent.Execution;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Values;
using HilTests.Uapi;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.VhostNet;

/// <summary>Writes and reads many descriptors and frames of the arena at once.</summary>
internal static class BulkMemory
{
    private const int DescriptorBytes = 16;

    /// <summary>One descriptor at an offset.</summary>
    public static void Write(MappedMemory arena, long at, ulong address, uint length, DescriptorFlags flags, ushort next) =>
        arena.Ref<vring_desc>(Inside(at, DescriptorBytes)) = new vring_desc { addr = address, len = length, flags = Encode(flags), next = next };

    public static void Write(MappedMemory arena, WriteDescs step)
    {
        for (var i = 0; i < step.Count; i++)
        {
            var chained = step.Chain && i < step.Count - 1;
            Write(arena, step.Table + ((long)DescriptorBytes * (step.First + i)), step.Addr + ((ulong)i * (ulong)step.Stride), step.Len,
                chained ? step.Flags | DescriptorFlags.Next : step.Flags, (ushort)(chained ? step.First + i + 1 : 0));
        }
    }

    public static void Write(MappedMemory arena, WriteFrames step)
    {
        for (var i = 0; i < step.Count; i++)
            FrameContent.Make(step.Length, step.Seed + (ulong)i).CopyTo(arena.Bytes(Inside(step.At + ((long)i * step.Stride), step.Length), step.Length));
    }

    public static Value Read(MappedMemory arena, ReadFrames step) => Value.List(Enumerable.Range(0, step.Count)
        .Select(i => ContentValue.Of(arena.Bytes(Inside(step.At + ((long)i * step.Stride), step.Length), step.Length))));

    /// <summary>The offset, where the stretch lies inside the arena.</summary>
    /// <exception cref="AgentFailureException">where it does not</exception>
    public static int Inside(long at, int length) => at >= 0 && at + length <= VhostNetArena.Size
        ? (int)at
        : throw new AgentFailureException($"0x{at:x}+{length} lies outside the arena of 0x{VhostNetArena.Size:x} bytes");

    private static ushort Encode(DescriptorFlags flags) => (ushort)(
        (flags.HasFlag(DescriptorFlags.Next) ? virtio_ring_h.VRING_DESC_F_NEXT : 0)
        | (flags.HasFlag(DescriptorFlags.Write) ? virtio_ring_h.VRING_DESC_F_WRITE : 0)
        | (flags.HasFlag(DescriptorFlags.Indirect) ? virtio_ring_h.VRING_DESC_F_INDIRECT : 0));
}
