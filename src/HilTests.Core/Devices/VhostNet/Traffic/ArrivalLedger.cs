namespace HilTests.Core.Devices.VhostNet.Traffic;

/// <summary>What became of a frame that arrived.</summary>
public enum Arrival
{
    /// <summary>The next one, whole.</summary>
    InOrder,

    /// <summary>Whole, but others before it are missing so far.</summary>
    Early,

    /// <summary>Whole, but behind one that was sent after it.</summary>
    Late,

    /// <summary>Whole, and not for the first time.</summary>
    Repeated,

    /// <summary>No frame that was sent, byte for byte.</summary>
    Corrupt,
}

/// <summary>Follows which frames of some traffic arrived: each is to come once, whole, in order.</summary>
/// <param name="content">the frames</param>
/// <param name="frames">how many there are</param>
public sealed class ArrivalLedger(TrafficContent content, int frames)
{
    /// <summary>A frame too short to name its number is looked for among so many before and behind the one that is due.</summary>
    private const int Nearby = 256;

    private readonly ulong[] _seen = new ulong[(frames + 63) / 64];
    private long _due;

    /// <summary>Different whole frames that arrived.</summary>
    public int Arrived { get; private set; }

    /// <summary>Whole frames that came behind one sent after them.</summary>
    public int Reordered { get; private set; }

    /// <summary>Frames that came again.</summary>
    public int Repeated { get; private set; }

    /// <summary>Frames that nobody sent.</summary>
    public int Corrupt { get; private set; }

    /// <summary>The number of the frame that was noted last; -1 where that was corrupt.</summary>
    public long LastNumber { get; private set; } = -1;

    /// <summary>Notes a frame.</summary>
    public Arrival Note(ReadOnlySpan<byte> frame)
    {
        if (_due < frames && content.Is(_due, frame)) return Accept(_due, Arrival.InOrder);
        LastNumber = Find(frame);
        if (LastNumber < 0)
        {
            Corrupt++;
            return Arrival.Corrupt;
        }
        if (!HasSeen(LastNumber)) return Accept(LastNumber, LastNumber < _due ? Arrival.Late : Arrival.Early);
        Repeated++;
        return Arrival.Repeated;
    }

    private Arrival Accept(long number, Arrival arrival)
    {
        LastNumber = number;
        _seen[number / 64] |= 1UL << (int)(number % 64);
        Arrived++;
        if (arrival == Arrival.Late) Reordered++;
        else _due = number + 1;
        return arrival;
    }

    private bool HasSeen(long number) => (_seen[number / 64] & (1UL << (int)(number % 64))) != 0;

    private long Find(ReadOnlySpan<byte> frame)
    {
        var named = TrafficContent.NumberIn(frame);
        if (named >= 0) return named < frames && content.Is(named, frame) ? named : -1;
        for (var number = Math.Max(0, _due - Nearby); number < Math.Min(frames, _due + Nearby); number++)
            if (content.Is(number, frame)) return number;
        return -1;
    }
}
