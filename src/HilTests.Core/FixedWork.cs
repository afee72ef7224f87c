using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace HilTests.Core;

/// <summary>
/// A fixed piece of work, done in a guest and on its host: the ratio of the times says how much slower the guest runs
/// plain code. Arithmetic and a table of 16 KiB: nothing of it leaves the processor, so exits to the emulator, devices
/// and waiting are not in it.
/// </summary>
public static class FixedWork
{
    /// <summary>Rounds that take a host of today about half a millisecond.</summary>
    public const int DefaultRounds = 200_000;

    /// <summary>The most a request may ask for: a second or two under an emulator.</summary>
    public const int MostRounds = 20_000_000;

    private const int TableWords = 2048;
    private const int Repeats = 3;

    /// <summary>What a host sends: <c>work=ROUNDS</c>.</summary>
    public static string Request(int rounds) => $"work={rounds}";

    /// <summary>Reads what <see cref="Request"/> wrote.</summary>
    public static bool TryParseRequest(string text, out int rounds)
    {
        rounds = 0;
        return text.StartsWith("work=", StringComparison.Ordinal) && int.TryParse(text.AsSpan(5), NumberStyles.None, null, out rounds);
    }

    /// <summary>What an agent answers: <c>work-ns=NANOSECONDS</c>.</summary>
    public static string Answer(TimeSpan time) => $"work-ns={(long)time.TotalNanoseconds}";

    /// <summary>Reads what <see cref="Answer"/> wrote; a time of 0 is none.</summary>
    public static bool TryParseAnswer(string text, out TimeSpan time)
    {
        time = TimeSpan.Zero;
        if (text.StartsWith("work-ns=", StringComparison.Ordinal) && long.TryParse(text.AsSpan(8), NumberStyles.None, null, out var number))
            time = TimeSpan.FromTicks(number / TimeSpan.NanosecondsPerTick);
        return time > TimeSpan.Zero;
    }

    /// <summary>Does the work three times.</summary>
    /// <returns>the shortest time, so that somebody else's turn on the processor does not count</returns>
    /// <exception cref="ArgumentOutOfRangeException">fewer rounds than 1, or more than <see cref="MostRounds"/></exception>
    public static TimeSpan Measure(int rounds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rounds, MostRounds);
        var table = new ulong[TableWords];
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < Repeats; i++)
        {
            var begin = Stopwatch.GetTimestamp();
            Do(rounds, table);
            var time = Stopwatch.GetElapsedTime(begin);
            if (time < best) best = time;
        }
        return best;
    }

    /// <summary>The work; each round depends on the one before.</summary>
    /// <returns>what came out, so that nothing can be left out</returns>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static ulong Do(int rounds, ulong[] table)
    {
        var state = 0x9e3779b97f4a7c15UL;
        for (var i = 0; i < rounds; i++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ref var word = ref table[state % TableWords];
            word += state;
            state += word * 3;
        }
        return state;
    }
}
