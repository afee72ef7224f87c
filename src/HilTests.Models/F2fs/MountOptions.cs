namespace HilTests.Models.F2fs;

/// <summary>What the options after <c>mount -o</c> mean, as far as programs use them (fs/f2fs/super.c parse_options()).</summary>
internal static class MountOptions
{
    private static readonly HashSet<string> Known =
    [
        "discard", "nodiscard", "background_gc=on", "background_gc=off", "background_gc=sync", "nobarrier", "barrier",
        "noextent_cache", "extent_cache", "inline_data", "noinline_data", "inline_dentry", "noinline_dentry", "flush_merge",
        "noflush_merge", "mode=adaptive", "mode=lfs", "active_logs=2", "active_logs=4", "active_logs=6",
        "fsync_mode=posix", "fsync_mode=strict", "fsync_mode=nobarrier", "alloc_mode=default", "alloc_mode=reuse",
        "discard_unit=block", "discard_unit=segment", "discard_unit=section", "checkpoint_merge", "nocheckpoint_merge", "fastboot", "data_flush",
        "mode=fragment:segment", "mode=fragment:block", "checkpoint=disable:100%", "checkpoint=enable",
    ];

    /// <summary>Whether every option is one f2fs knows.</summary>
    public static bool AreKnown(string options) => Split(options).All(Known.Contains);

    /// <summary>Whether discards are left to the background; the last of the two options counts, and it is the standard.</summary>
    public static bool BackgroundDiscard(string options, bool before = true) =>
        Split(options).Where(o => o is "discard" or "nodiscard").Select(o => o == "discard").LastOrDefault(before);

    /// <summary>Whether only whole segments or sections are discarded.</summary>
    public static bool DiscardsCoarsely(string options) =>
        Split(options).LastOrDefault(o => o.StartsWith("discard_unit=", StringComparison.Ordinal)) is { } unit && unit != "discard_unit=block";

    /// <summary>Whether an fsync need not reach the disk's medium.</summary>
    public static bool LosesSynced(string options) => Split(options).Any(o => o is "nobarrier" or "fsync_mode=nobarrier");

    /// <summary>Whether no checkpoint is written any more (true), or they are again (false); null where the options say neither. The last of them counts.</summary>
    public static bool? PausesCheckpoints(string options) =>
        Split(options).LastOrDefault(o => o.StartsWith("checkpoint=", StringComparison.Ordinal)) is { } last ? last != "checkpoint=enable" : null;

    private static string[] Split(string options) => options.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
