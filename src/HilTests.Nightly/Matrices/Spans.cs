using System.Globalization;

namespace HilTests.Nightly.Matrices;

/// <summary>Spans of time in words.</summary>
public static class Spans
{
    private static readonly (string Unit, double Seconds)[] Units = [("s", 1), ("m", 60), ("h", 3600)];

    /// <summary>Reads <c>60s</c>, <c>5m</c>, <c>1.5h</c>; false for anything else, and for more than a week.</summary>
    public static bool TryParse(string text, out TimeSpan span)
    {
        span = default;
        foreach (var (unit, seconds) in Units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal)) continue;
            if (!double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
            if (number * seconds is not (> 0 and <= 7 * 24 * 3600)) return false;
            span = TimeSpan.FromSeconds(number * seconds);
            return true;
        }
        return false;
    }

    /// <summary>For people: <c>45 s</c>, <c>12 min</c>, <c>3 h 20 min</c>.</summary>
    public static string Words(double seconds) => seconds switch
    {
        < 100 => $"{seconds:0} s",
        < 100 * 60 => $"{seconds / 60:0} min",
        _ => $"{Math.Floor(seconds / 3600):0} h {Math.Floor(seconds / 60 % 60):0} min",
    };
}
