using HilTests.Core.Judging;
using HilTests.Core.Programs;
using HilTests.Core.Traces;

namespace HilTests.Core.Results;

/// <summary>A program that was made smaller and shows the same as the one it was made from.</summary>
public sealed record Counterexample
{
    /// <summary>The small program.</summary>
    public required Program Program { get; init; }

    /// <summary>What was observed on the fresh machine that confirmed it; of the last one where none did.</summary>
    public required Trace Trace { get; init; }

    /// <summary>The judgement of that trace.</summary>
    public required Judgement Judgement { get; init; }

    /// <summary>Programs that were run to find it.</summary>
    public required int Tried { get; init; }

    /// <summary>Seconds it took to find it.</summary>
    public required double Seconds { get; init; }

    /// <summary>Whether nothing smaller was left to try; false where the time was up first.</summary>
    public required bool Ended { get; init; }

    /// <summary>How often the same was seen in how many runs on fresh machines.</summary>
    public required (int Seen, int Runs) Fresh { get; init; }
}
