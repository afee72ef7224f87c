using System.Globalization;
using HilTests.Lab.Machines;

namespace HilTests.Benchmarks.Boot;

/// <summary>
/// From the start of QEMU to the agent's hello, beside a bare boot: the same kernel, the same QEMU, an image that
/// holds one static program which says one line on the console. Both kinds take turns, so that a busy host is
/// unfair to neither. Goal: at most 1.15 times the bare boot.
/// </summary>
internal static class BootBenchmark
{
    private const double Goal = 1.15;

    public static async Task<int> RunAsync(string[] arguments)
    {
        int repetitions = arguments is [var count] && int.TryParse(count, out int n) && n > 0 ? n : 7;
        var options = new MachineOptions { Accelerator = AcceleratorChoice.Tcg };
        // Builds what has to be built, and warms the host's page cache.
        await using (await QemuMachine.BootAsync(options with { Progress = Console.Error.WriteLine }, CancellationToken.None))
        {
        }
        using var bare = await BareBoot.PrepareAsync(options);
        var ours = new List<double>();
        var theirs = new List<double>();
        for (int i = 0; i < repetitions; i++)
        {
            theirs.Add((await bare.RunAsync()).TotalSeconds);
            await using var machine = await QemuMachine.BootAsync(options, CancellationToken.None);
            ours.Add(machine.Facts.BootTime.TotalSeconds);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {i + 1}: bare {theirs[^1]:0.00} s, to hello {ours[^1]:0.00} s"));
        }
        double ratio = ours.Median() / theirs.Median();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"bare boot to one line  median {theirs.Median():0.00} s ({theirs.Min():0.00} to {theirs.Max():0.00})"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"boot to agent's hello  median {ours.Median():0.00} s ({ours.Min():0.00} to {ours.Max():0.00})"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ratio {ratio:0.00}, goal at most {Goal:0.00}: {(ratio <= Goal ? "reached" : "missed")}"));
        return ratio <= Goal ? 0 : 1;
    }
}
