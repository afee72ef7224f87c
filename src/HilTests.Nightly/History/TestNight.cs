using HilTests.Nightly.Nights;

namespace HilTests.Nightly.History;

/// <summary>What a test did in one night.</summary>
/// <param name="Run">The night's number.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Origin">What was tested.</param>
/// <param name="Seen">How often a failure was seen when repeated.</param>
/// <param name="Runs">In how many runs; 0 where it was not repeated.</param>
/// <param name="Known">Why a failure does not count; null where it does.</param>
/// <param name="Reason">One line.</param>
/// <param name="Finding">Its finding's number in the history; null where there is none.</param>
public sealed record TestNight(int Run, Status Status, ShardOrigin Origin, int Seen = 0, int Runs = 0, string? Known = null, string? Reason = null, long? Finding = null)
{
    /// <summary>Whether it says something about the kernel: what infrastructure spoilt does not.</summary>
    public bool Speaks => Status is Status.Pass or Status.Fail;

    public bool Failed => Status == Status.Fail;
}

/// <summary>A test of a series, with its nights, newest first.</summary>
public sealed record TestHistory(long Test, string Kernel, string Device, string Series, string Owner, TestKind Kind, string Name, IReadOnlyList<TestNight> Nights);
