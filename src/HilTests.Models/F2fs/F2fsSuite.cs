using HilTests.Core.Devices.F2fs;
using HilTests.Core.Programs;
using HilTests.Models.F2fs.Programs;

namespace HilTests.Models.F2fs;

/// <summary>f2fs: its model and its programs.</summary>
public static class F2fsSuite
{
    public static DeviceSuite Instance { get; } = new(new F2fsModel(), [.. InTurns([.. F2fsPrograms.All, .. F2fsChargePrograms.All, .. F2fsSpacePrograms.All, .. F2fsDiskPrograms.All, .. F2fsOtherDiskPrograms.All, .. F2fsPausedPrograms.All, .. F2fsAftermathPrograms.All])], F2fsGenerator.Generate, ["f2fs"]);

    /// <summary>One program that lets time pass, then one that does not, so that a run cut short has seen some of each.</summary>
    private static IEnumerable<Program> InTurns(IReadOnlyList<Program> programs) =>
        programs.GroupBy(p => p.Steps.Any(s => s is PassStep)).SelectMany(g => g.Select((p, place) => (Program: p, Place: place))).OrderBy(p => p.Place).Select(p => p.Program);
}
