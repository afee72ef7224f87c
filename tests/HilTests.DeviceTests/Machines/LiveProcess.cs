using System.Diagnostics;
using System.Globalization;
using HilTests.Lab;
using Mono.Unix.Native;

namespace HilTests.DeviceTests.Machines;

/// <summary>A host process of its own that holds a machine, for tests that kill it.</summary>
internal sealed class LiveProcess : IDisposable
{
    private readonly Process _process;

    private LiveProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <param name="start">clone or cold.</param>
    public static LiveProcess StartHeldMachine(string start)
    {
        string configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
        string program = SourceTree.Find().At("tests", "HilTests.Benchmarks", "bin", configuration, "net10.0", "HilTests.Benchmarks.dll");
        return new LiveProcess(Process.Start(new ProcessStartInfo("dotnet", [program, "hold-machine", start])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
    }

    /// <returns>The id of the QEMU it started.</returns>
    public async Task<int> WaitUntilReadyAsync(CancellationToken cancellation)
    {
        var errors = _process.StandardError.ReadToEndAsync(cancellation);
        string? line = await _process.StandardOutput.ReadLineAsync(cancellation);
        if (line is null || !line.StartsWith("ready ", StringComparison.Ordinal))
            throw new InfrastructureException($"the process that was to hold a machine said '{line}': {await errors}");
        return int.Parse(line["ready ".Length..], CultureInfo.InvariantCulture);
    }

    public static void Kill(int pid) => Assert.That(Syscall.kill(pid, Signum.SIGKILL), Is.Zero, $"kill {pid}");

    /// <summary>A zombie nobody waits for counts as gone: it holds nothing any more.</summary>
    public static bool IsAlive(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static async Task WaitUntilAsync(Func<bool> condition, TimeSpan limit, CancellationToken cancellation)
    {
        long begin = Stopwatch.GetTimestamp();
        while (!condition() && Stopwatch.GetElapsedTime(begin) < limit)
            await Task.Delay(20, cancellation);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
