using System.Diagnostics;

namespace HilTests.DeviceTests.Fixtures;

/// <summary>Other work on this machine: a process for each processor that computes without an end, until disposed.</summary>
internal sealed class BusyCores : IDisposable
{
    private readonly List<Process> _processes = [];

    /// <summary>Starts them. They end with this process too: each reads standard input and its loop ends with it.</summary>
    public static BusyCores Start()
    {
        var cores = new BusyCores();
        for (var core = 0; core < Environment.ProcessorCount; core++)
        {
            var info = new ProcessStartInfo("sh", ["-c", "(while :; do :; done) & loop=$!; read line; kill $loop"]) { RedirectStandardInput = true };
            cores._processes.Add(Process.Start(info)!);
        }
        return cores;
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.StandardInput.Close();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
