using System.Text.Json;
using System.Text.Json.Serialization;

namespace HilTests.Reporting.Auditing;

/// <summary>The object that <c>hil audit --json</c> writes, schema <c>hil-audit/1</c>; docs/audit.md describes it.</summary>
public static class AuditJson
{
    public const string Schema = "hil-audit/1";

    /// <summary>Writes the object, indented, with a newline at its end.</summary>
    public static void Write(AuditResult audit, TextWriter writer)
    {
        writer.Write(JsonSerializer.Serialize(Describe(audit), AuditJsonContext.Default.JsonAudit));
        writer.Write('\n');
    }

    private static JsonAudit Describe(AuditResult audit) => new(
        Schema, audit.Command, audit.Kernel, audit.Limit.TotalSeconds, audit.Seed, audit.Interrupted, audit.Planned, audit.Catchable, audit.Caught,
        audit.Count(MutantFate.FalseAlarm), audit.Machines, Math.Round(audit.Seconds, 1),
        [.. audit.Mutants.Select(m => new JsonMutant(
            m.Device, m.Name, m.Origin, m.IsHarmless, m.Description, Null(m.Equivalent), Null(m.Survives), Word(m.Fate), Null(m.Verdict), Null(m.Program), Null(m.Rule), Null(m.Detail),
            m.Programs, m.Inconclusive, m.Claims, m.ExactClaims, Math.Round(m.Seconds, 3), Math.Round(m.BuildSeconds, 3), Math.Round(m.SwapSeconds, 3), m.Repeats?.Seen, m.Repeats?.Runs))]);

    private static string? Null(string text) => text.Length == 0 ? null : text;

    private static string Word(MutantFate fate) => fate switch
    {
        MutantFate.FalseAlarm => "false-alarm",
        MutantFate.NotTried => "not-tried",
        _ => fate.ToString().ToLowerInvariant(),
    };
}

internal sealed record JsonAudit(
    string Schema, string Command, string Kernel, double LimitSeconds, ulong Seed, bool Interrupted, int Planned, int Catchable, int Caught,
    int FalseAlarms, int Machines, double Seconds, JsonMutant[] Mutants);

internal sealed record JsonMutant(
    string Device, string Name, string Origin, bool Harmless, string Description, string? Equivalent, string? Survives, string Fate, string? Verdict, string? Program, string? Rule, string? Detail,
    int Programs, int Inconclusive, long Claims, long ExactClaims, double Seconds, double BuildSeconds, double SwapSeconds, int? SeenAgain, int? RunAgain);

[JsonSourceGenerationOptions(WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JsonAudit))]
internal sealed partial class AuditJsonContext : JsonSerializerContext;
