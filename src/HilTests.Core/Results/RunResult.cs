using System.Collections.Immutable;
using HilTests.Core.Judging;
using HilTests.Core.Kernel;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Traces;

namespace HilTests.Core.Results;

/// <summary>One program, run and judged.</summary>
public sealed record ProgramResult
{
    public required Program Program { get; init; }

    /// <summary>What was observed; null where the program was planned but never begun.</summary>
    public Trace? Trace { get; init; }

    /// <summary>The judgement; null where it was not run.</summary>
    public Judgement? Judgement { get; init; }

    /// <summary>Why it was not run (a feature the kernel lacks, an interrupted run); null where it was.</summary>
    public string? Skipped { get; init; }

    /// <summary>The kernel's console lines of this program.</summary>
    public ImmutableArray<string> Console { get; init; } = [];

    /// <summary>What the kernel said against itself meanwhile, a title each: warnings, sanitizers, lockdep.</summary>
    public ImmutableArray<string> Complaints { get; init; } = [];

    /// <summary>Seconds from request to judgement.</summary>
    public double Seconds { get; init; }

    /// <summary>How often a divergence was seen in how many runs; (0, 0) where it was run once.</summary>
    public (int Seen, int Runs) Repeats { get; init; }

    /// <summary>Whether it was seen on a machine that was booted for it, not copied from a template; null where none was.</summary>
    public bool? SeenCold { get; init; }

    /// <summary>In a triage: the same program on the kernel without the patch; null where it was not run there, or there is no patch.</summary>
    public ProgramResult? Stock { get; init; }

    /// <summary>In a triage: how often the kernel without the patch showed the same in how many runs.</summary>
    public (int Seen, int Runs) StockRepeats { get; init; }

    /// <summary>The smallest program that was found to show the same; null where none was looked for or none is smaller.</summary>
    public Counterexample? Counterexample { get; init; }
}

/// <summary>The kernel a run was about.</summary>
/// <param name="Name">the name it was asked for by, e.g. <c>bookworm</c></param>
/// <param name="Release"><c>uname -r</c></param>
/// <param name="Package">package name and version, or null</param>
/// <param name="Modules">loaded modules of the devices under test with the SHA-256 of their files</param>
public sealed record KernelFacts(string Name, string Release, string? Package, ImmutableSortedDictionary<string, string> Modules);

/// <summary>The machine a run used.</summary>
/// <param name="Kind"><c>qemu</c> or <c>local</c></param>
/// <param name="Accelerator"><c>kvm</c>, <c>tcg</c> or <c>none</c></param>
/// <param name="Cpus">virtual CPUs</param>
/// <param name="MemoryMiB">memory in MiB</param>
/// <param name="Slowdown">time of a fixed piece of work (<see cref="FixedWork"/>) in the guest over that on the host; null where not measured</param>
public sealed record MachineFacts(string Kind, string Accelerator, int Cpus, int MemoryMiB, double? Slowdown);

/// <summary>A machine that failed.</summary>
/// <param name="Machine">which, counted from 1</param>
/// <param name="Cause">kind and title: <c>Panic: BUG: … in …</c>, <c>did not start: …</c></param>
/// <param name="Program">the last program that ran on it; null where none did</param>
public sealed record MachineLossNote(int Machine, string Cause, string? Program)
{
    /// <summary>One line for a report.</summary>
    public string Words => $"machine {Machine}{(Program is null ? "" : $" in {Program}")}: {Cause}";
}

/// <summary>What a run was made from, so that it can be made again; each null where it is not known.</summary>
/// <param name="Config">the kernel's configuration, e.g. <c>sha256:…</c> of the file</param>
/// <param name="Image">the VM image, e.g. <c>sha256:…</c></param>
/// <param name="Commit">the commit of this project</param>
public sealed record RunOrigin(string? Config, string? Image, string? Commit);

/// <summary>Where the time went, in seconds.</summary>
public sealed record RunTimings(double Build, double Boot, double Run, double Total);

/// <summary>A whole run: what <c>hil run</c> reports in every format.</summary>
public sealed record RunResult
{
    public required DateTimeOffset Started { get; init; }

    /// <summary>The command line, for the report.</summary>
    public required string Command { get; init; }

    public required KernelFacts Kernel { get; init; }

    public required MachineFacts Machine { get; init; }

    public RunOrigin Origin { get; init; } = new(null, null, null);

    /// <summary>The folder the run is kept in, as its user would type it; null where it is not kept.</summary>
    public string? Folder { get; init; }

    public KernelProfile? Profile { get; init; }

    public required RunTimings Timings { get; init; }

    /// <summary>Every planned program, run or not.</summary>
    public required ImmutableArray<ProgramResult> Programs { get; init; }

    /// <summary>The rules of the models that took part, for coverage.</summary>
    public ImmutableArray<Rule> Rules { get; init; } = [];

    /// <summary>The transitions of the models that took part, each with its device: <c>vhost-net set-owner: EBUSY</c>.</summary>
    public ImmutableArray<string> Transitions { get; init; } = [];

    /// <summary>The patch that the run is about: then its verdict is about the patch. Null where there is none.</summary>
    public PatchRecord? Patch { get; init; }

    /// <summary>What kept the run from being finished (infrastructure); null where nothing did.</summary>
    public string? Infrastructure { get; init; }

    /// <summary>Machines that were lost or did not start, whatever that meant for a verdict.</summary>
    public ImmutableArray<MachineLossNote> Losses { get; init; } = [];

    /// <summary>The seed that the generated programs were made from; null where none were.</summary>
    public ulong? Seed { get; init; }

    public bool Interrupted { get; init; }

    /// <summary>The whole console of the machine.</summary>
    public string Console { get; init; } = "";

    /// <summary>Known bugs count like any other divergence.</summary>
    public bool Strict { get; init; }

    /// <summary>
    /// The word of the whole: the worst of crashed, hung, diverges; then infrastructure, inconclusive, conforms.
    /// </summary>
    public string Verdict
    {
        get
        {
            if (Patch is { Unusable: not null }) return "patch-unusable";
            if (Patch is { LoadFailure: not null }) return "diverges";
            // What stock does as well is no verdict about the patch.
            var words = Programs.Where(p => p.Judgement is not null).Select(p => Patch is not null && Comparison.IsExcused(p) ? "conforms" : p.Judgement!.Verdict.Word).ToHashSet();
            foreach (var finding in (string[])["crashed", "hung", "diverges"])
                if (words.Contains(finding)) return finding;
            if (Infrastructure is not null) return "infrastructure";
            return words.Contains("inconclusive") || words.Count == 0 ? "inconclusive" : "conforms";
        }
    }

    /// <summary>The exit code for the verdict: 0, 1, 3, 4, 5; 130 where interrupted.</summary>
    public int ExitCode => Interrupted ? 130 : Verdict switch
    {
        "conforms" => 0,
        "crashed" or "hung" or "diverges" => 1,
        "patch-unusable" => 3,
        "infrastructure" => 4,
        _ => 5,
    };
}
