using System.Globalization;
using HilTests.Lab.Machines;
using HilTests.Lab.Processes;

namespace HilTests.Benchmarks.Traffic;

/// <summary>
/// Packets a second of the agent's driver beside a driver in C that does the same ring work with the same frames, checks and
/// sleeps, in one VM, in turns (C, C#, C, C# …). Goal: at least 0.95 of C, and not a byte allocated by the loop.
/// </summary>
internal static class TrafficBenchmark
{
    private const double Goal = 0.95;
    private const int Rounds = 9;
    private const int Frames = 20_000;
    private const int Sector = 512;

    public static async Task<int> RunAsync(string[] arguments)
    {
        int rounds = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : Rounds;
        int frames = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : Frames;
        string folder = Directory.CreateTempSubdirectory("hil-peer-").FullName;
        try
        {
            string disk = await CompileAsync(folder);
            var options = new MachineOptions { Progress = Console.Error.WriteLine, ConsoleShell = true, Disks = [new DiskOptions(disk, ReadOnly: true)] };
            await using var machine = await QemuMachine.BootAsync(options, CancellationToken.None);
            await machine.ShellAsync("cat /dev/vda > /tmp/ring-peer && chmod +x /tmp/ring-peer");
            Console.WriteLine($"driver in C# beside the same in C, one VM ({machine.Facts.Accelerator}), {rounds} rounds of {frames} frames in turns:");
            bool reached = true;
            foreach (var one in (TrafficCase[])[new("tx", 64, frames), new("tx", 1500, frames), new("rx", 64, frames), new("rx", 1500, frames)])
                reached &= await CompareAsync(machine, one, rounds);
            return reached ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<bool> CompareAsync(QemuMachine machine, TrafficCase one, int rounds)
    {
        var (theirs, ours, ratios) = (new List<double>(), new List<double>(), new List<double>());
        long allocated = 0;
        for (int round = 0; round <= rounds; round++)
        {
            double peer = await one.RunPeerAsync(machine);
            var (rate, bytes) = await one.RunOursAsync(machine);
            // The first round warms both sides up.
            if (round == 0) continue;
            theirs.Add(peer);
            ours.Add(rate);
            ratios.Add(rate / peer);
            allocated += bytes;
        }
        double ratio = ours.Median() / theirs.Median();
        bool reached = ratio >= Goal && allocated == 0;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {one.Direction} {one.Bytes,4} B: C {theirs.Median():#,0} packets/s ({theirs.Min():#,0} to {theirs.Max():#,0}), C# {ours.Median():#,0} ({ours.Min():#,0} to {ours.Max():#,0}), "
            + $"ratio of medians {ratio:0.00} (of pairs {ratios.Median():0.00}), {allocated} bytes allocated; goal {Goal:0.00} and 0 bytes: {(reached ? "reached" : "missed")}"));
        return reached;
    }

    /// <summary>Compiles the peer with the host's compiler and puts it on a disk.</summary>
    private static async Task<string> CompileAsync(string folder)
    {
        string source = Path.Combine(folder, "ring_peer.c"), program = Path.Combine(folder, "ring-peer");
        using (var stream = typeof(TrafficBenchmark).Assembly.GetManifestResourceStream("ring_peer.c")!)
        await using (var file = File.Create(source))
            await stream.CopyToAsync(file);
        await new Command("gcc", "-O2", "-static", "-o", program, source).MustAsync("compile the driver in C", CancellationToken.None);
        await using var disk = new FileStream(program, FileMode.Open);
        disk.SetLength((disk.Length + Sector - 1) / Sector * Sector);
        return program;
    }
}
