using HilTests.Core.Channel;

namespace HilTests.Fuzzing.Targets;

/// <summary>What an agent answers to a ping (request 1), a probe (2) and three programs (3 to 5), well-behaved and not.</summary>
internal static class Conversations
{
    private const string HelloLine = "hil-agent protocol=1 build=0123456789abcdef pid=1\nmodule-failed dummy";

    /// <summary>The requests' kinds, by id - 1.</summary>
    public static IReadOnlyList<FrameKind> Requests { get; } = [FrameKind.Ping, FrameKind.Probe, FrameKind.Run, FrameKind.Run, FrameKind.Run];

    /// <summary>Hellos.</summary>
    public static IReadOnlyList<string> Hellos { get; } = [HelloLine, "hil-agent protocol=1 build=unknown pid=77"];

    /// <summary>Whole conversations.</summary>
    public static IReadOnlyList<byte[]> Replies { get; } =
    [
        Join([Hello, Pong, Profile, .. Answer(3), .. Answer(4), .. Answer(5)]),
        Join([Hello, .. Answer(5), .. Answer(3), Profile, .. Answer(4), Pong]),
        Join(Hello, Hello, Pong, Pong, Profile, Done(3), Text(3, "late"), Done(3), Done(3)),
        Join(Pong, Profile, Text(3, ""), Text(3, ""), Text(99, "for nobody"), Done(99), Fail(3), Fail(4)),
        Join(Hello, Fail(0)),
        Join(Hello, Frame.Empty(FrameKind.Run, 3), Frame.Empty(FrameKind.Shutdown, 1)),
        Join(Hello, Text(1, "a trace for a ping"), Done(2), Frame.OfText(FrameKind.Profile, 3, "hz=1")),
        Join(Hello, new Frame(FrameKind.Trace, 3, new byte[] { 0xff, 0xfe, 0x80 }), Done(3)),
    ];

    /// <summary>One frame each.</summary>
    public static IReadOnlyList<byte[]> SingleFrames { get; } =
        [.. Enum.GetValues<FrameKind>().Select(kind => Join(Frame.OfText(kind, 7, "text"))), Join(new Frame(FrameKind.Bulk, 1, new byte[2000]))];

    private static Frame Hello => Frame.OfText(FrameKind.Hello, 0, HelloLine);

    private static Frame Pong => Frame.OfText(FrameKind.Pong, 1, "ping");

    private static Frame Profile => Frame.OfText(FrameKind.Profile, 2, "hz=250 release=\"6.1.0-56-amd64\" vhost-features=0x33d008000");

    private static Frame[] Answer(uint id) => [Text(id, "hil-trace 1\nname a\ndevice vhost-net\nprofile hz=250\n"), Text(id, "1: open\n= @1+2 errno=0\n"), Text(id, "end complete\n"), Done(id)];

    private static Frame Text(uint id, string text) => Frame.OfText(FrameKind.Trace, id, text);

    private static Frame Done(uint id) => Frame.Empty(FrameKind.Done, id);

    private static Frame Fail(uint id) => Frame.OfText(FrameKind.Error, id, "agent: it failed\u001b[2J");

    private static byte[] Join(params Frame[] frames)
    {
        using var stream = new MemoryStream();
        using var writer = new FrameWriter(stream);
        foreach (var frame in frames) writer.Write(frame);
        return stream.ToArray();
    }
}
