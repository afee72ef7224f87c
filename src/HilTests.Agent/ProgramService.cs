using HilTests.Agent.Boot;
using HilTests.Agent.Execution;
using HilTests.Agent.Probing;
using HilTests.Core;
using HilTests.Core.Channel;
using HilTests.Core.Kernel;
using HilTests.Core.Programs;

namespace HilTests.Agent;

/// <summary>The Run and Probe requests.</summary>
internal static class ProgramService
{
    private static KernelProfile? _profile;

    private static readonly Lazy<ProgramMarks> Marks = new(() => Environment.ProcessId == 1 ? ProgramMarks.Open() : ProgramMarks.OpenLocal());

    private static KernelProfile Profile => _profile ??= KernelProbe.Take();

    /// <summary>The kernel is asked anew before the next program: other modules were loaded.</summary>
    public static void ForgetProfile() => _profile = null;

    /// <summary>Answers a Run request: pieces of trace text while the program runs, then Done.</summary>
    public static void Run(Frame request, FrameWriter reply)
    {
        Marks.Value.Begin();
        var runner = new ProgramRunner(Profile, piece => reply.Write(Frame.OfText(FrameKind.Trace, request.RequestId, piece)));
        var program = ProgramText.Parse(request.Text);
        runner.Run(program, ProgramText.StepLines(request.Text, program.Steps.Length));
        Marks.Value.End(program.Name);
        reply.Write(Frame.Empty(FrameKind.Done, request.RequestId));
    }

    /// <summary>Answers a Probe request with the kernel's profile, or with the time that a fixed piece of work takes.</summary>
    public static void Probe(Frame request, FrameWriter reply)
    {
        var answer = request.Text switch
        {
            "" => Profile.ToString(),
            var text when FixedWork.TryParseRequest(text, out var rounds) => FixedWork.Answer(FixedWork.Measure(rounds)),
            FunctionWatch.CountRequest => FunctionWatcher.Counts(),
            var text when FunctionWatch.TryParseRequest(text, out var functions) => FunctionWatcher.Watch(functions),
            var text => throw new InvalidDataException($"a probe of '{text}' is not known; nothing or {FixedWork.Request(1)} was expected"),
        };
        reply.Write(Frame.OfText(FrameKind.Profile, request.RequestId, answer));
    }
}
