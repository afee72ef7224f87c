using System.Diagnostics;
using System.Threading.Channels;
using HilTests.Nightly.Nights;
using Mono.Unix.Native;

namespace HilTests.Nightly.Engines;

/// <summary>
/// Runs shards on this host, so many at once, each as a process of its own. Its standard input is a leash: a pipe that nothing is written to, and whose end
/// tells the shard that we are gone.
/// </summary>
public sealed class LocalEngine : IShardEngine
{
    /// <summary>From the polite signal to the other one.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly NightFolder _night;
    private readonly IReadOnlyList<string> _command;
    private readonly Channel<ShardEnd> _ended = Channel.CreateUnbounded<ShardEnd>();
    private readonly Channel<Shard> _waiting = Channel.CreateUnbounded<Shard>();
    private readonly CancellationTokenSource _over = new();
    private readonly List<Task> _workers;

    /// <param name="night">Whose shards.</param>
    /// <param name="command">The words of a shard's command, before the night's folder and its number.</param>
    /// <param name="atOnce">How many run at once.</param>
    public LocalEngine(NightFolder night, IReadOnlyList<string> command, int atOnce)
    {
        _night = night;
        _command = command;
        _workers = [.. Enumerable.Range(0, atOnce).Select(_ => Task.Run(WorkAsync))];
    }

    /// <inheritdoc/>
    public string Name => "local";

    /// <inheritdoc/>
    public Task<IReadOnlyList<int>> AdoptAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<int>>([]);

    /// <inheritdoc/>
    public Task SubmitAsync(IReadOnlyList<Shard> shards, CancellationToken cancellation)
    {
        foreach (var shard in shards) _waiting.Writer.TryWrite(shard);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ShardEnd>> WaitAsync(CancellationToken cancellation)
    {
        var ends = new List<ShardEnd> { await _ended.Reader.ReadAsync(cancellation).ConfigureAwait(false) };
        while (_ended.Reader.TryRead(out var more)) ends.Add(more);
        return ends;
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _over.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_workers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _over.Dispose();
    }

    private async Task WorkAsync()
    {
        await foreach (var shard in _waiting.Reader.ReadAllAsync(_over.Token).ConfigureAwait(false))
        {
            var end = await RunAsync(shard).ConfigureAwait(false);
            _ended.Writer.TryWrite(end);
        }
    }

    private async Task<ShardEnd> RunAsync(Shard shard)
    {
        try
        {
            Directory.CreateDirectory(_night.ShardFolder(shard));
            // The shell only sends both outputs to the file; it becomes the shard.
            var info = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >>\"$0\" 2>&1", _night.LogFile(shard), .. _command, _night.Root, $"{shard.Number}"]) { RedirectStandardInput = true };
            using var process = Process.Start(info) ?? throw new InvalidOperationException("no process was started");
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
            limit.CancelAfter(TimeSpan.FromSeconds(shard.LimitSeconds));
            try
            {
                await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
                return new ShardEnd(shard.Number, ShardEnding.Ended, $"exit code {process.ExitCode}");
            }
            catch (OperationCanceledException)
            {
                await StopAsync(process).ConfigureAwait(false);
                return new ShardEnd(shard.Number, ShardEnding.Lost, _over.IsCancellationRequested ? "the night was interrupted" : $"its limit of {shard.LimitSeconds:0} s was up");
            }
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            return new ShardEnd(shard.Number, ShardEnding.Lost, $"could not be started: {e.Message}");
        }
    }

    private static async Task StopAsync(Process process)
    {
        if (!process.HasExited) _ = Syscall.kill(process.Id, Signum.SIGTERM);
        try
        {
            await process.WaitForExitAsync().WaitAsync(Grace).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync().ConfigureAwait(false);
        }
    }
}
