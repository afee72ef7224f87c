using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HilTests.Lab.Machines;

/// <summary>Talks to QEMU's monitor (QMP): JSON objects, one a line.</summary>
internal sealed class QmpClient : IAsyncDisposable
{
    /// <summary>Characters of a line; real ones have a few thousand.</summary>
    private const int LongestLine = 1 << 20;

    /// <summary>How much of the talk is kept, for a machine that is lost.</summary>
    private const int MostNotes = 200;

    private const int LongestNote = 400;

    private readonly Stream _stream;
    private readonly StreamReader _reader;
    private readonly Action<string, JsonElement> _onEvent;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _pending = new();
    private readonly Queue<string> _said = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly StringBuilder _line = new();
    private readonly Task _pump;
    private volatile string? _end;
    private int _lastId;

    /// <summary>Listens from now on. Commands may be given at once, the first is <c>qmp_capabilities</c>: QEMU reads them when it has greeted.</summary>
    /// <param name="stream">Connected; owned by the client from now on.</param>
    /// <param name="onEvent">Called with an event's name and data, in order.</param>
    public QmpClient(Stream stream, Action<string, JsonElement> onEvent)
    {
        _stream = stream;
        _reader = new StreamReader(_stream, Encoding.UTF8);
        _onEvent = onEvent;
        _pump = PumpAsync();
    }

    /// <summary>Runs a monitor command.</summary>
    /// <param name="command">Its name.</param>
    /// <param name="arguments">Its arguments; null where there are none.</param>
    /// <param name="cancellation">Ends the wait for the answer.</param>
    /// <returns>What QEMU returned.</returns>
    /// <exception cref="InfrastructureException">QEMU refused it, is gone, or says what is no QMP.</exception>
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
        // The end may have come before these were noted.
        if (_end is { } end)
            FailPending(end);
        else
            await SendAsync(text.ToString(), commands[^1].Command, cancellation).ConfigureAwait(false);
        JsonElement[] results = await Task.WhenAll(answers).WaitAsync(cancellation).ConfigureAwait(false);
        return results[^1];
    }

    /// <summary>The last messages in both directions, one a line.</summary>
    public string Transcript
    {
        get
        {
            lock (_said)
                return string.Concat(_said.Select(l => l + "\n"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _pump.ConfigureAwait(false);
        _reader.Dispose();
        _turn.Dispose();
    }

    private void Note(string direction, string text)
    {
        lock (_said)
        {
            foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                _said.Enqueue(direction + (line.Length > LongestNote ? line[..LongestNote] + "…" : line));
            while (_said.Count > MostNotes)
                _said.Dequeue();
        }
    }

    private async Task SendAsync(string text, string purpose, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            Note("to QEMU:   ", text);
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
        FailPending(end);
    }

    private void FailPending(string end)
    {
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
        Note("from QEMU: ", line);
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
