using System.Diagnostics;
using HilTests.Lab;
using HilTests.Lab.Machines;

namespace HilTests.Benchmarks.Clones;

/// <summary>Many clones one after the other: how many fail, and what they leave behind.</summary>
internal static class CloneSeries
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(string[] arguments)
    {
        int count = arguments is ["--count", var given] && int.TryParse(given, out int n) && n > 0 ? n : 500;
        var options = new MachineOptions { Accelerator = AcceleratorChoice.Tcg, Start = MachineStart.Clone };
        await using (await QemuMachine.StartAsync(options with { Progress = Console.Error.WriteLine }, CancellationToken.None))
        {
        }
        var (pings, failures, processes) = (new List<double>(), new List<string>(), new List<int>());
        for (int i = 1; i <= count; i++)
        {
            try
            {
                await using var machine = await QemuMachine.StartAsync(options, CancellationToken.None);
                processes.Add(machine.ProcessId);
                pings.Add((machine.Facts.BootTime + await machine.PingAsync(CancellationToken.None)).TotalMilliseconds);
            }
            catch (Exception e) when (e is InfrastructureException or MachineLostException)
            {
                failures.Add($"clone {i}: {e.Message}");
            }
            if (i % 50 == 0)
                Console.Error.WriteLine($"  {i} of {count}, {failures.Count} failed");
        }
        long begin = Stopwatch.GetTimestamp();
        while ((Left(processes).Count > 0 || Folders().Length > 0) && Stopwatch.GetElapsedTime(begin) < Grace)
            await Task.Delay(50);
        foreach (string failure in failures)
            Console.WriteLine(failure);
        if (pings.Count > 0)
            Console.WriteLine(Medians.Line("clone: start of QEMU to answered ping", pings));
        Console.WriteLine($"{count} clones in a row: {failures.Count} failed; left behind: {Left(processes).Count} processes, {Folders().Length} folders");
        return failures.Count + Left(processes).Count + Folders().Length == 0 ? 0 : 1;
    }

    private static List<int> Left(List<int> processes) => [.. processes.Where(p =>
        File.Exists($"/proc/{p}/comm") && File.ReadAllText($"/proc/{p}/comm").StartsWith("qemu", StringComparison.Ordinal))];

    private static string[] Folders() => Directory.GetDirectories(Path.GetTempPath(), $"hil-{Environment.ProcessId}-*");
}
