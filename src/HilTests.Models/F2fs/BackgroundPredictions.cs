using HilTests.Core.Predictions;
using HilTests.Models.F2fs.Following;

namespace HilTests.Models.F2fs;

/// <summary>What the background discards while a file system is mounted; the unmount issues the rest, however short.</summary>
internal static class BackgroundPredictions
{
    /// <summary>Shorter commands go out in the order of their blocks, with longer ones (DEFAULT_DISCARD_GRANULARITY, max_ordered_discard).</summary>
    private const ulong Ordered = 16;

    /// <summary>Attributes that allow shorter commands.</summary>
    private static readonly string[] Urgent = ["max_ordered_discard", "discard_urgent_util", "ram_thresh"];

    /// <summary>Claims about the commands since the granularity was set, but for those of the first step that had any; gives the state behind them.</summary>
    public static F2fsState Follow(List<Claim> claims, F2fsState state, IoFollower follower)
    {
        var inForce = state.GranularityInForce;
        var set = state.Written.TryGetValue("discard_granularity", out var blocks);
        var known = set && blocks >= Ordered && state is { Mounted: true, BackgroundDiscard: true, CoarseUnit: false } && !IsUrgent(state);
        var since = 0;
        foreach (var (step, effect) in state.Effects.OrderBy(e => e.Key))
            if (effect is StepEffect.Granular or StepEffect.Mounted) (since, inForce) = (step, false);
        if (!known) return state with { GranularityInForce = false };
        var i = -1;
        foreach (var step in follower.Trims.Keys.Order())
        {
            i++;
            if (step <= since || state.Effects.GetValueOrDefault(step) is StepEffect.Mounted or StepEffect.Unmounted or StepEffect.Crashed) continue;
            if (inForce) claims.Add(new Claim($"discards[{i}].shortest", Allowed.AtLeast((long)blocks), F2fsRules.DiscardGranularity));
            inForce = true;
        }
        return state with { GranularityInForce = inForce };
    }

    /// <summary>Whether the file system may be in a hurry: more than half full, or told so.</summary>
    private static bool IsUrgent(F2fsState state) =>
        state.FileBytes > state.DiskBytes / 2 || Urgent.Any(state.Written.ContainsKey) || (state.Written.TryGetValue("gc_urgent", out var mode) && mode is not (0 or 2));
}
