using HilTests.Core.Judging;
using HilTests.Core.Programs;
using HilTests.Models;

namespace HilTests.DeviceTests.Fixtures;

/// <summary>Runs a device's suite on a machine and judges it.</summary>
public static class SuiteRuns
{
    /// <summary>How many generated programs are run beside the hand-written ones.</summary>
    public static int Generated(string device) => device == "f2fs" ? 4 : 60;

    /// <summary>
    /// Every verdict of the suite, in order; null for a program about something that the kernel lacks. Stops behind a
    /// trace that was cut.
    /// </summary>
    public static async Task<IReadOnlyList<(Program Program, Judgement? Judgement)>> JudgeAsync(
        this LabMachine lab, DeviceSuite suite, IReadOnlyList<Program> programs, CancellationToken cancellation)
    {
        var results = new List<(Program, Judgement?)>();
        await foreach (var trace in lab.RunAsync(programs, cancellation))
            results.Add((trace.Program, suite.Model.Lacks(trace.Profile, trace.Program) is null ? Judge.Decide(trace, suite.Model) : null));
        return results;
    }
}
