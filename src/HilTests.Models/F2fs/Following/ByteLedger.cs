using HilTests.Core.Devices.F2fs;

namespace HilTests.Models.F2fs.Following;

/// <summary>
/// Bounds of the byte counters. A block counts some time after its event: on the thread that wrote it, in the next
/// call of the update function; it surely has when that thread shows up again after that call was entered.
/// </summary>
internal sealed class ByteLedger
{
    private readonly long[] _low = new long[IostatText.Count];
    private readonly long[] _high = new long[IostatText.Count];
    private readonly Dictionary<int, long[]> _announced = [];
    private readonly Dictionary<int, long[]> _entered = [];

    public ByteLedger()
    {
    }

    public ByteLedger(ByteLedger other)
    {
        other._low.CopyTo(_low, 0);
        other._high.CopyTo(_high, 0);
        foreach (var (pid, amounts) in other._announced) _announced[pid] = [.. amounts];
        foreach (var (pid, amounts) in other._entered) _entered[pid] = [.. amounts];
    }

    /// <summary>All counters are zero again.</summary>
    public void Clear()
    {
        Array.Clear(_low);
        Array.Clear(_high);
        _announced.Clear();
        _entered.Clear();
    }

    /// <summary>These bytes will be counted by the thread's next update.</summary>
    public void Announce(int pid, ByteCounter counter, long bytes, bool sure)
    {
        Settle(pid);
        _high[(int)counter] += bytes;
        if (sure) Amounts(_announced, pid)[(int)counter] += bytes;
    }

    /// <summary>These bytes are being counted: surely the first number, at most the second, when <see cref="Finish"/> is told.</summary>
    public void Begin(ByteCounter counter, long high)
    {
        _high[(int)counter] += high;
        if (TotalOf(counter) is { } total) _high[(int)total] += high;
    }

    /// <inheritdoc cref="Begin"/>
    public void Finish(ByteCounter counter, long low)
    {
        _low[(int)counter] += low;
        if (TotalOf(counter) is { } total) _low[(int)total] += low;
    }

    /// <summary>The total that a counter of the application is part of; null for the others.</summary>
    public static ByteCounter? TotalOf(ByteCounter counter) => counter switch
    {
        ByteCounter.AppBufferedWrite or ByteCounter.AppDirectWrite => ByteCounter.AppWrite,
        ByteCounter.AppBufferedRead or ByteCounter.AppDirectRead => ByteCounter.AppRead,
        _ => null,
    };

    /// <summary>Bytes that were counted somewhere before now.</summary>
    public void Add(ByteCounter counter, long bytes, bool sure)
    {
        _high[(int)counter] += bytes;
        if (sure) _low[(int)counter] += bytes;
    }

    /// <summary>The thread enters the update function.</summary>
    public void Enter(int pid)
    {
        Settle(pid);
        if (_announced.Remove(pid, out var amounts)) _entered[pid] = amounts;
    }

    /// <summary>The thread shows up again: what it had entered is counted.</summary>
    public void Settle(int pid)
    {
        if (!_entered.Remove(pid, out var amounts)) return;
        for (var i = 0; i < amounts.Length; i++) _low[i] += amounts[i];
    }

    /// <summary>The thread is through with a step: all it announced is counted.</summary>
    public void SettleAll(int pid)
    {
        Settle(pid);
        Enter(pid);
        Settle(pid);
    }

    /// <summary>The bounds now, as seen by that thread from inside an update.</summary>
    public (long[] Low, long[] High) Bounds(int pid)
    {
        var low = _low.ToArray();
        if (_entered.TryGetValue(pid, out var amounts))
            for (var i = 0; i < amounts.Length; i++) low[i] += amounts[i];
        return (low, [.. _high]);
    }

    /// <summary>Bounds of how the counters grew between two moments.</summary>
    public static (long[] Low, long[] High) Difference((long[] Low, long[] High) now, (long[] Low, long[] High)? before)
    {
        var low = new long[now.Low.Length];
        var high = new long[now.Low.Length];
        for (var i = 0; i < low.Length; i++)
        {
            low[i] = Math.Max(0, now.Low[i] - (before?.High[i] ?? 0));
            high[i] = now.High[i] - (before?.Low[i] ?? 0);
        }
        return (low, high);
    }

    private static long[] Amounts(Dictionary<int, long[]> table, int pid)
    {
        if (!table.TryGetValue(pid, out var amounts)) table[pid] = amounts = new long[IostatText.Count];
        return amounts;
    }
}
