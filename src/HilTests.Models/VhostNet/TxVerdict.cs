using System.Buffers.Binary;
using HilTests.Core.Devices.VhostNet;

namespace HilTests.Models.VhostNet;

/// <summary>What becomes of a TX chain that could be walked and is not empty.</summary>
internal enum TxFate
{
    /// <summary>Used, and its frame leaves.</summary>
    Sent,

    /// <summary>Used, and its frame does not leave: a batch does not say what became of each.</summary>
    Swallowed,

    /// <summary>Used, and its frame does not leave: the socket said so.</summary>
    Refused,

    /// <summary>Left where it is and tried again and again.</summary>
    Retried,

    /// <summary>In a batch that failed: complained of and consumed, and never used or used all the same.</summary>
    LostInBatch,

    /// <summary>The model cannot say.</summary>
    Unknown,
}

/// <summary>
/// What vhost-net and its back end make of the bytes of a TX chain; drivers/vhost/net.c handle_tx_copy(),
/// vhost_net_build_xdp(), drivers/net/tun.c tun_get_user(), tun_xdp_one(), drivers/net/tap.c tap_get_user(),
/// include/linux/virtio_net.h virtio_net_hdr_to_skb(), net/packet/af_packet.c packet_snd().
/// </summary>
/// <param name="Fate">what becomes of it</param>
/// <param name="Frame">the frame that leaves</param>
/// <param name="Why">why the model cannot say</param>
internal readonly record struct TxVerdict(TxFate Fate, byte[]? Frame = null, string? Why = null)
{
    private const int HeaderRead = 10;
    private const int LargestFrame = 65535;

    private const byte NeedsChecksum = 1;
    private const byte EcnBit = 0x80;

    /// <summary>Segmentation types that some kernels know: TCPv4, UDP, TCPv6, UDP_L4, and the bits of UDP tunnels.</summary>
    private static readonly byte[] Segmentations = [1, 3, 4, 5];

    private const byte TunnelBits = 0x60;

    /// <summary>Handed over in another way it would meet another end.</summary>
    public bool IsOpen { get; init; }

    private static TxVerdict Swallowed { get; } = new(TxFate.Swallowed);

    private static TxVerdict Refused { get; } = new(TxFate.Refused);

    /// <summary>Judges the readable bytes of a chain.</summary>
    public static TxVerdict Of(VhostNetState state, BackendState backend, byte[] bytes, Manner manner)
    {
        var payload = bytes[state.VhostHeader..];
        if (backend.Kind == BackendKind.Packet) return ToPacketSocket(payload);
        var single = Single(backend, payload);
        if (!MayBatch(state, backend) || payload.Length >= Manner.SurelySingle) return single;
        var batched = Batched(backend, payload, state.SocketHeader);
        if (batched.Fate == TxFate.Unknown || single.Fate == TxFate.Unknown) return batched;
        if (single.Fate == batched.Fate && single.Frame.AsSpan().SequenceEqual(batched.Frame)) return single;
        return (payload.Length <= manner.LongestInBatch ? batched : single) with { IsOpen = true };
    }

    /// <summary>Whether the back end takes batches: a tap or macvtap with an unlimited send buffer, not zero-copy.</summary>
    public static bool MayBatch(VhostNetState state, BackendState backend) =>
        backend.Kind != BackendKind.Packet && !state.ZeroCopy && backend.Out.SendBuffer == 0;

    private static TxVerdict Unknown(string why) => new(TxFate.Unknown, null, why);

    private static TxVerdict ToPacketSocket(byte[] payload) => payload.Length switch
    {
        < FrameContent.EthernetHeader => Refused,
        > LargestFrame => HasVlanTag(payload) ? Unknown("a VLAN tag may make room for four bytes more") : Refused,
        _ => new(TxFate.Sent, payload),
    };

    private static bool HasVlanTag(byte[] frame) => frame is [_, _, _, _, _, _, _, _, _, _, _, _, 0x81, 0x00, ..] or [_, _, _, _, _, _, _, _, _, _, _, _, 0x88, 0xa8, ..];

    /// <summary>Small frames to a tap whose send buffer has no limit are built by vhost-net itself.</summary>
    private static TxVerdict Batched(BackendState backend, byte[] payload, int socketHeader)
    {
        if (backend.Out.Gone) return new(TxFate.LostInBatch);
        if (socketHeader == 0) return Unknown("a tap that supplies no header, with an unlimited send buffer: old kernels look at a header that nobody wrote");
        if (payload.Length < socketHeader) return new(TxFate.Retried);
        var header = payload.AsSpan(0, HeaderRead);
        if (ChecksumEnd(header) is { } end && end > HeaderLength(header))
        {
            if (end > ushort.MaxValue) return Unknown("a checksum that ends beyond 65535 bytes is not modelled");
            if (end > payload.Length) return new(TxFate.Retried);
        }
        var frame = payload[socketHeader..];
        if (frame.Length < FrameContent.EthernetHeader) return Swallowed;
        if (backend is { Kind: BackendKind.Macvtap, Header: 0 }) return new(TxFate.Sent, frame);
        return Offloads(backend.Kind, header, frame.Length) switch
        {
            null => Unknown("a header that asks for segmentation is not modelled"),
            true => new(TxFate.Sent, frame),
            false => Swallowed,
        };
    }

    private static TxVerdict Single(BackendState backend, byte[] payload)
    {
        if (backend.Out.Gone || payload.Length < backend.Header) return Refused;
        var frame = payload[backend.Header..];
        if (frame.Length > LargestFrame) return Unknown("a frame over 65535 bytes to a tap is not modelled");
        if (backend.Header == 0) return frame.Length < FrameContent.EthernetHeader ? Refused : new(TxFate.Sent, frame);
        var header = payload.AsSpan(0, HeaderRead);
        var length = Math.Max(HeaderLength(header), ChecksumEnd(header) ?? 0);
        if (length > ushort.MaxValue) return Unknown("a checksum that ends beyond 65535 bytes is not modelled");
        if (length > frame.Length || frame.Length < FrameContent.EthernetHeader) return Refused;
        if (length is > 0 and < FrameContent.EthernetHeader && backend.Kind == BackendKind.Tap) return Refused;
        return Offloads(backend.Kind, header, frame.Length) switch
        {
            null => Unknown("a header that asks for segmentation is not modelled"),
            true => new(TxFate.Sent, frame),
            false => Refused,
        };
    }

    /// <summary>Where the checksum that the header asks for ends; null where it asks for none.</summary>
    private static int? ChecksumEnd(ReadOnlySpan<byte> header) => (header[0] & NeedsChecksum) == 0
        ? null
        : BinaryPrimitives.ReadUInt16LittleEndian(header[6..]) + BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) + 2;

    private static int HeaderLength(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt16LittleEndian(header[2..]);

    /// <summary>Whether the offloads that the header asks for can be; null where the model does not know.</summary>
    private static bool? Offloads(BackendKind kind, ReadOnlySpan<byte> header, int frame)
    {
        var type = header[1];
        if (type != 0)
        {
            if ((type & TunnelBits) != 0) return null;
            var isKnown = Segmentations.Contains((byte)(type & ~EcnBit));
            var hasSize = BinaryPrimitives.ReadUInt16LittleEndian(header[4..]) != 0;
            return isKnown && hasSize ? null : false;
        }
        if (ChecksumEnd(header) is not { } end) return true;
        if (end > frame) return false;
        return kind == BackendKind.Tap ? true : null;
    }
}
