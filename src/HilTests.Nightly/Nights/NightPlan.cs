using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using HilTests.Nightly.Matrices;

namespace HilTests.Nightly.Nights;

/// <summary>What a night is to do: the file <c>plan.json</c>, schema <c>hil-night/1</c>, written once before anything is begun.</summary>
public sealed record NightPlan
{
    public const string CurrentSchema = "hil-night/1";

    public string Schema { get; init; } = CurrentSchema;

    /// <summary>Counted from 1. Nights are ordered by it, never by the clock.</summary>
    public required int Number { get; init; }

    public required DateTimeOffset Started { get; init; }

    /// <summary>The matrix's own name.</summary>
    public required string Name { get; init; }

    public required string Command { get; init; }

    public required string Engine { get; init; }

    public required ImmutableArray<Shard> Shards { get; init; }

    public ImmutableArray<ExpectedBug> KnownBugs { get; init; } = [];

    public ImmutableSortedDictionary<string, string> Owners { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>How many nights the page looks back.</summary>
    public int Nights { get; init; } = 30;

    /// <summary>What a KCIDB report says it comes from.</summary>
    public string Origin { get; init; } = "hil";
}

/// <summary>The files of a night as JSON.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NightPlan))]
[JsonSerializable(typeof(ShardResult))]
internal sealed partial class NightJson : JsonSerializerContext;

/// <summary>One line of the journal as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext;

/// <summary>Reads files of a night that may have been cut or be another version's.</summary>
internal static class NightFiles
{
    /// <exception cref="NightException">It is not there, cut, or of another version.</exception>
    public static NightPlan ReadPlan(string file)
    {
        try
        {
            var plan = JsonSerializer.Deserialize(File.ReadAllText(file), NightJson.Default.NightPlan) ?? throw new JsonException("it is empty");
            return plan.Schema == NightPlan.CurrentSchema ? plan : throw new NightException($"{file}: schema '{plan.Schema}' is not {NightPlan.CurrentSchema}: another version of hil wrote it; use that one");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new NightException($"{file}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>A shard's result; null where the file is not there or is not whole, which a rename never leaves behind but a bad disk may.</summary>
    public static ShardResult? TryReadResult(string file)
    {
        try
        {
            var result = File.Exists(file) ? JsonSerializer.Deserialize(File.ReadAllText(file), NightJson.Default.ShardResult) : null;
            return result?.Schema == ShardResult.CurrentSchema ? result : null;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }
}
