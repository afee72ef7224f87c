using HilTests.Core;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Values;

namespace HilTests.UnitTests;

public sealed class ContentDigestTests
{
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(7)]
    [TestCase(8)]
    [TestCase(9)]
    [TestCase(64)]
    [TestCase(1514)]
    public void Every_flipped_bit_and_every_other_length_changes_it(int length)
    {
        var bytes = FrameContent.Make(length, 3);
        var whole = ContentDigest.Of(bytes);
        var flips = new HashSet<ulong> { whole };
        for (var bit = 0; bit < length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.That(flips.Add(ContentDigest.Of(bytes)), Is.True, $"bit {bit}");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        for (var more = 1; more <= 16; more++) Assert.That(ContentDigest.Of([.. bytes, .. new byte[more]]), Is.Not.EqualTo(whole), $"{more} zero bytes more");
        for (var less = 1; less <= Math.Min(16, length); less++) Assert.That(ContentDigest.Of(bytes.AsSpan(..^less)), Is.Not.EqualTo(whole), $"{less} bytes less");
    }

    [Test]
    public void Zeroes_of_different_length_differ() =>
        Assert.That(Enumerable.Range(0, 300).Select(n => ContentDigest.Of(new byte[n])).Distinct().Count(), Is.EqualTo(300));

    [FsCheck.NUnit.Property]
    public bool Equal_bytes_have_equal_digests(byte[] bytes) => ContentDigest.Of(bytes) == ContentDigest.Of([.. bytes]);

    [TestCase(128, true)]
    [TestCase(129, false)]
    public void Content_is_shown_whole_up_to_128_bytes(int length, bool whole) =>
        Assert.That(ContentValue.Of(FrameContent.Make(length, 1)) is BytesValue, Is.EqualTo(whole));

    [TestCase(40)]
    [TestCase(400)]
    public void A_swap_of_two_words_is_seen(int length)
    {
        var frame = FrameContent.Make(length, 1);
        byte[] swapped = [.. frame[8..16], .. frame[..8], .. frame[16..]];
        Assert.That(ContentValue.Of(swapped), Is.Not.EqualTo(ContentValue.Of(frame)));
    }

    [Test]
    public void A_frame_is_a_header_and_bytes_that_differ_by_seed()
    {
        var (one, same, other) = (FrameContent.Make(60, 1), FrameContent.Make(60, 1), FrameContent.Make(60, 2));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(one[..14], Is.EqualTo(new byte[] { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 }));
            Assert.That(same, Is.EqualTo(one));
            Assert.That(other[14..], Is.Not.EqualTo(one[14..]));
            Assert.That(FrameContent.Make(5, 9), Is.EqualTo(one[..5]));
        }
    }
}
