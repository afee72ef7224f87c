using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace HilTests.Lab.Processes;

/// <summary>What a finished command said.</summary>
/// <param name="ExitCode">0 is success.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">Standard error.</param>
internal sealed record CommandResult(int ExitCode, string Output, string Errors);

/// <summary>A program of the host, run to its end. It dies with this process and when the token is cancelled.</summary>
/// <param name="Program">Name or path.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record Command(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>Where it runs; null is here.</summary>
    public string? Folder { get; init; }

    private const int MostText = 64 << 20;

    /// <summary>Variables to set, or with null to remove.</summary>
    public IReadOnlyDictionary<string, string?> Variables { get; init; } = new Dictionary<string, string?>();

    /// <summary>A file whose content is its standard input.</summary>
    public Stream? Input { get; init; }

    /// <summary>Where standard output goes instead of into <see cref="CommandResult.Output"/>.</summary>
    public Stream? OutputTo { get; init; }

    /// <summary>Runs it and gives back what it said, whatever the exit code.</summary>
    /// <exception cref="InfrastructureException">It could not be started.</exception>
    public async Task<CommandResult> RunAsync(CancellationToken cancellation)
    {
        using var process = await StartAsync().ConfigureAwait(false);
        await using var kill = cancellation.Register(() => Kill(process)).ConfigureAwait(false);
        var feed = FeedAsync(process);
        var errors = TextAsync(process.StandardError);
        string output = "";
        if (OutputTo is { } sink)
            await process.StandardOutput.BaseStream.CopyToAsync(sink, CancellationToken.None).ConfigureAwait(false);
        else
            output = await TextAsync(process.StandardOutput).ConfigureAwait(false);
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        await feed.ConfigureAwait(false);
        if (output.Length >= MostText) throw new InfrastructureException($"`{this}` wrote more than {MostText >> 20} Mi characters; that is no output of it");
        return new CommandResult(process.ExitCode, output, await errors.ConfigureAwait(false));
    }

    /// <summary>Runs it and insists on exit code 0.</summary>
    /// <param name="purpose">What it was for, for the error: "unpack the kernel package".</param>
    /// <param name="cancellation">Kills it.</param>
    /// <exception cref="InfrastructureException">It could not be started or failed; holds its last lines.</exception>
    public async Task<CommandResult> MustAsync(string purpose, CancellationToken cancellation)
    {
        var result = await RunAsync(cancellation).ConfigureAwait(false);
        if (result.ExitCode == 0)
            return result;
        string said = LastLines(result.Errors.Trim().Length > 0 ? result.Errors : result.Output, 20);
        throw new InfrastructureException($"could not {purpose}: `{this}` ended with exit code {result.ExitCode}:\n{said}");
    }

    /// <summary>The command as one would type it.</summary>
    public override string ToString() =>
        string.Join(' ', new[] { Program }.Concat(Arguments).Select(a => a.Contains(' ', StringComparison.Ordinal) ? $"'{a}'" : a));

    /// <summary>All that it says, up to a limit; the rest is read and thrown away, so that one that never stops costs no memory.</summary>
    private static async Task<string> TextAsync(StreamReader reader)
    {
        var text = new StringBuilder();
        var buffer = new char[1 << 15];
        for (int n; (n = await reader.ReadAsync(buffer).ConfigureAwait(false)) > 0;)
        {
            if (text.Length < MostText) text.Append(buffer, 0, n);
        }
        return text.ToString();
    }

    private async Task<Process> StartAsync()
    {
        var info = SpawnThread.DyingWithUs(Program, Arguments);
        info.WorkingDirectory = Folder ?? "";
        foreach (var (name, value) in Variables)
        {
            info.Environment.Remove(name);
            if (value is not null)
                info.Environment[name] = value;
        }
        if (Programs.Find(Program) is null)
            throw new InfrastructureException($"{Program} is not installed; `hil doctor` names the package that holds it");
        return await SpawnThread.StartAsync(info).ConfigureAwait(false);
    }

    private async Task FeedAsync(Process process)
    {
        try
        {
            if (Input is not null)
                await Input.CopyToAsync(process.StandardInput.BaseStream, CancellationToken.None).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it read everything; its exit code says whether that was an error.
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It ended at the same moment.
        }
    }

    private static string LastLines(string text, int count) =>
        string.Join('\n', text.TrimEnd().Split('\n').TakeLast(count));
}
