using System.Text.Json;
using System.Text.Json.Serialization;
using HilTests.Core.Results;

namespace HilTests.Reporting;

/// <summary>
/// What b4's <c>b4.review-series-check-cmd</c> and <c>b4.review-perpatch-check-cmd</c> expect: a JSON array of objects with <c>tool</c>, <c>status</c> (pass,
/// warn, fail), <c>summary</c> and <c>details</c>.
/// </summary>
public static class ReviewCheck
{
    /// <summary>Writes the array of a triage.</summary>
    public static void Write(RunResult run, TextWriter writer)
    {
        using var details = new StringWriter();
        TextSummary.Write(run, details, new SummaryOptions());
        Write(writer, StatusOf(run), $"{run.Verdict}: {VerdictText.Of(run, RunTotals.Of(run))}", details.ToString());
    }

    /// <summary>Writes an array of one object.</summary>
    public static void Write(TextWriter writer, string status, string summary, string details)
    {
        var check = new Check("hil", status, PrintableText.OneLine(summary.Split('\n')[0]), PrintableText.Lines(details));
        writer.Write(JsonSerializer.Serialize([check], ReviewCheckContext.Default.CheckArray) + "\n");
    }

    private static string StatusOf(RunResult run) => run.Verdict switch
    {
        "conforms" => "pass",
        "diverges" or "crashed" or "hung" or "patch-unusable" => "fail",
        _ => "warn",
    };

    internal sealed record Check(string Tool, string Status, string Summary, string Details);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower)]
[JsonSerializable(typeof(ReviewCheck.Check[]))]
internal sealed partial class ReviewCheckContext : JsonSerializerContext;
