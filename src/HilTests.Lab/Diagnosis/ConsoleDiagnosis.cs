using System.Collections.Immutable;

namespace HilTests.Lab.Diagnosis;

/// <summary>What a console says about how its kernel fared.</summary>
/// <param name="Reports">Every report, in order.</param>
public sealed record ConsoleDiagnosis(ImmutableArray<KernelReport> Reports)
{
    /// <summary>Reads a console.</summary>
    public static ConsoleDiagnosis Of(string console) => new(ConsoleParser.Parse(console));

    /// <summary>
    /// Reads what a console says about the program that ran last: what stands behind the newest mark of the agent.
    /// </summary>
    public static ConsoleDiagnosis OfLastProgram(string console)
    {
        int mark = Math.Max(console.LastIndexOf("logged the lines above", StringComparison.Ordinal),
            console.LastIndexOf("hil-agent: programs begin", StringComparison.Ordinal));
        return Of(mark < 0 ? console : console[mark..]);
    }

    /// <summary>
    /// The report that the others follow from: the first that is about the kernel itself, else the first at all. A
    /// warning before an oops is the cause of it as far as anybody can tell from a console.
    /// </summary>
    public KernelReport? Cause => Reports.FirstOrDefault(r => r.Kind.IsComplaint()) ?? Reports.FirstOrDefault(r => r.Kind.IsAboutTime()) ?? Reports.FirstOrDefault();

    /// <summary>The reports by which the kernel says that it is wrong, each title once.</summary>
    public IEnumerable<KernelReport> Complaints => Reports.Where(r => r.Kind.IsComplaint()).DistinctBy(r => r.Title);

    /// <summary>The title of the cause; null where there is no report.</summary>
    public static string? Title(string console) => Of(console).Cause?.Title;

    /// <summary>True for the line with which the agent, as first process, gives up.</summary>
    public static bool IsAgentFailure(string line) => line.Contains("hil-agent: fatal:", StringComparison.Ordinal);

    /// <summary>True for the line with which a kernel says that it panicked.</summary>
    public static bool IsPanic(string line) => line.Contains("Kernel panic - not syncing", StringComparison.Ordinal);

    /// <summary>
    /// For the line with which a kernel says that something stands still: for how long it has, at least. A line that says
    /// no time is printed after the time the image sets (base.list). Null for every other line.
    /// </summary>
    public static TimeSpan? StallIn(string line)
    {
        foreach (var record in ConsoleRecord.Split(line))
        {
            if (ReportSign.In(record.Text) is { } sign && sign.Kind.IsAboutTime())
                return sign.Lasted ?? TimeSpan.FromSeconds(sign.Kind is ReportKind.RcuStall ? 4 : 2);
        }
        return null;
    }
}
