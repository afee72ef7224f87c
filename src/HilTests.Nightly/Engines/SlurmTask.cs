namespace HilTests.Nightly.Engines;

/// <summary>A task of an array job, as the queue tells it.</summary>
/// <param name="Job">The job's name.</param>
/// <param name="Task">Counted from 0.</param>
/// <param name="Id">The array's id; what <c>scancel</c> takes.</param>
/// <param name="State">Slurm's word, long: RUNNING, TIMEOUT, …</param>
/// <param name="Reason">Slurm's word for why it is in that state.</param>
internal sealed record SlurmTask(string Job, int Task, string Id, string State, string Reason)
{
    /// <summary>The form in which the queue is asked; <see cref="Parse"/> reads it.</summary>
    public const string Format = "--format=%j|%K|%F|%T|%r";

    /// <summary>Whether it will not run, now or again. A word that is not known here is of one that lives: it is looked at again.</summary>
    public bool IsEnded => State is "COMPLETED" or "CANCELLED" or "FAILED" or "TIMEOUT" or "NODE_FAIL" or "PREEMPTED" or "BOOT_FAIL" or "DEADLINE" or "OUT_OF_MEMORY";

    /// <summary>Whether it came to its end by itself; a result that it left may be seen a moment later.</summary>
    public bool IsCompleted => State == "COMPLETED";

    /// <summary>One line of the queue; null where it is none of an array.</summary>
    public static SlurmTask? Parse(string line) =>
        line.Trim().Split('|') is [var job, var task, var id, var state, var reason] && int.TryParse(task, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? new SlurmTask(job, number, id, state, reason)
            : null;

    /// <summary>How it ended, in words; what it asked for is in the night's plan.</summary>
    /// <param name="wants">What it asked of a node, as <c>sbatch</c> was told.</param>
    public string Ending(string wants) => State switch
    {
        "TIMEOUT" => $"Slurm ended it for its time limit (TIMEOUT; {wants}); raise `limit` where it needs longer",
        "OUT_OF_MEMORY" => $"Slurm ended it for its memory (OUT_OF_MEMORY; {wants}); raise `memory` where it needs more",
        "NODE_FAIL" => "its node failed (NODE_FAIL)",
        "BOOT_FAIL" => "its node did not start (BOOT_FAIL)",
        "PREEMPTED" => "Slurm took its node for another job (PREEMPTED)",
        "DEADLINE" => "its deadline was over (DEADLINE)",
        "CANCELLED" => "somebody cancelled it (CANCELLED)",
        "COMPLETED" => "it ended without a result (COMPLETED)",
        _ => $"it ended without a result ({State}, {Reason})",
    };
}
