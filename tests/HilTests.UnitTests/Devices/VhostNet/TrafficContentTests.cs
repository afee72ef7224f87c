using HilTests.Core.Devices.VhostNet.Traffic;

namespace HilTests.UnitTests.Devices.VhostNet;

public sealed class TrafficContentTests
{
    private const int Frames = 400;

    [TestCase(15, 15)]
    [TestCase(22, 22)]
    [TestCase(60, 1514)]
    [TestCase(15, 65535)]
    public void Frames_differ_keep_their_lengths_and_are_known_again(int smallest, int largest)
    {
        var content = new TrafficContent(7, smallest, largest);
        for (var number = 0; number < Frames; number++)
        {
            var frame = Frame(content, number);
            Assert.That(frame, Has.Length.InRange(smallest, largest));
            Assert.That(content.Is(number, frame), Is.True, $"frame {number}");
            if (frame.Length >= 22) Assert.That(TrafficContent.NumberIn(frame), Is.EqualTo(number));
            if (smallest > 15) Assert.That(content.Is(number + 1, frame), Is.False, $"frame {number} taken for the next");
        }
    }

    [TestCase(15)]
    [TestCase(64)]
    [TestCase(300)]
    public void Every_flipped_bit_is_seen(int length)
    {
        var content = new TrafficContent(3, length, length);
        var frame = Frame(content, 5);
        for (var bit = 0; bit < 8 * length; bit++)
        {
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.That(content.Is(5, frame), Is.False, $"bit {bit}");
            frame[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        Assert.That((content.Is(5, frame.AsSpan(..^1)), content.Is(5, [.. frame, 0])), Is.EqualTo((false, false)));
    }

    [Test]
    public void Another_seed_gives_other_frames() =>
        Assert.That(Frame(new TrafficContent(1, 200, 200), 0), Is.Not.EqualTo(Frame(new TrafficContent(2, 200, 200), 0)));

    [Test]
    public void What_arrives_is_told_apart()
    {
        var content = new TrafficContent(1, 64, 200);
        var ledger = new ArrivalLedger(content, 10);
        var damaged = Frame(content, 5);
        damaged[^1] ^= 1;
        Arrival[] told = [.. ((int[])[0, 1, 3, 2, 3]).Select(n => ledger.Note(Frame(content, n))), ledger.Note(damaged), ledger.Note(new byte[64]), ledger.Note(Frame(content, 4))];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(told, Is.EqualTo([Arrival.InOrder, Arrival.InOrder, Arrival.Early, Arrival.Late, Arrival.Repeated, Arrival.Corrupt, Arrival.Corrupt, Arrival.InOrder]));
            Assert.That((ledger.Arrived, ledger.Reordered, ledger.Repeated, ledger.Corrupt, ledger.LastNumber), Is.EqualTo((5, 1, 1, 2, 4L)));
        }
    }

    [Test]
    public void A_frame_too_short_for_its_number_is_found_all_the_same()
    {
        var content = new TrafficContent(1, 16, 18);
        var ledger = new ArrivalLedger(content, 100);
        for (var number = 0; number < 100; number++)
            if (number != 50) ledger.Note(Frame(content, number));
        Assert.That((ledger.Arrived, ledger.Corrupt, ledger.Repeated), Is.EqualTo((99, 0, 0)));
    }

    private static byte[] Frame(TrafficContent content, int number)
    {
        var frame = new byte[content.LengthOf(number)];
        content.Write(number, frame);
        return frame;
    }
}
