using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace HilTests.Lab.Machines;

/// <summary>Talks to QEMU's monitor (QMP): JSON objects, one a line.</summary>
internal sealed class QmpClient : IAsyncDisposable
{
    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;
    private readonly Action<string, JsonElement> _onEvent;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Task _pump = Task.CompletedTask;
    private int _lastId;

    private QmpClient(Socket socket, Action<string, JsonElement> onEvent)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new StreamReader(_stream, Encoding.UTF8);
        _onEvent = onEvent;
    }

    /// <summary>Reads the greeting and switches to command mode.</summary>
    /// <param name="socket">Connected; owned by the client from now on.</param>
    /// <param name="onEvent">Called with an event's name and data, in order.</param>
    /// <param name="cancellation">Ends the wait for QEMU's answers.</param>
    public static async Task<QmpClient> StartAsync(Socket socket, Action<string, JsonElement> onEvent, CancellationToken cancellation)
    {
        var client = new QmpClient(socket, onEvent);
        await client._reader.ReadLineAsync(cancellation).ConfigureAwait(false);
        client._pump = client.PumpAsync();
        await client.ExecuteAsync("qmp_capabilities", null, cancellation).ConfigureAwait(false);
        return client;
    }

    /// <summary>Runs a monitor command.</summary>
    /// <exception cref="InfrastructureException">QEMU refused it or is gone.</exception>
    public async Task<JsonElement> ExecuteAsync(string command, object? arguments, CancellationToken cancellation)
    {
        int id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = answer;
        var request = new Dictionary<string, object> { ["execute"] = command, ["id"] = id };
        if (arguments is not null)
            request["arguments"] = arguments;
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await _stream.WriteAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(request) + "\n"), cancellation).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new InfrastructureException($"QEMU's monitor is gone, so it cannot {command}", e);
        }
        finally
        {
            _turn.Release();
        }
        return await answer.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _pump.ConfigureAwait(false);
        _reader.Dispose();
        _turn.Dispose();
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
