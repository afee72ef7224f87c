using System.Globalization;

namespace HilTests.Cli.Input;

/// <summary>Spans of time as people type them: <c>60s</c>, <c>500ms</c>, <c>5m</c>, <c>2h</c>; a bare number is seconds.</summary>
internal static class Duration
{
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("", 1)];

    /// <summary>Reads a span; false where it is none, not positive, or more than a week.</summary>
    public static bool TryParse(string text, out TimeSpan span)
    {
        span = default;
        var (unit, seconds) = Units.First(u => text.EndsWith(u.Unit, StringComparison.Ordinal));
        if (!double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
        if (number * seconds is not (> 0 and <= 7 * 24 * 3600)) return false;
        span = TimeSpan.FromSeconds(number * seconds);
        return true;
    }
}
