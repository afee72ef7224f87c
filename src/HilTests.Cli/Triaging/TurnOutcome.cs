using System.Collections.Immutable;
using HilTests.Cli.Running;
using HilTests.Core.Channel;
using HilTests.Core.Results;
using HilTests.Lab.Modules;
using HilTests.Lab.Patches;

namespace HilTests.Cli.Triaging;

/// <summary>What the turns of stock and patched modules came to so far.</summary>
internal sealed class TurnOutcome
{
    /// <summary>Programs that were run on both sides: the patched side's results, the other side's in them.</summary>
    public List<QueuedProgram> Programs { get; } = [];

    /// <summary>Those of them that speak against the patch.</summary>
    public List<QueuedProgram> Broken { get; } = [];

    /// <summary>Why the patched modules cannot be loaded, when stock ones can; null where they can.</summary>
    public string? LoadFailure { get; set; }

    /// <summary>What went wrong on our own side; null where nothing did.</summary>
    public string? Infrastructure { get; set; }

    /// <summary>Differences that both sides showed each time.</summary>
    public List<EnvelopeChange> Changes { get; } = [];

    /// <summary>How often each side had its turn.</summary>
    public int Turns { get; set; }

    /// <summary>By changed function how many scouted programs came there.</summary>
    public IReadOnlyDictionary<string, int> Scouted { get; set; } = new Dictionary<string, int>();

    /// <summary>The changed functions with how often the patched kernel called them.</summary>
    public static ImmutableArray<ReachedFunction> Reached(
        IReadOnlyList<ChangedFunction> changed, IReadOnlyList<WatchPlan> plans, IReadOnlyDictionary<WatchedFunction, long?> calls, IReadOnlyDictionary<string, int> scouted) =>
        [.. changed.Select(function =>
        {
            var watched = plans.SelectMany(p => p.ByFunction.GetValueOrDefault(function.Name, [])).ToList();
            var counted = watched.Select(w => calls.GetValueOrDefault(w)).OfType<long>().ToList();
            var via = plans.Any(p => p.Inlined.Contains(function.Name)) ? string.Join(", ", watched.Select(w => w.Symbol.Split('.')[0]).Distinct()) : "";
            return new ReachedFunction(function.File, function.Name, counted.Count > 0 ? counted.Sum() : null, scouted.GetValueOrDefault(function.Name), via);
        })];
}
