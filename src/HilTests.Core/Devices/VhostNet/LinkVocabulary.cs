using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.Core.Devices.VhostNet;

/// <summary>Text forms of the steps about back ends: what they are made of, full ones, swapped ones.</summary>
internal static class LinkVocabulary
{
    private const int LargestSendBuffer = 1 << 30;
    private const int LongestDelay = 5000;

    public static IEnumerable<StepSyntax> Steps() =>
    [
        StepSyntax.For("make-backend",
            "makes a back end: kind=tap, packet, macvtap, or something unacceptable; header= is the socket's own virtio-net header, sndbuf= limits what waits on its way out, outlet=queue lets a tap be plugged",
            a => new MakeBackend(
                ReadName(a), a.Choice<BackendKind>("kind"), a.Int("header", 0, 12, 0), a.Int("sndbuf", 0, LargestSendBuffer, 0), a.Choice<Outlet>("outlet", Outlet.Direct)),
            s => [("name", Value.Symbol(s.Name)), ("kind", Choices.Of(s.Kind)), ("header", NonZero(s.Header)), ("sndbuf", NonZero(s.SendBuffer)),
                ("outlet", s.Outlet == Outlet.Direct ? null : Choices.Of(s.Outlet))]),
        StepSyntax.For("load-module", "loads vhost_net anew for this program, with zero-copy sending or without",
            a => new LoadModule(a.Flag("zero-copy")), s => [("zero-copy", Value.Symbol(s.ZeroCopy ? "yes" : "no"))]),
        OfBackend("plug", "holds every frame that leaves through the back end", name => new Plug(name), s => s.Backend),
        StepSyntax.For("unplug", "lets go of what the plug holds, and waits until it has left; with after= so many milliseconds later, during the next step",
            a => new Unplug(ReadName(a, "backend"), a.Int("after", 0, LongestDelay, 0)), s => [("backend", Value.Symbol(s.Backend)), ("after", NonZero(s.After))]),
        OfBackend("remove-interface", "removes the network interface of a tap whose file stays open", name => new RemoveInterface(name), s => s.Backend),
    ];

    private static StepSyntax OfBackend<T>(string name, string summary, Func<string, T> make, Func<T, string> take)
        where T : Step => StepSyntax.For(name, summary, a => make(ReadName(a, "backend")), s => [("backend", Value.Symbol(take(s)))]);

    /// <summary>A back end's name: it is printed as a word, so it must be one.</summary>
    private static string ReadName(StepArguments a, string argument = "name") => a.Required(argument) is SymbolValue name
        ? name.Word
        : throw StepArguments.Wrong($"{argument} must be a word without quotes");

    private static Value? NonZero(long number) => number == 0 ? null : Value.Of(number);
}
