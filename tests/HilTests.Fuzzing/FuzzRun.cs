using System.Diagnostics;

namespace HilTests.Fuzzing;

/// <summary>A message that made a target fail.</summary>
/// <param name="Target">which</param>
/// <param name="Number">the message's number</param>
/// <param name="Message">its bytes</param>
/// <param name="Error">what went wrong</param>
public sealed record FuzzFailure(string Target, long Number, byte[] Message, Exception Error);

/// <summary>What feeding one target came to.</summary>
/// <param name="Target">which</param>
/// <param name="Messages">how many were fed</param>
/// <param name="Time">how long it took</param>
/// <param name="Slowest">the time of the message that took longest, and its number</param>
/// <param name="Largest">the most bytes allocated on the way for one message, and its number</param>
public sealed record FuzzReport(string Target, long Messages, TimeSpan Time, (TimeSpan Time, long Number) Slowest, (long Bytes, long Number) Largest);

/// <summary>Feeds mutated messages to a target.</summary>
public sealed class FuzzRun(ulong seed)
{
    /// <summary>No message of at most 64 KiB may take longer, even when others use the machine.</summary>
    private static readonly TimeSpan LongestTime = TimeSpan.FromSeconds(20);

    /// <summary>Bytes that may be allocated on the way for one message of at most 64 KiB.</summary>
    private const long MostBytes = 1L << 30;

    /// <summary>Told of each failure; the run goes on.</summary>
    public Action<FuzzFailure> OnFailure { get; init; } = failure => throw new FuzzException($"message {failure.Number} of {failure.Target}: {failure.Error.Message}", failure.Error);

    /// <summary>Feeds the messages numbered from <paramref name="first"/> on.</summary>
    public FuzzReport Run(FuzzTarget target, long first, long count)
    {
        var mutation = new Mutation(target);
        var begin = Stopwatch.GetTimestamp();
        (TimeSpan Time, long Number) slowest = default;
        (long Bytes, long Number) largest = default;
        for (var number = first; number < first + count; number++)
        {
            var message = mutation.Make(seed, number);
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            var error = Feed(target, message);
            var time = Stopwatch.GetElapsedTime(start);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            if (time > slowest.Time) slowest = (time, number);
            if (allocated > largest.Bytes) largest = (allocated, number);
            if (error is null && time > LongestTime) error = new FuzzException($"it took {time.TotalSeconds:0.0} s");
            if (error is null && allocated > MostBytes) error = new FuzzException($"{allocated} bytes were allocated for it");
            if (error is not null) OnFailure(new FuzzFailure(target.Name, number, message, error));
        }
        return new FuzzReport(target.Name, count, Stopwatch.GetElapsedTime(begin), slowest, largest);
    }

    private static Exception? Feed(FuzzTarget target, byte[] message)
    {
        try
        {
            target.Feed(message);
            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return e;
        }
    }
}
