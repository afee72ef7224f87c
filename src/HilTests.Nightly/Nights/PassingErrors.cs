using Polly;
using Polly.Retry;

namespace HilTests.Nightly.Nights;

/// <summary>
/// Errors of files that may be gone in a moment: too many open files, a full disk, a server of files that is away, a right that is missing. They are tried
/// again for a quarter of a minute, and then told; what the file holds is not judged by them.
/// </summary>
internal static class PassingErrors
{
    private const int Retries = 6;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.25);

    /// <summary>Does something to a file, again while it fails in such a way.</summary>
    /// <param name="time">The clock to wait by.</param>
    /// <param name="what">What is done; its own errors are thrown where they last.</param>
    public static T Outlast<T>(TimeProvider time, Func<T> what) => new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(new RetryStrategyOptions
    {
        ShouldHandle = new PredicateBuilder().Handle<Exception>(IsPassing),
        MaxRetryAttempts = Retries,
        BackoffType = DelayBackoffType.Exponential,
        Delay = First,
    }).Build().Execute(what);

    /// <summary>Whether it is about reaching the file, and not about its being there.</summary>
    public static bool IsPassing(Exception e) => e is UnauthorizedAccessException or IOException and not (FileNotFoundException or DirectoryNotFoundException);
}
