using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Kernel;
using HilTests.Core.Predictions;
using HilTests.Core.Programs;
using HilTests.Core.Values;
using static HilTests.Models.VhostNet.Answers;

namespace HilTests.Models.VhostNet;

/// <summary>Requests that only newer kernels have: features as an array, the kind of the worker.</summary>
internal static class NewerCalls
{
    /// <summary>The branches of the step, or null where it is none of these.</summary>
    public static IEnumerable<Branch<VhostNetState>>? Predict(VhostNetState state, Step step) => step switch
    {
        GetFeaturesArray or SetFeaturesArray or GetForkOwner or SetForkOwner when !state.IsOpen => [Failure(state, "EBADF", VhostNetRules.Call)],
        GetFeaturesArray get => [Success(state, null, new Claim("features", Allowed.Exactly(Value.List(Offered(state, get.Words))), VhostNetRules.FeaturesArray))],
        SetFeaturesArray set => [IsOffered(state, set.Words)
            ? ControlPlane.SetMask(state, set.Words.FirstOrDefault())
            : Failure(state, "EOPNOTSUPP", VhostNetRules.FeaturesUnknown)],
        GetForkOwner => [Success(state, VhostNetRules.ForkOwner, new Claim("mode", Allowed.Exactly(state.ForkOwner.Mode), VhostNetRules.ForkOwner))],
        SetForkOwner when state.Owned => [Failure(state, "EBUSY", VhostNetRules.ForkOwner)],
        SetForkOwner { Mode: > 1 } => [Failure(state, "EINVAL", VhostNetRules.ForkOwner)],
        SetForkOwner set => [Success(state with { ForkOwner = (set.Mode, state.ForkOwner.Initial) }, VhostNetRules.ForkOwner)],
        _ => null,
    };

    /// <summary>What of the array the model does not know; null where nothing.</summary>
    public static string? Unmodelled(VhostNetState state, ImmutableArray<ulong> words)
    {
        if (!IsOffered(state, words)) return null;
        if (words.Skip(1).Any(w => w != 0)) return "UDP tunnel offloads, with their longer header, are not modelled";
        return (words.FirstOrDefault() & (Feature.AccessPlatform | Feature.InOrder)) != 0
            ? "the IOTLB and IN_ORDER are not modelled yet"
            : null;
    }

    /// <summary>What of the program the kernel does not have, found by probing it; null where nothing.</summary>
    public static string? Lacks(KernelProfile profile, Program program)
    {
        var offered = (ulong)profile.Number("vhost-features", (long)Feature.Always);
        foreach (var step in program.Steps)
        {
            var missing = step switch
            {
                SetFeatures { Features: var f } when (f & Feature.RingReset & ~offered) != 0 => "the feature RING_RESET (bit 40)",
                SetFeatures { Features: var f } when (f & Feature.InOrder & ~offered) != 0 => "the feature IN_ORDER (bit 35)",
                GetFeaturesArray or SetFeaturesArray when profile["vhost-features-high"] is null => "VHOST_GET_FEATURES_ARRAY and VHOST_SET_FEATURES_ARRAY",
                GetForkOwner or SetForkOwner when profile["vhost-fork-from-owner"] is null => "VHOST_GET_FORK_FROM_OWNER and VHOST_SET_FORK_FROM_OWNER",
                _ => null,
            };
            if (missing is not null) return $"vhost-net of this kernel lacks {missing}";
        }
        return null;
    }

    private static IEnumerable<Value> Offered(VhostNetState state, int words) =>
        Enumerable.Range(0, words).Select(i => Value.Hex(i == 0 ? state.Offered : i == 1 ? state.OfferedHigh : 0));

    private static bool IsOffered(VhostNetState state, ImmutableArray<ulong> words) =>
        words.Select((word, i) => word & ~(i == 0 ? state.Offered : i == 1 ? state.OfferedHigh : 0)).All(unknown => unknown == 0);
}
