using HilTests.Fuzzing.Targets;

namespace HilTests.Fuzzing;

/// <summary>Everything that reads what a guest sends. A new reader adds its line here.</summary>
public static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new FrameTarget(), new ConnectionTarget(), new HelloTarget(), new ProfileTarget(), new TraceTarget(), new ReplyTarget(),
        new ConsoleTarget(), new MonitorTarget(), new ReportTarget(),
    ];

    /// <summary>How many of the messages each target gets.</summary>
    public static IEnumerable<(FuzzTarget Target, long Count)> Shares(long messages)
    {
        var sum = All.Sum(t => t.Share);
        return All.Select(t => (t, Math.Max(1, messages * t.Share / sum)));
    }
}
