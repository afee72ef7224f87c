namespace HilTests.Models.F2fs;

/// <summary>What writing a sysfs attribute says (fs/f2fs/sysfs.c, __sbi_store()), for the attributes that programs use.</summary>
internal static class AttributeRules
{
    private const ulong ShortestPeriod = 100;
    private const ulong LongestPeriod = 8_640_000;
    private const ulong LargestGranularity = 512;

    /// <summary>The errno's name, "0" for success, or null where the attribute's rule is not known here.</summary>
    public static string? ErrnoOf(string name, string content)
    {
        if (name is not ("iostat_enable" or "iostat_period_ms" or "discard_granularity" or "gc_urgent" or "no_such_attribute")) return null;
        if (name == "no_such_attribute") return "ENOENT";
        if (!ulong.TryParse(content.Trim(), System.Globalization.NumberStyles.None, null, out var number)) return "EINVAL";
        var valid = name switch
        {
            "iostat_enable" => true,
            "iostat_period_ms" => number is >= ShortestPeriod and <= LongestPeriod,
            "discard_granularity" => number is >= 1 and <= LargestGranularity,
            "gc_urgent" => number <= 3,
            _ => false,
        };
        return valid ? "0" : "EINVAL";
    }
}
