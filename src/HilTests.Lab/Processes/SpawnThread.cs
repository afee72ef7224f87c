using System.Collections.Concurrent;
using System.Diagnostics;

namespace HilTests.Lab.Processes;

/// <summary>
/// The one thread that starts children. A child asks the kernel to die with its parent (pdeathsig), and by
/// "parent" the kernel means the thread: a child started from a pool thread dies when the pool retires that thread.
/// This thread lives as long as the process.
/// </summary>
internal static class SpawnThread
{
    private static readonly BlockingCollection<Action> Work = [];

    static SpawnThread()
    {
        var thread = new Thread(static () =>
        {
            foreach (var action in Work.GetConsumingEnumerable())
                action();
        })
        { IsBackground = true, Name = "hil-spawn" };
        thread.Start();
    }

    /// <summary>Starts a process from the thread that lives on.</summary>
    /// <exception cref="InfrastructureException">The program is not there or cannot be started.</exception>
    public static Task<Process> StartAsync(ProcessStartInfo info)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(info) ?? throw new InvalidOperationException("no process was started"));
            }
            catch (Exception e)
            {
                started.SetException(new InfrastructureException(
                    $"could not start {info.FileName}: {e.Message}; `hil doctor` names the package that holds it", e));
            }
        });
        return started.Task;
    }

    /// <summary>A start description for a child that dies with this process and has its own session (no Ctrl-C from the terminal).</summary>
    /// <param name="program">name or path</param>
    /// <param name="arguments">its arguments</param>
    /// <param name="signal">the signal it gets when this process dies</param>
    public static ProcessStartInfo DyingWithUs(string program, IEnumerable<string> arguments, string signal = "KILL") =>
        InOwnSession(["setpriv", "--pdeathsig", signal, "--", program, .. arguments]);

    /// <summary>A start description for a child with its own session and with pipes as its standard streams.</summary>
    public static ProcessStartInfo InOwnSession(IEnumerable<string> words)
    {
        var info = new ProcessStartInfo("setsid", words)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return info;
    }
}
