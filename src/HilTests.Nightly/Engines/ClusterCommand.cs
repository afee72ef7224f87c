using System.Diagnostics;

namespace HilTests.Nightly.Engines;

/// <summary>What a command of the cluster said.</summary>
public sealed record CommandSaid(int Code, string Output, string Errors);

/// <summary>Runs a command of the cluster: its name, its arguments.</summary>
public delegate Task<CommandSaid> ClusterCommand(string name, IReadOnlyList<string> arguments, CancellationToken cancellation);

/// <summary>The commands of the Slurm that is installed here.</summary>
public static class InstalledSlurm
{
    private const string Package = "provisioning/slurm/packages.list names the package that holds it";

    /// <summary>No command of a cluster that is there takes so long.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>What a shell calls a program that is not there.</summary>
    public const int NoSuchProgram = 127;

    /// <summary>
    /// Runs a program of PATH, in a session of its own, so that Ctrl-C at the terminal does not end it half-way; one that is not there, or does not come back,
    /// is a command that failed.
    /// </summary>
    public static async Task<CommandSaid> RunAsync(string name, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Longest);
        try
        {
            using var process = Process.Start(new ProcessStartInfo("setsid", ["--wait", name, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })
                ?? throw new InvalidOperationException("no process was started");
            process.StandardInput.Close();
            try
            {
                var errors = process.StandardError.ReadToEndAsync(limit.Token);
                var output = await process.StandardOutput.ReadToEndAsync(limit.Token).ConfigureAwait(false);
                await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
                var said = new CommandSaid(process.ExitCode, output, await errors.ConfigureAwait(false));
                return said.Code == NoSuchProgram ? said with { Errors = $"{said.Errors.Trim()}; {Package}" } : said;
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                process.Kill(entireProcessTree: true);
                return new CommandSaid(-1, "", $"{name}: no answer after {Longest.TotalMinutes:0} minutes: Unable to contact slurm controller");
            }
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return new CommandSaid(NoSuchProgram, "", $"setsid: {e.Message}; {Package}");
        }
    }
}
