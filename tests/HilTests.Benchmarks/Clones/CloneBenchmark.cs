using System.Diagnostics;
using System.Globalization;
using HilTests.Benchmarks.Boot;
using HilTests.Benchmarks.Throughput;
using HilTests.Lab.Machines;
using HilTests.Lab.Processes;

namespace HilTests.Benchmarks.Clones;

/// <summary>
/// From the start of QEMU's process to an answered ping, and on to the verdict of a first short program: clones, and
/// beside them the other ways to a machine. They take turns, so that a busy host is unfair to none.
/// </summary>
internal static class CloneBenchmark
{
    private const double PingGoal = 100;
    private const double VerdictGoal = 250;
    private const double MemoryGoalMiB = 50;

    public static async Task<int> RunAsync(string[] arguments)
    {
        int repetitions = arguments is [var count, ..] && int.TryParse(count, out int n) && n > 0 ? n : 15;
        var options = new MachineOptions { Accelerator = AcceleratorChoice.Tcg, Start = MachineStart.Clone };
        // Builds what has to be built, and warms the host's page cache and this process.
        await using (await QemuMachine.StartAsync(options with { Progress = Console.Error.WriteLine }, CancellationToken.None))
        {
        }
        using var bare = await BareBoot.PrepareAsync(options);
        var (snapshot, noSnapshot) = await SnapshotAsync(options);
        var (pings, verdicts, idle, prepared) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var (cold, bares, snapshots) = (new List<double>(), new List<double>(), new List<double>());
        for (int i = 0; i < repetitions; i++)
        {
            await using (var machine = await QemuMachine.StartAsync(options, CancellationToken.None))
            {
                pings.Add((machine.Facts.BootTime + await machine.PingAsync(CancellationToken.None)).TotalMilliseconds);
                prepared.Add(machine.Facts.BuildTime.TotalMilliseconds);
                verdicts.Add(pings[^1] + await VerdictAsync(machine));
            }
            await using (var machine = await QemuMachine.StartAsync(options, CancellationToken.None))
                idle.Add(await IdleMiBAsync(machine));
            if (snapshot is not null)
                snapshots.Add((await snapshot.RunAsync()).TotalMilliseconds);
            // Seconds each: fewer will do.
            if (i % 3 != 0)
                continue;
            await using (var machine = await QemuMachine.BootAsync(options, CancellationToken.None))
                cold.Add((machine.Facts.BootTime + await machine.PingAsync(CancellationToken.None)).TotalMilliseconds);
            bares.Add((await bare.RunAsync()).TotalMilliseconds);
        }
        Console.WriteLine(Medians.Line("clone: start of QEMU to answered ping", pings));
        Console.WriteLine(Medians.Line("clone: start of QEMU to first verdict", verdicts));
        Console.WriteLine(Medians.Line("clone: checks before QEMU is started", prepared));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"clone: memory when idle (PSS)",-44} median {idle.Median(),7:0.0} MiB ({idle.Min():0.0} to {idle.Max():0.0})"));
        const string Loadvm = "peer: QEMU savevm/loadvm to answered ping";
        Console.WriteLine(snapshot is null ? $"{Loadvm}: {noSnapshot}" : Medians.Line(Loadvm, snapshots));
        snapshot?.Dispose();
        Console.WriteLine(Medians.Line("peer: cold boot to answered ping", cold));
        Console.WriteLine(Medians.Line("peer: bare boot to one line", bares));
        Console.WriteLine(await VirtmeAsync());
        bool isReached = pings.Median() <= PingGoal && verdicts.Median() <= VerdictGoal && idle.Median() <= MemoryGoalMiB;
        Console.WriteLine($"goals (ping {PingGoal} ms, verdict {VerdictGoal} ms, memory {MemoryGoalMiB} MiB): {(isReached ? "reached" : "missed")}");
        return isReached ? 0 : 1;
    }

    /// <summary>The peer, or why it is not there. Only it needs qemu-img.</summary>
    private static async Task<(SnapshotBoot?, string?)> SnapshotAsync(MachineOptions options)
    {
        if (Programs.Find("qemu-img") is null)
            return (null, "not installed (qemu-img, Debian package qemu-utils)");
        try
        {
            return (await SnapshotBoot.PrepareAsync(options), null);
        }
        catch (Exception e) when (e is MachineLostException or Lab.InfrastructureException or TimeoutException)
        {
            return (null, $"failed: {e.Message}");
        }
    }

    private static async Task<double> VerdictAsync(QemuMachine machine)
    {
        long begin = Stopwatch.GetTimestamp();
        ShortProgram.Judge((await machine.RunAsync(ShortProgram.Text, CancellationToken.None)).TraceText);
        return Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
    }

    private static async Task<double> IdleMiBAsync(QemuMachine machine)
    {
        await machine.PingAsync(CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(1));
        string line = File.ReadLines($"/proc/{machine.ProcessId}/smaps_rollup").First(l => l.StartsWith("Pss:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    private static async Task<string> VirtmeAsync()
    {
        const string Label = "peer: virtme-ng, boot to the end of `true`";
        string? program = Programs.Find("vng");
        if (program is null)
            return $"{Label}: not installed";
        string kernel = (await MachineParts.PrepareAsync(new MachineOptions(), Lab.Cache.CacheFolder.Default(), CancellationToken.None)).Kernel.Bzimage;
        long begin = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(program, ["--run", kernel, "--disable-kvm", "--", "true"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? Medians.Line(Label, [Stopwatch.GetElapsedTime(begin).TotalMilliseconds]) : $"{Label}: failed with exit code {process.ExitCode}";
    }
}
