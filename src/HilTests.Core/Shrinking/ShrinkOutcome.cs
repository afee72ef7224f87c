using HilTests.Core.Programs;

namespace HilTests.Core.Shrinking;

/// <summary>What shrinking came to.</summary>
/// <param name="Program">the smallest program found that still shows it; the one it began with where none smaller does</param>
/// <param name="Tried">programs that were asked about</param>
/// <param name="Ended">whether nothing smaller was left to try; false where the time was up first</param>
public sealed record ShrinkOutcome(Program Program, int Tried, bool Ended);
