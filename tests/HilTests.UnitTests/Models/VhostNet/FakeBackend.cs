using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Values;

namespace HilTests.UnitTests.Models.VhostNet;

/// <summary>What a socket answers to a frame.</summary>
internal enum FakeAnswer
{
    Taken,
    Again,
    Invalid,
}

/// <summary>A buffer on loan to a frame.</summary>
internal sealed class FakeLoan(int head)
{
    public int Head { get; } = head;

    public bool IsBack { get; set; }

    public bool IsFailure { get; set; } = true;
}

/// <summary>A back end of the fake device: its socket, what lies behind it, and the plug there.</summary>
internal sealed class FakeBackend(MakeBackend made)
{
    private readonly List<(Value Frame, FakeLoan? Loan)> _held = [];
    private long _charged;

    public BackendKind Kind => made.Kind;

    public int Header => made.Header;

    public bool IsTap => Kind != BackendKind.Packet;

    public bool Limited => !IsTap || made.SendBuffer > 0;

    public Queue<byte[]> Incoming { get; } = new();

    public List<Value> Wire { get; } = [];

    public bool Usable => Kind is BackendKind.Tap or BackendKind.Packet or BackendKind.Macvtap;

    public bool Plugged { get; set; }

    public bool UnplugsDuringNext { get; set; }

    public bool Gone { get; set; }

    /// <summary>sock_writeable().</summary>
    public bool HasSpace => _charged < Room / 2;

    private long Room => (IsTap, made.SendBuffer) switch
    {
        (true, 0) => long.MaxValue,
        (true, var bytes) => bytes,
        (false, 0) => 212_992,
        (false, var bytes) => Math.Max(2 * bytes, 4608),
    };

    /// <summary>sendmsg() of a tap, macvtap or packet socket.</summary>
    public FakeAnswer Take(byte[] payload, FakeLoan? loan = null)
    {
        if (Gone) return FakeAnswer.Invalid;
        var frame = payload;
        var wants = 0;
        if (Header > 0)
        {
            if (payload.Length < Header) return FakeAnswer.Invalid;
            frame = payload[Header..];
            wants = BitConverter.ToUInt16(payload, 2);
            if ((payload[0] & 1) != 0) wants = Math.Max(wants, BitConverter.ToUInt16(payload, 6) + BitConverter.ToUInt16(payload, 8) + 2);
            if (wants > frame.Length || (Kind == BackendKind.Tap && wants is > 0 and < 14)) return FakeAnswer.Invalid;
        }
        if (frame.Length < 14 || frame.Length > 65535) return FakeAnswer.Invalid;
        if (_charged >= Room) return FakeAnswer.Again;
        if (Header > 0 && !Understands(payload, frame.Length)) return FakeAnswer.Invalid;
        Go(frame, loan);
        return FakeAnswer.Taken;
    }

    /// <summary>Whether offloads that a header asks for can be: no segmentation here has a size, or is known.</summary>
    public static bool Understands(byte[] header, int frame) =>
        header[1] == 0 && ((header[0] & 1) == 0 || BitConverter.ToUInt16(header, 6) + BitConverter.ToUInt16(header, 8) + 2 <= frame);

    /// <summary>A frame is on its way, or through.</summary>
    public void Go(byte[] frame, FakeLoan? loan)
    {
        var content = ContentValue.Of(frame);
        if (Plugged)
        {
            _held.Add((content, loan));
            _charged += System.Numerics.BitOperations.RoundUpToPowerOf2((uint)frame.Length + 384) + 256;
            return;
        }
        Wire.Add(content);
        loan?.IsBack = true;
    }

    public void Unplug()
    {
        foreach (var (frame, loan) in _held)
        {
            Wire.Add(frame);
            loan?.IsBack = true;
        }
        _held.Clear();
        (_charged, Plugged, UnplugsDuringNext) = (0, false, false);
    }

    /// <summary>Puts an arriving frame into a buffer that fits it; gives how many bytes the socket says it gave.</summary>
    public int Give(byte[] frame, int room, Action<int, byte> put)
    {
        var told = Header + frame.Length;
        for (var i = 0; Header > 0 && i < 10; i++) put(i, 0);
        for (var i = 0; i < frame.Length && Header + i < room; i++) put(Header + i, frame[i]);
        return told;
    }
}
