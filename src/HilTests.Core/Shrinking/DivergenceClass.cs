using HilTests.Core.Judging;

namespace HilTests.Core.Shrinking;

/// <summary>What makes two findings the same one: the kind of verdict, and the broken rule or the crash's title.</summary>
/// <param name="Word">the verdict's word: <c>diverges</c>, <c>crashed</c> or <c>hung</c></param>
/// <param name="Key">the rule's id; the title of a crash; empty for a hang</param>
public sealed record DivergenceClass(string Word, string Key)
{
    /// <summary>The class of a verdict; null where it is no finding.</summary>
    public static DivergenceClass? Of(Verdict verdict) => verdict switch
    {
        Verdict.Diverges diverges => new(verdict.Word, diverges.Discrepancy.Rule.Id),
        Verdict.Crashed crashed => new(verdict.Word, crashed.Title),
        Verdict.Hung => new(verdict.Word, ""),
        _ => null,
    };

    /// <summary>The first wrong step of a finding, counted from 1; 0 where none is known.</summary>
    public static int WrongStep(Verdict verdict) => verdict switch
    {
        Verdict.Diverges diverges => diverges.Discrepancy.Step,
        Verdict.Crashed crashed => crashed.Step,
        Verdict.Hung hung => hung.Step,
        _ => 0,
    };
}
