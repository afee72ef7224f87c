using System.Globalization;

namespace HilTests.Models.F2fs;

/// <summary>
/// What writing a sysfs attribute says, and what it shows (fs/f2fs/sysfs.c, __sbi_store(), f2fs_sbi_show();
/// Documentation/ABI/testing/sysfs-fs-f2fs), for the attributes that programs use.
/// </summary>
internal static class AttributeRules
{
    private const ulong Any = uint.MaxValue;

    /// <summary>Where the mount discards by segment or section: mkfs makes sections of one segment.</summary>
    private const ulong SegmentBlocks = 512;

    /// <summary>"For small devices, default value is 1": fewer than 8192 segments, which all disks of programs are.</summary>
    private const ulong SmallDiskGranularity = 1;

    /// <summary>By name: lowest and highest value that it takes, and what it shows after a mount, or null where that depends on the disk.</summary>
    private static readonly Dictionary<string, (ulong Low, ulong High, ulong? Standard)> Known = new()
    {
        ["iostat_enable"] = (0, Any, 0),
        ["iostat_period_ms"] = (100, 8_640_000, 3000),
        ["discard_granularity"] = (1, 512, null),
        ["gc_urgent"] = (0, 3, null),
        ["max_small_discards"] = (0, Any, null),
        ["max_discard_request"] = (0, Any, 8),
        ["min_discard_issue_time"] = (0, Any, 50),
        ["mid_discard_issue_time"] = (0, Any, 500),
        ["max_discard_issue_time"] = (0, Any, 60_000),
        ["discard_idle_interval"] = (0, Any, 5),
        ["umount_discard_timeout"] = (0, Any, 5),
        ["cp_interval"] = (0, Any, 60),
        ["idle_interval"] = (0, Any, 5),
        ["gc_idle_interval"] = (0, Any, 5),
        ["gc_urgent_sleep_time"] = (0, Any, 500),
        ["gc_min_sleep_time"] = (0, Any, 30_000),
        ["gc_max_sleep_time"] = (0, Any, 60_000),
        ["gc_no_gc_sleep_time"] = (0, Any, 300_000),
        ["min_ipu_util"] = (0, Any, 70),
        ["min_fsync_blocks"] = (0, Any, 8),
        ["min_hot_blocks"] = (0, Any, 16),
        ["max_victim_search"] = (0, Any, 4096),
        ["gc_pin_file_thresh"] = (0, Any, 2048),
        ["atgc_candidate_ratio"] = (0, 100, 20),
        ["atgc_age_weight"] = (0, 100, 60),
        ["seq_file_ra_mul"] = (2, 256, 2),
        ["max_fragment_chunk"] = (1, 512, 4),
        ["max_fragment_hole"] = (1, 512, 4),
        ["gc_reclaimed_segments"] = (0, 0, 0),
        ["migration_granularity"] = (1, 1, 1),
    };

    // As sysfs takes them, 0 to 3; the number is that of f2fs.h's gc_mode.
    private static readonly (string Name, string Mode)[] UrgentNames = [("GC_NORMAL", "0"), ("GC_URGENT_HIGH", "4"), ("GC_URGENT_LOW", "5"), ("GC_URGENT_MID", "6")];

    /// <summary>The names that can be read and written.</summary>
    public static IReadOnlyCollection<string> Names => Known.Keys;

    /// <summary>The errno's name, "0" for success, or null where the attribute's rule is not known here.</summary>
    public static string? ErrnoOf(string name, string content, F2fsState state)
    {
        if (name == "no_such_attribute") return "ENOENT";
        if (!Known.TryGetValue(name, out var range)) return null;
        if (!ulong.TryParse(content.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return "EINVAL";
        // A leading zero makes it octal.
        if (content.Trim() is ['0', _, ..] || number > Any) return null;
        if (name == "discard_granularity" && state.CoarseUnit) return "EINVAL";
        return number >= range.Low && number <= range.High ? "0" : "EINVAL";
    }

    /// <summary>What the attribute may show; nothing where nobody can say. The mode of garbage collection is a name on some kernels, a number on others.</summary>
    public static IReadOnlyList<string> Shown(string name, F2fsState state)
    {
        if (!Known.TryGetValue(name, out var range)) return [];
        var standard = name == "discard_granularity" ? (state.CoarseUnit ? SegmentBlocks : SmallDiskGranularity) : range.Standard;
        var number = state.Written.TryGetValue(name, out var written) ? written : standard;
        var content = number?.ToString(CultureInfo.InvariantCulture);
        if (name == "gc_urgent") return [UrgentNames[number ?? 0].Name, UrgentNames[number ?? 0].Mode];
        return content is null ? [] : [content];
    }
}
