namespace HilTests.Core.Kernel;

/// <summary>A span of kernel ticks. One tick is 1/HZ seconds; HZ is the kernel's, never assumed.</summary>
public readonly record struct Jiffies(long Count) : IComparable<Jiffies>
{
    /// <summary>
    /// Milliseconds as the kernel's <c>jiffies_to_msecs()</c> gives them (kernel/time/time.c): exact where HZ divides
    /// 1000, else rounded up.
    /// </summary>
    /// <param name="hz">ticks a second, 1 to 1000</param>
    public long ToMilliseconds(int hz) => 1000 % hz == 0 ? Count * (1000 / hz) : ((Count * 1000) + hz - 1) / hz;

    /// <summary>The fewest ticks that can pass in this much time (not negative): the ticks wholly inside it.</summary>
    public static Jiffies AtLeast(TimeSpan time, int hz) => new((long)((Int128)time.Ticks * hz / TimeSpan.TicksPerSecond));

    /// <summary>The most ticks that can pass in this much time.</summary>
    public static Jiffies AtMost(TimeSpan time, int hz) =>
        new((long)((((Int128)time.Ticks * hz) + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond));

    public static Jiffies operator +(Jiffies a, Jiffies b) => new(a.Count + b.Count);

    public static Jiffies operator -(Jiffies a, Jiffies b) => new(a.Count - b.Count);

    public static bool operator <(Jiffies a, Jiffies b) => a.Count < b.Count;

    public static bool operator >(Jiffies a, Jiffies b) => a.Count > b.Count;

    public static bool operator <=(Jiffies a, Jiffies b) => a.Count <= b.Count;

    public static bool operator >=(Jiffies a, Jiffies b) => a.Count >= b.Count;

    /// <inheritdoc/>
    public int CompareTo(Jiffies other) => Count.CompareTo(other.Count);
}
