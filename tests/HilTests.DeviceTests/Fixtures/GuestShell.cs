using HilTests.DeviceTests.Machines;
using HilTests.Lab.Machines;

namespace HilTests.DeviceTests.Fixtures;

/// <summary>Types into the shell on a machine's console (<see cref="MachineOptions.ConsoleShell"/>) and reads what comes back.</summary>
internal static class GuestShell
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <returns>What the command wrote, line ends trimmed.</returns>
    public static async Task<string> ShellAsync(this QemuMachine machine, string command, CancellationToken cancellation)
    {
        // The shell echoes what is typed; the marks are put together only when they run.
        string id = Guid.NewGuid().ToString("N")[..8];
        string begin = $"<{id}-begin>", end = $"<{id}-end>";
        await machine.ConsoleInput.WriteLineAsync($"echo '<{id}'-begin'>'; {command}; echo '<{id}'-end'>'");
        await machine.ConsoleInput.FlushAsync(cancellation);
        await LiveProcess.WaitUntilAsync(() => machine.ConsoleText.Contains(end, StringComparison.Ordinal) || machine.Lost.IsCompleted, Limit, cancellation);
        string console = machine.ConsoleText;
        int from = console.IndexOf(begin, StringComparison.Ordinal), to = console.IndexOf(end, StringComparison.Ordinal);
        Assert.That(from >= 0 && to > from, Is.True, $"`{command}` did not come to its end; the console:\n{console}");
        return console[(from + begin.Length)..to].Trim();
    }
}
