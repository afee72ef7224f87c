using System.Collections.Immutable;

namespace HilTests.Core.Kernel;

/// <summary>A kernel bug that is known and fixed upstream. It stays a finding; it is only labelled.</summary>
/// <param name="Rule">the id of the rule that the kernel breaks</param>
/// <param name="Commit">the upstream commit that fixes it, or null where none has been identified</param>
/// <param name="Title">the commit's title</param>
/// <param name="FirstFixed">the first upstream version with the fix</param>
public sealed record KnownBug(string Rule, string? Commit, string Title, Version FirstFixed)
{
    /// <summary>
    /// The first series that may have the fix, by its stable releases: from there on up to <see cref="FirstFixed"/> the version does not tell, and
    /// nothing is labelled. Null where no stable series got it.
    /// </summary>
    public Version? FirstBackported { get; init; }
}

/// <summary>The list of known bugs. Labels only: nothing here changes what the models expect.</summary>
public static class KnownBugs
{
    /// <summary>Every known bug.</summary>
    public static ImmutableArray<KnownBug> All { get; } =
    [
        new("f2fs.iostat.discard", "15e38ee44d50cad264da80ef75626b9224ddc4a3", "f2fs: fix iostat parameter for discard", new Version(6, 2)) { FirstBackported = new Version(5, 15) },
        // The counter of buffered writes was the difference of two that are updated one after the other, with a record in between.
        new("f2fs.record.bytes", "a1e09b03e6f5c1d713c88259909137c0fd264ede", "f2fs: use iomap for direct I/O", new Version(5, 17)),
        new("vhost.rx.num-buffers-one", "a3b9c053d82a9e524746f5473ad1bd18e9894bfa", "vhost/net: Set num_buffers for virtio 1.0", new Version(6, 14)),
    ];

    /// <summary>The bugs of the kernel the profile was probed on, by rule id.</summary>
    public static IReadOnlyDictionary<string, KnownBug> Of(KernelProfile profile)
    {
        var release = profile.Release;
        var end = 0;
        while (end < release.Length && (char.IsAsciiDigit(release[end]) || release[end] == '.')) end++;
        return Version.TryParse(release[..end].Trim('.'), out var version)
            ? All.Where(b => version < (b.FirstBackported ?? b.FirstFixed)).ToImmutableDictionary(b => b.Rule)
            : ImmutableDictionary<string, KnownBug>.Empty;
    }
}
