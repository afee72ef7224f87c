using System.Text.Json;

namespace HilTests.Lab.Machines;

/// <summary>
/// One line of QEMU's monitor (docs/interop/qmp-spec of QEMU). QEMU may have been taken over by its guest, so any line
/// may come; what is no message is refused.
/// </summary>
internal abstract record QmpMessage
{
    private QmpMessage() { }

    /// <summary>Something happened; the data is undefined where there is none.</summary>
    public sealed record Event(string Name, JsonElement Data) : QmpMessage;

    /// <summary>The answer to a command.</summary>
    public sealed record Answer(int Id, JsonElement Result) : QmpMessage;

    /// <summary>The command was refused.</summary>
    public sealed record Refusal(int Id, string Why) : QmpMessage;

    /// <summary>A message without event and id, such as the greeting.</summary>
    public sealed record Other : QmpMessage;

    /// <summary>Reads one line.</summary>
    /// <exception cref="FormatException">It is no message; says why.</exception>
    public static QmpMessage Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return Of(document.RootElement);
        }
        // Elements of another kind than expected, and strings with half a surrogate pair, are InvalidOperationExceptions.
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new FormatException($"'{line.AsSpan(0, Math.Min(line.Length, 100))}' is no message of QEMU's monitor: {e.Message}", e);
        }
    }

    private static QmpMessage Of(JsonElement root)
    {
        if (root.TryGetProperty("event", out var name))
            return new Event(name.GetString() ?? "", root.TryGetProperty("data", out var data) ? data.Clone() : default);
        if (!root.TryGetProperty("id", out var id))
            return new Other();
        return root.TryGetProperty("error", out var error)
            ? new Refusal(id.GetInt32(), error.GetProperty("desc").GetString() ?? "")
            : new Answer(id.GetInt32(), root.GetProperty("return").Clone());
    }
}
