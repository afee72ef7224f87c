namespace HilTests.Nightly.History;

/// <summary>What became of a test since it was last seen, in the words of KernelCI.</summary>
public enum ChangeKind
{
    /// <summary>Right before, wrong now.</summary>
    Regression,

    /// <summary>Wrong the first time it was ever seen.</summary>
    NewFailure,

    /// <summary>Another outcome, and more than one thing is another: no word is right.</summary>
    Unclear,

    /// <summary>Both outcomes with nothing changed.</summary>
    Flaky,

    /// <summary>Wrong before, right now.</summary>
    Fixed,

    /// <summary>Wrong before and now.</summary>
    StillFailing,

    /// <summary>There for the first time, and right.</summary>
    Appeared,

    /// <summary>There the last time its shard ran, and not now.</summary>
    Disappeared,

    /// <summary>Right before and now.</summary>
    StillPassing,

    /// <summary>Nothing is known of tonight: our own side failed, or it was skipped.</summary>
    Silent,
}

/// <summary>How often a flaky test fails.</summary>
/// <param name="Failed">Runs that failed.</param>
/// <param name="Runs">Of how many, all with the same kernel, configuration and hil.</param>
/// <param name="Low">Lower end of the 95 % interval of the rate (Wilson).</param>
/// <param name="High">Its upper end.</param>
public sealed record FlakeRate(int Failed, int Runs, double Low, double High)
{
    /// <summary>Failures over runs, 0 to 1.</summary>
    public double Rate => Runs == 0 ? 0 : (double)Failed / Runs;

    /// <summary>The rate with its interval after Wilson, E. B. (1927), "Probable inference", for 95 %.</summary>
    public static FlakeRate Of(int failed, int runs)
    {
        if (runs == 0) return new FlakeRate(0, 0, 0, 1);
        const double z = 1.959963984540054;
        var rate = (double)failed / runs;
        var scale = 1 + (z * z / runs);
        var middle = (rate + (z * z / (2 * runs))) / scale;
        var half = z * Math.Sqrt((rate * (1 - rate) / runs) + (z * z / (4.0 * runs * runs))) / scale;
        return new FlakeRate(failed, runs, Math.Max(0, middle - half), Math.Min(1, middle + half));
    }
}

/// <summary>What became of a test.</summary>
/// <param name="Kind">The word.</param>
/// <param name="Differs">What is another than in the night it is compared with: one thing for a clean comparison, more for an unclear one.</param>
/// <param name="Since">The night it is compared with; null where there is none.</param>
/// <param name="FirstBad">The first night of the failures without a break that lead up to tonight; null where it does not fail.</param>
/// <param name="Flake">How often it fails, where it is flaky.</param>
public sealed record Change(ChangeKind Kind, IReadOnlyList<string> Differs, int? Since, int? FirstBad, FlakeRate? Flake)
{
    /// <summary>Compares a test with its own past. Like is compared with like: the night taken is the last one of which at most one thing differs from tonight.</summary>
    /// <param name="tonight">The night.</param>
    /// <param name="nights">Its nights, newest first; the first is tonight's where it was there.</param>
    public static Change Of(int tonight, IReadOnlyList<TestNight> nights)
    {
        if (nights.Count == 0 || nights[0].Run != tonight) return new Change(ChangeKind.Disappeared, [], nights.Count > 0 ? nights[0].Run : null, null, null);
        var now = nights[0];
        if (!now.Speaks) return new Change(ChangeKind.Silent, [], null, null, null);
        var past = nights.Skip(1).Where(n => n.Speaks).ToList();
        var firstBad = now.Failed ? past.TakeWhile(n => n.Failed).Select(n => n.Run).LastOrDefault(now.Run) : (int?)null;
        if (Flaking(now, past) is { } flake) return new Change(ChangeKind.Flaky, [], past.Count > 0 ? past[0].Run : null, firstBad, flake);
        if (past.Count == 0) return new Change(now.Failed ? ChangeKind.NewFailure : ChangeKind.Appeared, [], null, firstBad, null);
        // The same as last time needs no comparison.
        if (past[0].Failed == now.Failed) return new Change(now.Failed ? ChangeKind.StillFailing : ChangeKind.StillPassing, Differences(now, past[0]), past[0].Run, firstBad, null);
        var like = past.FirstOrDefault(n => Differences(now, n).Count <= 1);
        if (like is null) return new Change(ChangeKind.Unclear, Differences(now, past[0]), past[0].Run, firstBad, null);
        var kind = (like.Failed, now.Failed) switch
        {
            (false, true) => ChangeKind.Regression,
            (true, false) => ChangeKind.Fixed,
            (true, true) => ChangeKind.StillFailing,
            _ => ChangeKind.StillPassing,
        };
        return new Change(kind, Differences(now, like), like.Run, firstBad, null);
    }

    private static List<string> Differences(TestNight one, TestNight other) => [.. one.Origin.Differences(other.Origin)];

    /// <summary>Both outcomes with nothing changed: over nights of the same origin, or in tonight's repetitions.</summary>
    private static FlakeRate? Flaking(TestNight now, List<TestNight> past)
    {
        var same = past.Where(n => Differences(now, n).Count == 0).Prepend(now).ToList();
        var failed = same.Sum(n => n.Runs > 0 ? n.Seen : n.Failed ? 1 : 0);
        var runs = same.Sum(n => n.Runs > 0 ? n.Runs : 1);
        return failed > 0 && failed < runs ? FlakeRate.Of(failed, runs) : null;
    }
}
