namespace HilTests.Cli;

/// <summary>What <c>hil</c> ends with; docs list the codes.</summary>
internal static class ExitCode
{
    public const int Conforms = 0;

    /// <summary>Diverges, crashed or hung: a finding about the kernel.</summary>
    public const int Finding = 1;

    /// <summary>Wrong usage or unreadable input.</summary>
    public const int Usage = 2;

    /// <summary>Our own machinery: no QEMU, no boot, disk full.</summary>
    public const int Infrastructure = 4;

    public const int Inconclusive = 5;

    public const int Interrupted = 130;

    /// <summary>The code for a verdict's word.</summary>
    public static int Of(string verdict) => verdict switch
    {
        "conforms" => Conforms,
        "crashed" or "hung" or "diverges" => Finding,
        "infrastructure" => Infrastructure,
        "inconclusive" => Inconclusive,
        _ => throw new ArgumentException($"unknown verdict '{verdict}'", nameof(verdict)),
    };
}
