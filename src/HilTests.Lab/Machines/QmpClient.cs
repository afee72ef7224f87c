using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HilTests.Lab.Machines;

/// <summary>Talks to QEMU's monitor (QMP): JSON objects, one a line.</summary>
internal sealed class QmpClient : IAsyncDisposable
{
    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;
    private readonly Action<string, JsonElement> _onEvent;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Task _pump;
    private volatile bool _ended;
    private int _lastId;

    /// <summary>Listens from now on. Commands may be given at once, the first is <c>qmp_capabilities</c>: QEMU reads them when it has greeted.</summary>
    /// <param name="socket">Connected; owned by the client from now on.</param>
    /// <param name="onEvent">Called with an event's name and data, in order.</param>
    public QmpClient(Socket socket, Action<string, JsonElement> onEvent)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new StreamReader(_stream, Encoding.UTF8);
        _onEvent = onEvent;
        _pump = PumpAsync();
    }

    /// <summary>Runs a monitor command.</summary>
    /// <param name="command">Its name.</param>
    /// <param name="arguments">Its arguments; null where there are none.</param>
    /// <param name="cancellation">Ends the wait for the answer.</param>
    /// <returns>What QEMU returned.</returns>
    /// <exception cref="InfrastructureException">QEMU refused it or is gone.</exception>
    public Task<JsonElement> ExecuteAsync(string command, JsonObject? arguments, CancellationToken cancellation) =>
        ExecuteAsync([(command, arguments)], cancellation);

    /// <summary>Runs commands one after the other, all sent at once. Those behind one that is refused are run too.</summary>
    /// <inheritdoc cref="ExecuteAsync(string, JsonObject?, CancellationToken)"/>
    /// <returns>What QEMU returned for the last.</returns>
    public async Task<JsonElement> ExecuteAsync(IReadOnlyList<(string Command, JsonObject? Arguments)> commands, CancellationToken cancellation)
    {
        var answers = new List<Task<JsonElement>>();
        var text = new StringBuilder();
        foreach (var (command, arguments) in commands)
        {
            int id = Interlocked.Increment(ref _lastId);
            var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
            _pending[id] = answer;
            answers.Add(answer.Task);
            var request = new JsonObject { ["execute"] = command, ["id"] = id };
            if (arguments is not null)
                request["arguments"] = arguments;
            text.Append(request.ToJsonString()).Append('\n');
        }
        if (_ended)
            FailPending();
        else
            await SendAsync(text.ToString(), commands[^1].Command, cancellation).ConfigureAwait(false);
        JsonElement[] results = await Task.WhenAll(answers).WaitAsync(cancellation).ConfigureAwait(false);
        return results[^1];
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _pump.ConfigureAwait(false);
        _reader.Dispose();
        _turn.Dispose();
    }

    private async Task SendAsync(string text, string purpose, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await _stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw new InfrastructureException($"QEMU's monitor is gone, so it cannot {purpose}", e);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task PumpAsync()
    {
        try
        {
            while (await _reader.ReadLineAsync().ConfigureAwait(false) is { } line)
                Dispatch(line);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // QEMU is gone or we hang up: the same as the end of the stream.
        }
        _ended = true;
        FailPending();
    }

    private void FailPending()
    {
        foreach (var waiting in _pending.Values)
            waiting.TrySetException(new InfrastructureException("QEMU ended before it answered its monitor"));
    }

    private void Dispatch(string line)
    {
        using var message = JsonDocument.Parse(line);
        var root = message.RootElement;
        if (root.TryGetProperty("event", out var name))
        {
            _onEvent(name.GetString() ?? "", root.TryGetProperty("data", out var data) ? data.Clone() : default);
            return;
        }
        if (!root.TryGetProperty("id", out var id) || !_pending.TryRemove(id.GetInt32(), out var waiting))
            return;
        if (root.TryGetProperty("error", out var error))
            waiting.TrySetException(new InfrastructureException($"QEMU's monitor refused: {error.GetProperty("desc").GetString()}"));
        else
            waiting.TrySetResult(root.GetProperty("return").Clone());
    }
}
