using HilTests.Lab.Machines;

namespace HilTests.Fuzzing.Targets;

/// <summary>The connection to an agent: whatever comes, each request ends in exactly one reply, and no reply is over its limit.</summary>
internal sealed class ConnectionTarget : FuzzTarget
{
    private static readonly ChannelLimits Limits = new() { ReplyChars = 4096, HeldChars = 6000, ShortAnswerBytes = 512, StrayBytes = 2048, ErrorChars = 100 };
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public override string Name => "agent";

    public override int Share => 160;

    public override bool IsText => false;

    public override IReadOnlyList<byte[]> Corpus { get; } = Conversations.Replies;

    public override void Feed(byte[] message) => FeedAsync(message).WaitAsync(Patience).GetAwaiter().GetResult();

    private static async Task FeedAsync(byte[] message)
    {
        using var stream = new GuestStream(message, message.Length % 3 == 0 ? 1 : 1 + (message.Length % 61));
        await using var connection = new AgentConnection(stream, Limits);
        var asked = Conversations.Requests.Select(kind => connection.AskAsync(kind, "", CancellationToken.None)).ToArray();
        stream.LetGo();
        await connection.Ended.ConfigureAwait(false);
        connection.Lose(new MachineLoss(MachineLossKind.AgentGone, "the message is over"));
        foreach (var reply in await Task.WhenAll(asked).ConfigureAwait(false)) Check(reply);
        Check(connection);
    }

    private static void Check(AgentReply reply)
    {
        if (reply.TraceText.Length > Limits.ReplyChars) throw new FuzzException($"a reply of {reply.TraceText.Length} characters");
        if (reply.Outcome is AgentOutcome.AgentError { Text: { Length: > 200 } text }) throw new FuzzException($"an error of {text.Length} characters");
        if (reply.Outcome is AgentOutcome.MachineLost { Cause.Kind: not (MachineLossKind.AgentGone or MachineLossKind.ChannelBroken) } lost)
            throw new FuzzException($"the machine was lost of {lost.Cause}");
    }

    private static void Check(AgentConnection connection)
    {
        if (connection.HeldChars != 0) throw new FuzzException($"{connection.HeldChars} characters are still counted as held");
        if (connection.Hello.IsCompletedSuccessfully && connection.Hello.Result.Length > Limits.ShortAnswerBytes) throw new FuzzException("the hello is too long");
        _ = connection.Hello.Exception;
    }
}
