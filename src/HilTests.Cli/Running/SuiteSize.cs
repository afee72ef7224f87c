namespace HilTests.Cli.Running;

/// <summary>How much is run when nobody says how much.</summary>
internal static class SuiteSize
{
    /// <summary>
    /// Generated programs beside the hand-written ones. Chosen so that the whole default suite takes at most 30 s
    /// under TCG on two cores once kernel, agent and image are there.
    /// </summary>
    public static int Generated(string device) => device switch
    {
        "f2fs" => 4,
        _ => 100,
    };

    /// <summary>How often a program that diverged or crashed is run again, on a fresh machine.</summary>
    public const int ConfirmingRuns = 2;

    /// <summary>How many programs are confirmed at most; a kernel that gets everything wrong needs no more.</summary>
    public const int MostConfirmed = 10;

    /// <summary>How many kinds of findings are confirmed on a machine that is booted for it.</summary>
    public const int MostConfirmedCold = 3;

    /// <summary>How many different findings are shrunk at most; one program of each.</summary>
    public const int MostShrunk = 5;

    /// <summary>How often in a row a smaller program must show what the first one showed each time it was run.</summary>
    public const int ShowsInARow = 3;

    /// <summary>How often a shrunk program is run on a fresh machine; a hang once, for it takes half a minute.</summary>
    public const int ShrunkRuns = 2;

    /// <summary>How many machines may be lost before the run is given up.</summary>
    public const int MostLosses = 5;
}
