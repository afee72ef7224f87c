using System.Diagnostics;
using HilTests.DeviceTests.Machines;
using HilTests.Lab;
using Mono.Unix.Native;

namespace HilTests.DeviceTests.Cli;

/// <summary>How <c>hil</c> ended and what it said.</summary>
internal sealed record HilOutcome(int Code, string Output, string Errors);

/// <summary>The tool as a process of its own, in a folder of its own.</summary>
internal sealed class HilProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly List<string> _errors = [];
    private readonly TaskCompletionSource _errorsEnded = new();

    private HilProcess(Process process)
    {
        _process = process;
        _process.ErrorDataReceived += (_, e) => OnError(e.Data);
        _process.BeginErrorReadLine();
        _process.StandardInput.Close();
        _output = process.StandardOutput.ReadToEndAsync();
    }

    public int Id => _process.Id;

    /// <summary>Starts <c>hil</c> with these words.</summary>
    /// <param name="folder">where it runs</param>
    /// <param name="variables">variables to set</param>
    /// <param name="arguments">its arguments</param>
    public static HilProcess Start(string folder, (string Name, string Value)[] variables, params string[] arguments) =>
        Start(folder, [], variables, arguments);

    /// <summary>Starts <c>hil</c> by way of another program, which gets its command line as the last arguments.</summary>
    public static HilProcess StartUnder(string folder, string[] before, params string[] arguments) => Start(folder, before, [], arguments);

    private static HilProcess Start(string folder, string[] before, (string Name, string Value)[] variables, string[] arguments)
    {
        var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
        var program = SourceTree.Find().At("src", "HilTests.Cli", "bin", configuration, "net10.0", "hil.dll");
        var dotnet = Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet" ? host : "dotnet";
        string[] words = [.. before, dotnet, program, .. arguments];
        var info = new ProcessStartInfo(words[0], words[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables) info.Environment[name] = value;
        return new HilProcess(Process.Start(info)!);
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<HilOutcome> RunAsync(string folder, CancellationToken cancellation, params string[] arguments)
    {
        using var hil = Start(folder, [], arguments);
        return await hil.EndAsync(cancellation);
    }

    public async Task<HilOutcome> EndAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        await _errorsEnded.Task.WaitAsync(cancellation);
        return new HilOutcome(_process.ExitCode, await _output, Errors());
    }

    /// <summary>Waits until a line of standard error holds some words.</summary>
    public async Task SaysAsync(string words, CancellationToken cancellation)
    {
        await LiveProcess.WaitUntilAsync(() => _process.HasExited || Errors().Contains(words, StringComparison.Ordinal), TimeSpan.FromMinutes(5), cancellation);
        Assert.That(Errors(), Does.Contain(words));
    }

    /// <summary>Waits until it has a machine.</summary>
    public async Task StartsMachinesAsync(CancellationToken cancellation)
    {
        await LiveProcess.WaitUntilAsync(() => _process.HasExited || Machines().Length > 0, TimeSpan.FromMinutes(5), cancellation);
        Assert.That(Machines(), Is.Not.Empty, Errors());
    }

    /// <summary>The processes it has started and that still live, QEMU among them: those that name its temporary folders.</summary>
    public int[] Machines() =>
    [
        .. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(n => int.TryParse(n, out _)).Select(n => int.Parse(n!))
            .Where(pid => CommandLine(pid).Contains($"/hil-{Id}-", StringComparison.Ordinal) && LiveProcess.IsAlive(pid)),
    ];

    /// <summary>Its temporary folders.</summary>
    public string[] WorkFolders() => Directory.GetDirectories(Path.GetTempPath(), $"hil-{Id}-*");

    public void Send(Signum signal) => Assert.That(Syscall.kill(Id, signal), Is.Zero, $"kill {Id}");

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private string Errors()
    {
        lock (_errors) return string.Join('\n', _errors);
    }

    private void OnError(string? line)
    {
        if (line is null)
        {
            _errorsEnded.TrySetResult();
            return;
        }
        lock (_errors) _errors.Add(line);
    }

    private static string CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
