using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using HilTests.Nightly.Matrices;

namespace HilTests.Nightly.Nights;

/// <summary>What planning has to know beside the matrix.</summary>
public sealed record PlanningFacts
{
    /// <summary>The number of the night, counted from 1: the seeds called "tonight" are made from it, and it says which mutants are on.</summary>
    public required int Night { get; init; }

    /// <summary>Seconds that a series took when it last ran; empty where nothing is known.</summary>
    public IReadOnlyDictionary<string, double> LastSeconds { get; init; } = new Dictionary<string, double>();

    /// <summary>Memory that one machine may have on this host, in MiB; null where nodes of a cluster decide.</summary>
    public int? MostMemoryMiB { get; init; }
}

/// <summary>Cuts a matrix into shards.</summary>
public static class Planning
{
    /// <summary>Guesses for what never ran: booting and confirming, and one program. After the first night what was measured takes their place.</summary>
    private const double GuessedSeconds = 20, GuessedSecondsProgram = 0.25;

    private const int GuessedPrograms = 100;

    /// <summary>The shards, in the order of the matrix: suites first, then audits.</summary>
    public static ImmutableArray<Shard> Shards(Matrix matrix, PlanningFacts facts)
    {
        var shards = ImmutableArray.CreateBuilder<Shard>();
        var kernels = matrix.Kernels.ToDictionary(k => k.Label);
        foreach (var suite in matrix.Suites)
        {
            foreach (var kernel in suite.Kernels.Select(l => kernels[l]))
                foreach (var seed in suite.Amounts.Seeds ?? []) shards.Add(Complete(Suite(shards.Count + 1, kernel, suite, seed, facts), facts));
        }
        foreach (var audit in matrix.Audits) shards.Add(Complete(Audit(shards.Count + 1, kernels[audit.Kernel], audit, facts), facts));
        var twice = shards.GroupBy(s => s.Series).FirstOrDefault(g => g.Count() > 1);
        return twice is null
            ? shards.ToImmutable()
            : throw new MatrixException($"shards {string.Join(" and ", twice.Select(s => s.Id))} are the same: {twice.Key}; take one of the suites out, or let them differ");
    }

    /// <summary>The seed called "tonight" of a night and a kernel's suite.</summary>
    public static ulong TonightsSeed(int night, string what) =>
        BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes($"night {night} {what}"))) >> 16;

    /// <summary>For a name of a file: letters, digits, dot, minus, underscore.</summary>
    public static string Safe(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '-')).Trim('-', '.');

    private static Shard Suite(int number, MatrixKernel kernel, MatrixSuite suite, MatrixSeed seed, PlanningFacts facts)
    {
        var amounts = suite.Amounts;
        var patches = string.Join(' ', suite.Patches.Select(Path.GetFileName));
        return new Shard
        {
            Number = number,
            Id = $"{number:0000}-{Safe(kernel.Label)}-{suite.Device}-{seed}",
            Kind = ShardKind.Run,
            Kernel = kernel.Name,
            KernelLabel = kernel.Label,
            Device = suite.Device,
            Programs = amounts.Programs,
            TimeSeconds = amounts.Time?.TotalSeconds,
            Seed = seed.Fixed ?? TonightsSeed(facts.Night, $"{kernel.Label} {suite.Device}"),
            IsTonight = seed.Fixed is null,
            Accelerator = amounts.Accelerator!,
            MemoryMiB = kernel.MemoryMiB ?? amounts.MemoryMiB!.Value,
            Patches = suite.Patches,
            Features = [.. kernel.Features.Union(suite.Features)],
            Licenses = suite.Licenses,
            LimitSeconds = amounts.Limit!.Value.TotalSeconds,
            Retries = amounts.Retries!.Value,
            Owner = amounts.Owner is { Length: > 0 } owner ? owner : kernel.Owner,
            Series = Words("run", kernel, suite.Device, amounts)
                + $" seed={seed} {(amounts.Time is { } time ? $"time={time.TotalSeconds}s" : $"programs={amounts.Programs?.ToString() ?? "own"}")}" + (patches.Length > 0 ? $" patches={patches}" : ""),
        };
    }

    private static Shard Audit(int number, MatrixKernel kernel, MatrixAudit audit, PlanningFacts facts) => new()
    {
        Number = number,
        Id = $"{number:0000}-{Safe(kernel.Label)}-{audit.Device}-audit",
        Kind = ShardKind.Audit,
        Kernel = kernel.Name,
        KernelLabel = kernel.Label,
        Device = audit.Device,
        Programs = audit.Count,
        TimeSeconds = audit.Time.TotalSeconds,
        Seed = 1,
        Turn = facts.Night - 1,
        Accelerator = audit.Amounts.Accelerator!,
        MemoryMiB = kernel.MemoryMiB ?? audit.Amounts.MemoryMiB!.Value,
        Features = [.. kernel.Features.Union(audit.Features)],
        LimitSeconds = audit.Amounts.Limit!.Value.TotalSeconds,
        Retries = audit.Amounts.Retries!.Value,
        Owner = audit.Amounts.Owner is { Length: > 0 } owner ? owner : kernel.Owner,
        Series = Words("audit", kernel, audit.Device, audit.Amounts) + $" count={audit.Count} time={audit.Time.TotalSeconds}s",
    };

    private static string Words(string kind, MatrixKernel kernel, string device, Amounts amounts) =>
        $"{kind} kernel={kernel.Label} device={device} accel={amounts.Accelerator} memory={kernel.MemoryMiB ?? amounts.MemoryMiB}";

    private static Shard Complete(Shard shard, PlanningFacts facts) => shard with
    {
        EstimateSeconds = facts.LastSeconds.TryGetValue(shard.Series, out var seconds) ? seconds : Guess(shard),
        Impossible = facts.MostMemoryMiB is { } most && shard.MemoryMiB > most
            ? $"it needs {shard.MemoryMiB} MiB for one machine, and this host has {most} MiB for machines: lower `memory`, or run it on a node that has more"
            : null,
    };

    private static double Guess(Shard shard) => Math.Min(shard.LimitSeconds, shard.Kind == ShardKind.Audit
        ? GuessedSeconds + ((shard.Programs ?? 1) * ((shard.TimeSeconds ?? 0) + 5))
        : GuessedSeconds + (shard.TimeSeconds ?? ((shard.Programs ?? GuessedPrograms) * GuessedSecondsProgram)));
}
