using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace HilTests.Lab.Machines;

/// <summary>Talks to QEMU's monitor (QMP): JSON objects, one a line.</summary>
internal sealed class QmpClient : IAsyncDisposable
{
    /// <summary>Characters of a line; real ones have a few thousand.</summary>
    private const int LongestLine = 1 << 20;

    private readonly Stream _stream;
    private readonly StreamReader _reader;
    private readonly Action<string, JsonElement> _onEvent;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly StringBuilder _line = new();
    private Task _pump = Task.CompletedTask;
    private volatile string? _end;
    private int _lastId;

    private QmpClient(Stream stream, Action<string, JsonElement> onEvent)
    {
        _stream = stream;
        _reader = new StreamReader(_stream, Encoding.UTF8);
        _onEvent = onEvent;
    }

    /// <summary>Reads the greeting and switches to command mode.</summary>
    /// <param name="socket">Connected; owned by the client from now on.</param>
    /// <param name="onEvent">Called with an event's name and data, in order.</param>
    /// <param name="cancellation">Ends the wait for QEMU's answers.</param>
    public static Task<QmpClient> StartAsync(Socket socket, Action<string, JsonElement> onEvent, CancellationToken cancellation) =>
        StartAsync(new NetworkStream(socket, ownsSocket: true), onEvent, cancellation);

    internal static async Task<QmpClient> StartAsync(Stream stream, Action<string, JsonElement> onEvent, CancellationToken cancellation)
    {
        var client = new QmpClient(stream, onEvent);
        client._pump = client.PumpAsync();
        await client.ExecuteAsync("qmp_capabilities", null, cancellation).ConfigureAwait(false);
        return client;
    }

    /// <summary>Runs a monitor command.</summary>
    /// <exception cref="InfrastructureException">QEMU refused it, is gone, or says what is no QMP.</exception>
    public async Task<JsonElement> ExecuteAsync(string command, object? arguments, CancellationToken cancellation)
    {
        int id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = answer;
        try
        {
            // The end may have come before this request was noted.
            if (_end is { } end)
                throw new InfrastructureException(end);
            await SendAsync(id, command, arguments, cancellation).ConfigureAwait(false);
            return await answer.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _pump.ConfigureAwait(false);
        _reader.Dispose();
        _turn.Dispose();
    }

    private async Task SendAsync(int id, string command, object? arguments, CancellationToken cancellation)
    {
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
    }

    private async Task PumpAsync()
    {
        string end = "QEMU ended before it answered its monitor";
        try
        {
            char[] buffer = new char[4096];
            int n;
            while ((n = await _reader.ReadAsync(buffer).ConfigureAwait(false)) > 0)
                Split(buffer.AsSpan(0, n));
        }
        catch (FormatException e)
        {
            // After one such line nothing that follows can be trusted.
            end = e.Message;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // QEMU is gone or we hang up: the same as the end of the stream.
        }
        _end = end;
        foreach (var waiting in _pending.Values)
            waiting.TrySetException(new InfrastructureException(end));
    }

    private void Split(ReadOnlySpan<char> piece)
    {
        while (piece.IndexOf('\n') is >= 0 and var end)
        {
            _line.Append(piece[..end]);
            Dispatch(_line.ToString().TrimEnd('\r'));
            _line.Clear();
            piece = piece[(end + 1)..];
        }
        _line.Append(piece);
        if (_line.Length > LongestLine)
            throw new FormatException($"QEMU's monitor sent a line of more than {LongestLine} characters");
    }

    private void Dispatch(string line)
    {
        switch (QmpMessage.Parse(line))
        {
            case QmpMessage.Event happened:
                _onEvent(happened.Name, happened.Data);
                break;
            case QmpMessage.Answer answer when _pending.TryRemove(answer.Id, out var waiting):
                waiting.TrySetResult(answer.Result);
                break;
            case QmpMessage.Refusal refusal when _pending.TryRemove(refusal.Id, out var waiting):
                waiting.TrySetException(new InfrastructureException($"QEMU's monitor refused: {refusal.Why}"));
                break;
        }
    }
}
