namespace HilTests.Cli;

/// <summary>What <c>hil</c> ends with; docs list the codes.</summary>
internal static class ExitCode
{
    public const int Conforms = 0;

    /// <summary>Diverges, crashed or hung: a finding about the kernel.</summary>
    public const int Finding = 1;

    /// <summary>Wrong usage or unreadable input.</summary>
    public const int Usage = 2;

    /// <summary>The patch is unusable: it does not apply, does not compile, touches nothing that can be rebuilt.</summary>
    public const int PatchUnusable = 3;

    /// <summary>Our own machinery: no QEMU, no boot, disk full.</summary>
    public const int Infrastructure = 4;

    public const int Inconclusive = 5;

    public const int Interrupted = 130;

    /// <summary>What <c>git bisect run</c> understands: 125 skips a commit that cannot be judged, 128 and above ends the bisection.</summary>
    public static int ForBisect(int code) => code switch
    {
        PatchUnusable or Infrastructure or Inconclusive => 125,
        Usage => 128,
        _ => code,
    };

    /// <summary>The code for a verdict's word.</summary>
    public static int Of(string verdict) => verdict switch
    {
        "conforms" => Conforms,
        "crashed" or "hung" or "diverges" => Finding,
        "patch-unusable" => PatchUnusable,
        "infrastructure" => Infrastructure,
        "inconclusive" => Inconclusive,
        _ => throw new ArgumentException($"unknown verdict '{verdict}'", nameof(verdict)),
    };
}
