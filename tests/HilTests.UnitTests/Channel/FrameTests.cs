using FsCheck;
using FsCheck.Fluent;
using HilTests.Core.Channel;

namespace HilTests.UnitTests.Channel;

[TestFixture]
public sealed class FrameTests
{
    [FsCheck.NUnit.Property]
    public bool Any_frames_come_back_as_they_were_written((byte Kind, uint Id, byte[] Payload)[] raw)
    {
        Frame[] frames = [.. raw.Select(r => new Frame((FrameKind)(1 + (r.Kind % 14)), r.Id, r.Payload ?? []))];
        using var stream = new TricklingStream();
        using var writer = new FrameWriter(stream);
        foreach (var frame in frames)
            writer.Write(frame);
        stream.Position = 0;
        var reader = new FrameReader(stream);
        bool same = frames.All(expected => reader.Read() is { } read && Same(expected, read));
        return same && reader.Read() is null;
    }

    [FsCheck.NUnit.Property]
    public bool A_stream_cut_anywhere_inside_a_frame_is_named_truncated(byte[] payload, ushort cut)
    {
        byte[] bytes = Bytes(new Frame(FrameKind.Trace, 7, payload ?? []));
        int keep = cut % bytes.Length;
        var reader = new FrameReader(new MemoryStream(bytes[..keep]));
        if (keep == 0)
            return reader.Read() is null;
        var error = Assert.Throws<ChannelException>(() => reader.Read());
        return error.Message.Contains("the stream ended inside") && error.Message.Contains("expected");
    }

    [FsCheck.NUnit.Property]
    public bool Text_comes_back(NonNull<string> text)
    {
        // A lone surrogate is no text; the wire refuses it.
        string clean = new([.. text.Get.Where(c => !char.IsSurrogate(c))]);
        return Frame.OfText(FrameKind.Run, 1, clean).Text == clean;
    }

    [Test]
    public async Task A_payload_larger_than_one_piece_comes_back_sync_and_async()
    {
        byte[] payload = new byte[(3 << 20) + 17];
        new Random(1).NextBytes(payload);
        byte[] bytes = Bytes(new Frame(FrameKind.Bulk, 3, payload));
        var sync = new FrameReader(new MemoryStream(bytes)).Read();
        var async = await new FrameReader(new MemoryStream(bytes)).ReadAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(sync!.Value.Payload.ToArray(), Is.EqualTo(payload));
            Assert.That(async!.Value.Payload.ToArray(), Is.EqualTo(payload));
        }
    }

    [TestCase(0, 0x04000001u, "67108865 bytes, expected at most 67108864")]
    [TestCase(4, 0u, "frame kind 0, expected 1 to 14")]
    [TestCase(4, 15u, "frame kind 15, expected 1 to 14")]
    [TestCase(5, 2u, "protocol version 2, expected 1")]
    [TestCase(6, 0x100u, "reserved field 0x0100, expected 0")]
    public void A_bad_header_is_refused_with_what_was_read_and_expected(int offset, uint value, string message)
    {
        byte[] bytes = Bytes(Frame.Empty(FrameKind.Ping, 1));
        int width = offset == 0 ? 4 : offset == 6 ? 2 : 1;
        for (int i = 0; i < width; i++)
            bytes[offset + i] = (byte)(value >> (8 * i));
        Assert.That(() => new FrameReader(new MemoryStream(bytes)).Read(),
            Throws.TypeOf<ChannelException>().With.Message.Contains(message));
    }

    [Test]
    public void A_wrong_length_field_does_not_make_the_reader_allocate_all_of_it()
    {
        byte[] bytes = Bytes(Frame.Empty(FrameKind.Bulk, 1));
        BitConverter.TryWriteBytes(bytes, Frame.MaxPayloadBytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => new FrameReader(new MemoryStream(bytes)).Read(), Throws.TypeOf<ChannelException>());
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(8 << 20));
    }

    [Test]
    public void An_oversized_payload_is_refused_before_anything_is_written()
    {
        using var stream = new MemoryStream();
        using var writer = new FrameWriter(stream);
        Assert.That(() => writer.Write(new Frame(FrameKind.Bulk, 9, new byte[Frame.MaxPayloadBytes + 1])),
            Throws.TypeOf<ChannelException>().With.Message.Contains("request 9"));
        Assert.That(stream.Length, Is.Zero);
    }

    [Test]
    public void A_payload_that_is_no_text_says_so() =>
        Assert.That(() => new Frame(FrameKind.Run, 1, new byte[] { 0xff, 0xfe }).Text,
            Throws.TypeOf<ChannelException>().With.Message.Contains("must hold UTF-8"));

    [Test]
    public void The_wire_format_is_what_is_written_down()
    {
        byte[] bytes = Bytes(new Frame(FrameKind.Run, 0x01020304, new byte[] { 0xaa, 0xbb }));
        Assert.That(Convert.ToHexStringLower(bytes), Is.EqualTo("02000000" + "04" + "01" + "0000" + "04030201" + "aabb"));
    }

    private static bool Same(Frame a, Frame b) =>
        a.Kind == b.Kind && a.RequestId == b.RequestId && a.Payload.Span.SequenceEqual(b.Payload.Span);

    private static byte[] Bytes(Frame frame)
    {
        using var stream = new MemoryStream();
        using var writer = new FrameWriter(stream);
        writer.Write(frame);
        return stream.ToArray();
    }

    /// <summary>Gives one byte a read, as a pipe may.</summary>
    private sealed class TricklingStream : MemoryStream
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(1, buffer.Length)]);
    }
}
