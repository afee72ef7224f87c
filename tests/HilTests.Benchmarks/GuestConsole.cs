using HilTests.Lab.Machines;

namespace HilTests.Benchmarks;

/// <summary>Types into the shell on a machine's console (<see cref="MachineOptions.ConsoleShell"/>) and reads what comes back.</summary>
internal static class GuestConsole
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private static int s_commands;

    /// <returns>What the command wrote, line ends trimmed.</returns>
    /// <exception cref="InvalidOperationException">it failed, or did not come to its end</exception>
    public static async Task<string> ShellAsync(this QemuMachine machine, string command)
    {
        // The shell echoes what is typed; the marks are put together only when they run.
        int id = Interlocked.Increment(ref s_commands);
        string begin = $"<{id}-begin>", end = $"<{id}-end>", failed = $"<{id}-failed>";
        await machine.ConsoleInput.WriteLineAsync($"echo '<{id}'-begin'>'; ({command}) || echo '<{id}'-failed'>'; echo '<{id}'-end'>'");
        await machine.ConsoleInput.FlushAsync();
        using var deadline = new CancellationTokenSource(Limit);
        while (!machine.ConsoleText.Contains(end, StringComparison.Ordinal) && !machine.Lost.IsCompleted && !deadline.IsCancellationRequested)
            await Task.WhenAny(machine.Lost, Task.Delay(Look));
        string console = machine.ConsoleText;
        int from = console.IndexOf(begin, StringComparison.Ordinal), to = console.IndexOf(end, StringComparison.Ordinal);
        string said = from >= 0 && to > from ? console[(from + begin.Length)..to].Trim() : throw new InvalidOperationException($"`{command}` did not come to its end; the console:\n{console}");
        return said.Contains(failed, StringComparison.Ordinal) ? throw new InvalidOperationException($"`{command}` failed: {said}") : said;
    }
}
