using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.Core.Devices.VhostNet;

/// <summary>The steps about the dirty log and their text forms.</summary>
internal static class LogVocabulary
{
    public static IEnumerable<StepSyntax> Steps { get; } =
    [
        StepSyntax.For("set-log-base", "VHOST_SET_LOG_BASE; so many bytes behind the start of area, unmapped or kernel",
            a => new SetLogBase(a.Choice<LogPlace>("place"), a.Int("offset", 0, missing: 0)),
            s => [("place", Choices.Of(s.Place)), ("offset", s.Offset == 0 ? null : Value.Hex((ulong)s.Offset))]),
        StepSyntax.For("set-log-fd", "VHOST_SET_LOG_FD",
            a => new SetLogFd(a.Choice<FileChoice>("fd")), s => [("fd", Choices.Of(s.File))]),
        StepSyntax.For<ReadLog>("read-log", "reads and clears the log of dirty pages"),
    ];
}
