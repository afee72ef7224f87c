using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.Core.Devices.VhostNet;

/// <summary>The steps of vhost-net-async programs: those of vhost-net, and what may be asked of the pass-through back end.</summary>
public static class AsyncVocabulary
{
    /// <summary>The device of the project's own module vhost_net_async.</summary>
    public const string Device = "vhost-net-async";

    private const int LongestDelay = 100_000;
    private const int LongestPacket = 65_535;

    /// <summary>What a request may fail with, or be refused with.</summary>
    private static readonly string[] Errnos = ["EIO", "EAGAIN", "ENOBUFS", "ENOMEM", "EINVAL"];

    public static DeviceVocabulary Instance { get; } = new(Device, [.. VhostNetVocabulary.Steps(), .. MpSteps()]);

    private static IEnumerable<StepSyntax> MpSteps() =>
    [
        StepSyntax.For("mp-hold", "whether a pass-through back end keeps the requests of a ring, or completes them at once, and in which context",
            a => new MpHold(Name(a), Choice(a), a.Flag("hold"), a.Choice<CompletionContext>("context", CompletionContext.Process)),
            s => [("backend", Value.Symbol(s.Backend)), ("ring", Choices.Of(s.Ring)), ("hold", Value.Symbol(s.Hold ? "yes" : "no")), ("context", Context(s.Context))]),
        StepSyntax.For("mp-release", "lets go of requests, by their places among those outstanding, in this order",
            a => new MpRelease(Name(a), Choice(a), [.. a.List("places").Select(Place)], a.Choice<CompletionContext>("context", CompletionContext.Process),
                Errno(a), Optional(a), a.Int("after", 0, LongestDelay, 0)),
            s => [("backend", Value.Symbol(s.Backend)), ("ring", Choices.Of(s.Ring)), ("places", Value.List(s.Places.Select(p => Value.Of(p)))), ("context", Context(s.Context)),
                ("errno", s.Errno is { } e ? Value.Symbol(e) : null), ("most", s.Most is { } m ? Value.Of(m) : null), ("after", s.After == 0 ? null : Value.Of(s.After))]),
        StepSyntax.For("mp-refuse", "refuses every submit of a ring with an errno; without one they are taken again",
            a => new MpRefuse(Name(a), Choice(a), Errno(a)),
            s => [("backend", Value.Symbol(s.Backend)), ("ring", Choices.Of(s.Ring)), ("errno", s.Errno is { } e ? Value.Symbol(e) : null)]),
        StepSyntax.For("mp-capture", "whether a pass-through back end keeps the frames that it has sent", a => new MpCapture(Name(a), a.Flag("on")),
            s => [("backend", Value.Symbol(s.Backend)), ("on", Value.Symbol(s.On ? "yes" : "no"))]),
        StepSyntax.For("mp-count", "counts what a pass-through back end has", a => new MpCount(Name(a)), s => [("backend", Value.Symbol(s.Backend))]),
        StepSyntax.For<Census>("census", "counts what the device holds"),
        StepSyntax.For<Leaks>("leaks", "counts what the modules still hold"),
    ];

    private static Ring Choice(StepArguments a) => a.Choice<Ring>("ring");

    private static Value? Context(CompletionContext context) => context == CompletionContext.Process ? null : Choices.Of(context);

    private static string Name(StepArguments a) => a.Required("backend") is SymbolValue name ? name.Word : throw StepArguments.Wrong("backend must be a word without quotes");

    private static int Place(Value value) => value is NumberValue { Number: >= 0 and < MpRelease.MostPlaces and var place }
        ? (int)place
        : throw StepArguments.Wrong($"places are numbers from 0 to {MpRelease.MostPlaces - 1}, not {value}");

    private static string? Errno(StepArguments a) => a.Optional("errno") switch
    {
        null => null,
        SymbolValue { Word: var word } when Errnos.Contains(word) => word,
        var other => throw StepArguments.Wrong($"errno must be one of {string.Join(", ", Errnos)}, not {other}"),
    };

    private static int? Optional(StepArguments a) => a.Optional("most") is null ? null : a.Int("most", 0, LongestPacket);
}
