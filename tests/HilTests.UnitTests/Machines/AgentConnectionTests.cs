using System.IO.Pipelines;
using HilTests.Core.Channel;
using HilTests.Lab.Machines;

namespace HilTests.UnitTests.Machines;

/// <summary>An agent that keeps to nothing: the host's end of the channel to it.</summary>
public sealed class AgentConnectionTests
{
    private static readonly ChannelLimits Small = new() { ReplyChars = 1000, HeldChars = 2500, ShortAnswerBytes = 100, StrayBytes = 500, ErrorChars = 50 };

    [FsCheck.NUnit.Property(MaxTest = 200)]
    public bool A_reply_is_what_came_for_it_before_its_first_end((byte Id, bool Done, byte Letter)[] frames)
    {
        using var guest = new Guest(new ChannelLimits());
        var replies = Enumerable.Range(0, 3).Select(_ => guest.Ask(FrameKind.Run)).ToArray();
        var expected = new string[] { "", "", "" };
        var ended = new bool[3];
        foreach (var (id, done, letter) in frames)
        {
            var request = id % 4; // 3 is nobody's
            var text = new string((char)('a' + (letter % 26)), 1 + (letter % 3));
            guest.Say(done ? Frame.Empty(FrameKind.Done, (uint)request + 1) : Frame.OfText(FrameKind.Trace, (uint)request + 1, text));
            if (request == 3) continue;
            if (!done && !ended[request]) expected[request] += text;
            ended[request] |= done;
        }
        guest.HangUp();
        return Enumerable.Range(0, 3).All(i => replies[i].Result.TraceText == expected[i]
            && (ended[i] ? replies[i].Result.Outcome is AgentOutcome.Completed : replies[i].Result.Outcome is AgentOutcome.MachineLost));
    }

    [Test]
    public void A_trace_without_end_loses_the_machine_when_it_is_too_long()
    {
        using var guest = new Guest(Small);
        var reply = guest.Ask(FrameKind.Run);
        for (var i = 0; i < 20; i++) guest.Say(Frame.OfText(FrameKind.Trace, 1, new string('x', 100)));
        guest.HangUp();
        Assert.That(Loss(reply), Does.Contain("longer than 1000 bytes"));
        Assert.That(reply.Result.TraceText, Has.Length.EqualTo(1000));
    }

    [Test]
    public void Replies_that_nobody_takes_are_bounded_together()
    {
        using var guest = new Guest(Small);
        var replies = Enumerable.Range(0, 4).Select(_ => guest.Ask(FrameKind.Run)).ToArray();
        for (uint id = 1; id <= 4; id++) guest.Say(Frame.OfText(FrameKind.Trace, id, new string('x', 900)));
        guest.HangUp();
        Assert.That(Loss(replies[3]), Does.Contain("longer than 2500 characters"));
    }

    [Test]
    public void What_was_taken_is_no_longer_held()
    {
        using var guest = new Guest(Small);
        for (uint id = 1; id <= 10; id++)
        {
            var reply = guest.Ask(FrameKind.Run);
            guest.Say(Frame.OfText(FrameKind.Trace, id, new string('x', 900)), Frame.Empty(FrameKind.Done, id));
            Assert.That(reply.Result.TraceText, Has.Length.EqualTo(900));
        }
        Assert.That(guest.Connection.HeldChars, Is.Zero);
    }

    [TestCase(FrameKind.Trace, "")]
    [TestCase(FrameKind.Hello, "hil-agent protocol=1 build=x pid=1")]
    public void Frames_that_say_nothing_do_not_go_on_for_ever(FrameKind kind, string text)
    {
        using var guest = new Guest(Small);
        var reply = guest.Ask(FrameKind.Run);
        for (var i = 0; i < 100; i++) guest.Say(Frame.OfText(kind, 1, text));
        guest.HangUp();
        Assert.That(Loss(reply), Does.Contain("nobody had asked for"));
    }

    [Test]
    public void A_flood_for_nobody_loses_the_machine()
    {
        using var guest = new Guest(Small);
        for (var i = 0; i < 100; i++) guest.Say(Frame.OfText(FrameKind.Trace, 77, "who?"));
        guest.HangUp();
        Assert.That(guest.Connection.Lost.Result.Title, Does.Contain("nobody had asked for"));
    }

    [TestCase(FrameKind.Ping, FrameKind.Done)]
    [TestCase(FrameKind.Ping, FrameKind.Trace)]
    [TestCase(FrameKind.Probe, FrameKind.Pong)]
    [TestCase(FrameKind.Run, FrameKind.Profile)]
    [TestCase(FrameKind.Run, FrameKind.Pong)]
    public void An_answer_of_the_wrong_kind_breaks_the_channel(FrameKind asked, FrameKind answered)
    {
        using var guest = new Guest(Small);
        var reply = guest.Ask(asked);
        guest.Say(Frame.OfText(answered, 1, "x"));
        guest.HangUp();
        Assert.That(Loss(reply), Does.Contain($"answered a {asked} request with a {answered} frame"));
    }

    [TestCase(FrameKind.Run), TestCase(FrameKind.Bulk), TestCase(FrameKind.Shutdown)]
    public void A_request_from_the_agent_breaks_the_channel(FrameKind kind)
    {
        using var guest = new Guest(Small);
        var reply = guest.Ask(FrameKind.Run);
        guest.Say(Frame.Empty(kind, 5));
        guest.HangUp();
        Assert.That(Loss(reply), Does.Contain("only a host may send"));
    }

    [Test]
    public void Text_that_is_no_text_breaks_the_channel()
    {
        using var guest = new Guest(Small);
        var reply = guest.Ask(FrameKind.Run);
        guest.Say(new Frame(FrameKind.Trace, 1, new byte[] { 0x61, 0xff }));
        guest.HangUp();
        Assert.That(Loss(reply), Does.Contain("must hold UTF-8 text"));
    }

    [Test]
    public void A_hello_or_a_profile_that_is_too_long_is_refused()
    {
        using var hello = new Guest(Small);
        hello.Say(Frame.OfText(FrameKind.Hello, 0, new string('x', 101)));
        hello.HangUp();
        using var profile = new Guest(Small);
        var reply = profile.Ask(FrameKind.Probe);
        profile.Say(Frame.OfText(FrameKind.Profile, 1, new string('x', 101)));
        profile.HangUp();
        Assert.That(hello.Connection.Lost.Result.Title, Does.Contain("a hello of 101 bytes"));
        Assert.That(Loss(reply), Does.Contain("longer than 100 bytes"));
    }

    [Test]
    public void An_error_is_told_in_few_words()
    {
        using var guest = new Guest(Small);
        var reply = guest.Ask(FrameKind.Run);
        guest.Say(Frame.OfText(FrameKind.Error, 1, new string('x', 5000)));
        Assert.That(reply.Result.Outcome, Is.EqualTo(new AgentOutcome.AgentError(new string('x', 50) + " … (4950 characters more)")));
    }

    [Test]
    public void An_agent_that_only_keeps_itself_alive_is_silent()
    {
        using var guest = new Guest(new ChannelLimits { Answer = TimeSpan.Zero });
        var reply = guest.Ask(FrameKind.Run);
        guest.Say(Frame.OfText(FrameKind.Trace, 1, "x"));
        var outcome = reply.Result.Outcome as AgentOutcome.MachineLost;
        Assert.That(outcome?.Cause, Has.Property("Kind").EqualTo(MachineLossKind.ChannelSilent).And.Property("Title").Contains("did not come to the end"));
    }

    private static string Loss(Task<AgentReply> reply) =>
        reply.Result.Outcome is AgentOutcome.MachineLost { Cause: { Kind: MachineLossKind.ChannelBroken } cause } ? cause.Title : $"not broken: {reply.Result.Outcome}";

    /// <summary>The guest's end.</summary>
    private sealed class Guest : IDisposable
    {
        private readonly Pipe _toHost = new(new PipeOptions(pauseWriterThreshold: 0));
        private readonly FrameWriter _writer;

        public Guest(ChannelLimits limits)
        {
            _writer = new FrameWriter(_toHost.Writer.AsStream(leaveOpen: true));
            Connection = new AgentConnection(new HostEnd(_toHost.Reader.AsStream()), limits);
        }

        public AgentConnection Connection { get; }

        public Task<AgentReply> Ask(FrameKind kind) => Connection.AskAsync(kind, "", CancellationToken.None);

        public void Say(params ReadOnlySpan<Frame> frames)
        {
            foreach (var frame in frames) _writer.Write(frame);
        }

        /// <summary>Ends the channel; returns when the host has read everything.</summary>
        public void HangUp()
        {
            _toHost.Writer.Complete();
            Connection.Ended.Wait();
            Connection.Lose(new MachineLoss(MachineLossKind.AgentGone, "the guest hung up"));
        }

        public void Dispose()
        {
            _toHost.Writer.Complete();
            Connection.DisposeAsync().AsTask().Wait();
            _writer.Dispose();
        }
    }

    /// <summary>Reads from the guest; what is written to it is dropped.</summary>
    private sealed class HostEnd(Stream fromGuest) : Stream
    {
        public override bool CanRead => true;
        public override bool CanWrite => true;
        public override bool CanSeek => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override int Read(byte[] buffer, int offset, int count) => fromGuest.Read(buffer, offset, count);
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => fromGuest.ReadAsync(buffer, cancellationToken);
        public override void Write(byte[] buffer, int offset, int count) { }
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
        public override void Flush() { }
        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
