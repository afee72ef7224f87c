using HilTests.Cli.Output;
using HilTests.Cli.Running;

namespace HilTests.Cli.Commands;

/// <summary>Runs a session with its progress shown and its result kept; what <c>run</c> and <c>replay</c> share.</summary>
internal static class SessionRunner
{
    /// <returns>the exit code</returns>
    public static async Task<int> RunAsync(RunSettings settings, RunPlan plan, OutputSettings output, ulong? seed, CancellationToken cancellation)
    {
        var keeper = new ResultKeeper(output, settings.Command);
        var display = new ProgressDisplay(output);
        if (seed is not null) display.Note($"seed {seed}");
        var result = await display.ShowAsync(() => new RunSession(settings, plan, display.Progress).RunAsync(cancellation)).ConfigureAwait(false);
        return keeper.Finish(result);
    }
}
