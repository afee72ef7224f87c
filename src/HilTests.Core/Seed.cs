namespace HilTests.Core;

/// <summary>
/// A repeatable source of choices: the same seed gives the same choices on every machine and .NET version
/// (SplitMix64: Steele, Lea, Flood, OOPSLA 2014).
/// </summary>
public sealed class Seed(ulong value)
{
    private ulong _state = value;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        var z = _state += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 to <paramref name="count"/> - 1.</summary>
    public int Below(int count) => (int)(((UInt128)Next() * (uint)count) >> 64);

    /// <summary>A number from <paramref name="lowest"/> to <paramref name="highest"/>, both included.</summary>
    public int Between(int lowest, int highest) => lowest + Below(highest - lowest + 1);

    /// <summary>True once in <paramref name="of"/> times.</summary>
    public bool OneIn(int of) => Below(of) == 0;

    /// <summary>One of the items.</summary>
    public T Pick<T>(params ReadOnlySpan<T> items) => items[Below(items.Length)];

    /// <summary>An independent source for part <paramref name="index"/> of the work.</summary>
    public Seed Fork(ulong index) => new(Next() ^ (index * 0xd1342543de82ef95));
}
