using System.Text.RegularExpressions;

namespace HilTests.Nightly.Engines;

/// <summary>What became of a submission.</summary>
internal enum SubmitAnswer
{
    /// <summary>The cluster has the job.</summary>
    Taken,

    /// <summary>The cluster will never take it: no such feature, too much memory.</summary>
    Refused,

    /// <summary>The cluster does not take it now, and may take it later, or take a smaller one: a limit on jobs, a partition that is drained.</summary>
    Later,

    /// <summary>Nobody answered, or <c>sbatch</c> was ended before it could say: the cluster may have the job.</summary>
    Silence,
}

/// <summary>Reads what <c>sbatch</c> says. Its words are those of slurm_errno.c and of the state reasons of Slurm 22.05.</summary>
internal static partial class SubmitWords
{
    private static readonly string[] Silent =
    [
        "Unable to contact slurm controller", "Socket timed out", "Connection refused", "Connection timed out", "Unexpected message received", "Transport endpoint", "munge", "Munge",
        "slurm_persist_conn", "Zero Bytes were transmitted", "backup controller in standby", "not responding",
    ];

    private static readonly string[] Passing =
    [
        "temporarily unable to accept job", "Resource temporarily unavailable", "Required partition not available", "partition configuration not available now",
        "I/O error writing script", "Too many open files", "Cannot allocate memory",
    ];

    /// <summary>What an ended <c>sbatch</c> means.</summary>
    public static SubmitAnswer Of(CommandSaid said)
    {
        if (said.Code == 0) return SubmitAnswer.Taken;
        bool Says(string[] words) => words.Any(w => said.Errors.Contains(w, StringComparison.Ordinal));
        // Ended by a signal: nobody knows how far it came.
        if (said.Code > 128 || Says(Silent)) return SubmitAnswer.Silence;
        if (Says(Passing) || SubmitLimit().IsMatch(said.Errors)) return SubmitAnswer.Later;
        // A limit that is named and is not one on submitting stays; one that is not named may pass.
        return said.Errors.Contains("accounting/QOS policy", StringComparison.Ordinal) && !NamedLimit().IsMatch(said.Errors) ? SubmitAnswer.Later : SubmitAnswer.Refused;
    }

    [GeneratedRegex(@"\b(Assoc|QOS)\w*Submit\w*Limit\b")]
    private static partial Regex SubmitLimit();

    [GeneratedRegex(@"\b(Assoc|QOS)\w+(Limit|NotAllowed)\b")]
    private static partial Regex NamedLimit();
}
