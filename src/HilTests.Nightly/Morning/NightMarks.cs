using HilTests.Nightly.History;
using HilTests.Reporting.Html;

namespace HilTests.Nightly.Morning;

/// <summary>A test's last nights as a row of small marks, the newest at the right: right, wrong, or nothing known.</summary>
internal static class NightMarks
{
    private const int Most = 30;

    public static void Write(HtmlText html, int tonight, IReadOnlyList<TestNight> nights)
    {
        var by = nights.ToDictionary(n => n.Run);
        var count = Math.Min(Most, tonight - (nights.Count > 0 ? nights[^1].Run : tonight) + 1);
        if (count < 2) return;
        html.Open("svg", ("class", "nights"), ("viewBox", $"0 0 {count * 6} 10"), ("role", "img"), ("aria-label", $"the last {count} nights: {nights.Count(n => n.Failed && n.Run > tonight - count)} failed"));
        for (var i = 0; i < count; i++)
        {
            var mark = by.TryGetValue(tonight - count + 1 + i, out var night) && night.Speaks ? night.Failed ? "f" : "p" : "o";
            // The wrong ones are taller, for who cannot tell the colours.
            var height = mark == "f" ? 10 : mark == "p" ? 6 : 2;
            html.Void("rect", ("class", mark), ("x", $"{i * 6}"), ("y", $"{10 - height}"), ("width", "5"), ("height", $"{height}"));
        }
        html.Close();
    }
}
