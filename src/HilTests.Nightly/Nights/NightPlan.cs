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
[JsonSerializable(typeof(NightEngine))]
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

    /// <summary>How a night is run; null where the file is not there.</summary>
    /// <exception cref="NightException">It cannot be read.</exception>
    public static NightEngine? ReadEngine(string file)
    {
        if (!File.Exists(file)) return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(file), NightJson.Default.NightEngine) ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new NightException($"{file}: cannot be read: {e.Message}; remove it and name the engine, --partition and --shard-command again", e);
        }
    }

    /// <summary>A shard's result.</summary>
    /// <param name="file">The file.</param>
    /// <param name="time">The clock for trying again.</param>
    /// <returns>The result, or what is wrong with the bytes that are there; neither where there is no file.</returns>
    /// <exception cref="IOException">The file cannot be reached, and that does not pass; nothing is known of what it holds.</exception>
    /// <exception cref="NightException">Another version wrote it.</exception>
    public static (ShardResult? Result, string? Damage) ReadResult(string file, TimeProvider time)
    {
        string text;
        try
        {
            text = PassingErrors.Outlast(time, () => File.ReadAllText(file));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, null);
        }
        catch (Exception e) when (PassingErrors.IsPassing(e))
        {
            throw new IOException($"{file}: cannot be read now: {e.Message}. It is left as it is: see what keeps it from being read, then go on with --resume", e);
        }
        try
        {
            var result = JsonSerializer.Deserialize(text, NightJson.Default.ShardResult);
            if (result?.Schema == ShardResult.CurrentSchema) return (Whole(result), null);
            return result?.Schema?.StartsWith("hil-shard/", StringComparison.Ordinal) == true
                ? throw new NightException($"{file}: schema '{result.Schema}' is not {ShardResult.CurrentSchema}: another version of hil wrote it; use that one")
                : (null, "it is no result of a shard");
        }
        catch (JsonException e)
        {
            return (null, e.Message);
        }
    }

    /// <summary>What is left out of a file reads as nothing at all, not as what the record begins with: a shard that somebody else wrote may leave out much.</summary>
    private static ShardResult Whole(ShardResult read) => read with
    {
        Origin = read.Origin ?? ShardOrigin.Unknown,
        Node = read.Node ?? "",
        Folder = read.Folder ?? "",
        Results = read.Results.IsDefault ? [] : read.Results,
        Findings = read.Findings.IsDefault ? [] : [.. read.Findings.Select(f => f.Console.IsDefault ? f with { Console = [] } : f)],
        Metrics = read.Metrics ?? ImmutableSortedDictionary<string, double>.Empty,
    };
}
