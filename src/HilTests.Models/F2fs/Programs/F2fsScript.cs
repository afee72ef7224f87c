using HilTests.Core.Programs;

namespace HilTests.Models.F2fs.Programs;

/// <summary>Hand-written programs as text.</summary>
internal static class F2fsScript
{
    /// <summary>A disk on a loop device, formatted, traced and mounted; discards are left to FITRIM.</summary>
    public const string Loop = "disk kind=loop mib=56\nmkfs\ntrace-start\nmount options=\"nodiscard,background_gc=off\"\n";

    /// <summary>The same on a null_blk that takes its time.</summary>
    public static string Slow(int microseconds) =>
        $"disk kind=null-blk mib=56 latency-us={microseconds}\nmkfs\ntrace-start\nmount options=\"nodiscard,background_gc=off\"\n";

    /// <summary>The program of these steps, one a line, with what they need and what else it is about.</summary>
    public static Program Make(string name, string about, string steps, params IEnumerable<string> needs)
    {
        var program = ProgramText.Parse($"hil-program 1\nname {name}\ndevice f2fs\n{steps}");
        return program with { About = about, Needs = [.. F2fsNeeds.Of(program.Steps), .. needs] };
    }
}
