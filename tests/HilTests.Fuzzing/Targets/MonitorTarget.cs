using HilTests.Lab;
using HilTests.Lab.Machines;

namespace HilTests.Fuzzing.Targets;

/// <summary>QEMU's monitor: each command is answered, refused, or told that the monitor is gone.</summary>
internal sealed class MonitorTarget : FuzzTarget
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public override string Name => "monitor";

    public override int Share => 70;

    public override IReadOnlyList<byte[]> Corpus { get; } = SeedCorpus.Bytes(
    [
        "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 19, \"minor\": 2, \"major\": 7}, \"package\": \"Debian\"}, \"capabilities\": [\"oob\"]}}\r\n{\"return\": {}, \"id\": 1}\r\n"
            + "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"GUEST_PANICKED\", \"data\": {\"action\": \"pause\"}}\r\n{\"return\": {\"status\": \"running\"}, \"id\": 2}\r\n",
        "{\"QMP\": {}}\n{\"id\": 1, \"return\": {}}\n{\"event\": \"WATCHDOG\"}\n{\"id\": 2, \"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}}\n",
    ]);

    public override IReadOnlyList<string> Words { get; } = ["\"id\": 1", "\"return\": null", "\"event\": 7", "\"event\": \"\\ud800\"", "\"error\": {}", "\"desc\": []", "null", "[[[[", "{\"a\":", "\"data\": 1"];

    public override void Feed(byte[] message) => FeedAsync(message).WaitAsync(Patience).GetAwaiter().GetResult();

    private static async Task FeedAsync(byte[] message)
    {
        using var stream = new GuestStream(message, 1 + (message.Length % 97));
        await using var client = new QmpClient(stream, static (name, data) => _ = name + data.ValueKind);
        var answered = client.ExecuteAsync([("qmp_capabilities", null), ("query-status", null)], CancellationToken.None);
        stream.LetGo();
        try
        {
            await answered.ConfigureAwait(false);
        }
        catch (InfrastructureException)
        {
            // Refused, or the monitor is gone: said so.
        }
    }
}
