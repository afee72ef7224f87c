using System.Collections.Immutable;
using HilTests.Core.Values;

namespace HilTests.Core.Kernel;

/// <summary>A kernel bug that is known and fixed upstream. It stays a finding; it is only labelled.</summary>
/// <param name="Rule">the id of the rule that the kernel breaks</param>
/// <param name="Commit">the upstream commit that fixes it, or null where none has been identified</param>
/// <param name="Title">the commit's title</param>
/// <param name="FirstFixed">the first upstream version with the fix</param>
/// <param name="StateLost">
/// whether the device is in a state that no model can know once the bug has shown: the rest of a program is then not judged
/// </param>
public sealed record KnownBug(string Rule, string? Commit, string Title, Version FirstFixed, bool StateLost = false)
{
    /// <summary>
    /// Stable versions that were seen to have the fix, at most one a series; later ones of the series have it, earlier
    /// ones may. On these a broken rule is news.
    /// </summary>
    public ImmutableArray<Version> Backports { get; init; } = [];

    /// <summary>
    /// The first series that may have the fix, by its stable releases: from there on up to <see cref="FirstFixed"/> the version does not tell, and
    /// nothing is labelled. Null where no stable series got it, or where <see cref="Backports"/> says which did.
    /// </summary>
    public Version? FirstBackported { get; init; }

    /// <summary>Whether a kernel of this version may have the bug.</summary>
    public bool Concerns(Version version) => version < (FirstBackported ?? FirstFixed)
        && !Backports.Any(b => (b.Major, b.Minor) == (version.Major, version.Minor) && version >= b);
}

/// <summary>The list of known bugs. Labels only: nothing here changes what the models expect.</summary>
public static class KnownBugs
{
    private static readonly ImmutableArray<Version> EmptyRing = [new(6, 1, 192), new(6, 12, 117)];

    /// <summary>Every known bug.</summary>
    public static ImmutableArray<KnownBug> All { get; } =
    [
        new("f2fs.iostat.discard", "15e38ee44d50cad264da80ef75626b9224ddc4a3", "f2fs: fix iostat parameter for discard", new Version(6, 2)) { FirstBackported = new Version(5, 15) },
        // The counter of buffered writes was the difference of two that are updated one after the other, with a record in between.
        new("f2fs.record.bytes", "a1e09b03e6f5c1d713c88259909137c0fd264ede", "f2fs: use iomap for direct I/O", new Version(5, 17)),
        new("vhost.rx.num-buffers-one", "a3b9c053d82a9e524746f5473ad1bd18e9894bfa", "vhost/net: Set num_buffers for virtio 1.0", new Version(6, 14)),
        new("vhost.tx.refused", "dc9c9e72ff3ba01ae63e6263ac26234ba1869cd7", "vhost_net: avoid tx queue stuck when sendmsg fails", new Version(5, 12), StateLost: true),
        new("vhost.iotlb.empty", "e2ae38cf3d91837a493cb2093c87700ff3cbe667", "vhost: fix hung thread due to erroneous iotlb entries", new Version(5, 17), StateLost: true) { FirstBackported = new Version(5, 15) },
        new("vhost.avail.jump-forgotten", "09861858a68342f851f71c669ac0f69865c32151", "vhost: fix vhost_get_avail_idx for a non empty ring", new Version(7, 2), StateLost: true) { Backports = EmptyRing },
        new("vhost.rx.rest", "09861858a68342f851f71c669ac0f69865c32151", "vhost: fix vhost_get_avail_idx for a non empty ring", new Version(7, 2), StateLost: true) { Backports = EmptyRing },
    ];

    /// <summary>
    /// The bugs of the kernel the profile was probed on, by rule id. Its stable version is read where the kernel says it,
    /// else what its release begins with.
    /// </summary>
    public static IReadOnlyDictionary<string, KnownBug> Of(KernelProfile profile)
    {
        var release = profile["version"] is TextValue stable ? stable.Content : profile.Release;
        var end = 0;
        while (end < release.Length && (char.IsAsciiDigit(release[end]) || release[end] == '.')) end++;
        return Version.TryParse(release[..end].Trim('.'), out var version)
            ? All.Where(b => b.Concerns(version)).ToImmutableDictionary(b => b.Rule)
            : ImmutableDictionary<string, KnownBug>.Empty;
    }
}
