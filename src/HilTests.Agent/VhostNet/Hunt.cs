using HilTests.Core;

namespace HilTests.Agent.VhostNet;

/// <summary>
/// A pause that moves to the point in time at which the other side changes its mind: longer where it was found to be too
/// short, shorter where too long, with some spread around it. Counted in looks at the device, for no clock is as fine.
/// </summary>
internal sealed class Hunt(Seed seed, Action look)
{
    private const int Longest = 20_000;
    private const int First = 64;
    private const int Spread = 8;
    private const int Pace = 12;

    private int _length = First;

    /// <summary>Pauses for about the length found so far.</summary>
    public void Pause()
    {
        var spread = _length / Spread;
        for (var looks = _length + seed.Between(-spread, spread); looks > 0; looks--) look();
    }

    /// <summary>Says how the pause was.</summary>
    public void Adjust(bool tooLong) =>
        _length = Math.Clamp(tooLong ? _length - 1 - (_length / Pace) : _length + 1 + (_length / Pace), 0, Longest);
}
