using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using HilTests.Core.Kernel;
using HilTests.Core.Traces;
using HilTests.UnitTests.Programs;
using HilTests.UnitTests.Values;

namespace HilTests.UnitTests.Traces;

/// <summary>Traces of every ending.</summary>
public static class AnyTrace
{
    /// <summary>Kernel text: anything but a line end.</summary>
    private static readonly Gen<string> KernelLine = AnyValue.Texts.Select(t => t.Replace("\n", ""));

    /// <summary>What an agent says: one line of plain characters.</summary>
    private static readonly Gen<string> AgentLine = Gen.Choose(32, 126).Select(c => (char)c).ArrayOf().Select(c => new string(c));

    public static Gen<KernelProfile> Profiles { get; } = AnyValue.Fields(AnyValue.Trees(2)).Select(fields => KernelProfile.Of(fields.AsSpan()));

    private static readonly Gen<Observation> Observations =
        from start in Gen.Choose(0, int.MaxValue)
        from duration in Gen.Choose(0, int.MaxValue)
        from fields in AnyValue.Fields(AnyValue.Trees(3))
        from lines in KernelLine.ArrayOf()
        select new Observation { StartMicroseconds = start, DurationMicroseconds = duration, Fields = fields, Lines = [.. lines.Take(4)] };

    private static readonly Gen<Trace> Traces =
        from program in ProgramTextTests.Programs()
        from profile in Profiles
        from observations in Observations.ArrayOf(program.Steps.Length)
        from end in Gen.Elements(Enum.GetValues<TraceEnd>())
        from begun in Gen.Choose(0, program.Steps.Length)
        from back in Gen.Elements(true, false)
        from said in AgentLine.ArrayOf()
        let entries = Entries(program.Steps, observations, end == TraceEnd.Complete ? program.Steps.Length : begun, end != TraceEnd.Complete && !back)
        select new Trace
        {
            Program = program,
            Profile = profile,
            Entries = entries,
            End = end,
            EndLines = end is TraceEnd.Cut or TraceEnd.Complete ? [] : [.. said],
        };

    public static Arbitrary<Trace> Any() => Traces.ToArbitrary();

    private static ImmutableArray<TraceEntry> Entries(ImmutableArray<Core.Programs.Step> steps, Observation[] observations, int begun, bool lastIsOpen) =>
        [.. Enumerable.Range(0, begun).Select(i => new TraceEntry(steps[i], lastIsOpen && i == begun - 1 ? null : observations[i]))];
}
