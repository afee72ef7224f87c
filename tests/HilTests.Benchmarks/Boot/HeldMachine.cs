using HilTests.Lab.Machines;

namespace HilTests.Benchmarks.Boot;

/// <summary>
/// Starts a machine (a clone, or with <c>cold</c> a boot) and holds it until it is killed: what a test kills to see that
/// nothing stays behind. Prints <c>ready QEMU-PID</c> once the machine is up.
/// </summary>
internal static class HeldMachine
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var options = new MachineOptions { Progress = Console.Error.WriteLine, Start = arguments is ["cold"] ? MachineStart.Cold : MachineStart.Clone };
        await using var machine = await QemuMachine.StartAsync(options, CancellationToken.None);
        var ping = await machine.PingAsync(CancellationToken.None);
        Console.WriteLine($"ready {machine.ProcessId}");
        Console.Error.WriteLine($"{machine.Facts.Start} {machine.Facts.BootTime.TotalSeconds:0.000} s, build {machine.Facts.BuildTime.TotalSeconds:0.000} s, ping {ping.TotalMilliseconds:0.00} ms");
        foreach (string missing in machine.Facts.ModulesMissing)
            Console.Error.WriteLine($"missing {missing}");
        var end = await machine.Lost.WaitAsync(TimeSpan.FromMinutes(10));
        Console.WriteLine($"lost {end.Kind}: {end.Title}");
        return 1;
    }
}
