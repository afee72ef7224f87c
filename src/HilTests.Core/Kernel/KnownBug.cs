using System.Collections.Immutable;

namespace HilTests.Core.Kernel;

/// <summary>A kernel bug that is known and fixed upstream. It stays a finding; it is only labelled.</summary>
/// <param name="Rule">the id of the rule that the kernel breaks</param>
/// <param name="Commit">the upstream commit that fixes it, or null where none has been identified</param>
/// <param name="Title">the commit's title</param>
/// <param name="FirstFixed">the first upstream version with the fix</param>
public sealed record KnownBug(string Rule, string? Commit, string Title, Version FirstFixed);

/// <summary>The list of known bugs. Labels only: nothing here changes what the models expect.</summary>
public static class KnownBugs
{
    /// <summary>Every known bug.</summary>
    public static ImmutableArray<KnownBug> All { get; } =
    [
        new("vhost.rx.num-buffers-one", "a3b9c053d82a9e524746f5473ad1bd18e9894bfa", "vhost/net: Set num_buffers for virtio 1.0", new Version(6, 14)),
    ];

    /// <summary>The bugs of the kernel the profile was probed on, by rule id.</summary>
    public static IReadOnlyDictionary<string, KnownBug> Of(KernelProfile profile)
    {
        var release = profile.Release;
        var end = 0;
        while (end < release.Length && (char.IsAsciiDigit(release[end]) || release[end] == '.')) end++;
        return Version.TryParse(release[..end].Trim('.'), out var version)
            ? All.Where(b => version < b.FirstFixed).ToImmutableDictionary(b => b.Rule)
            : ImmutableDictionary<string, KnownBug>.Empty;
    }
}
