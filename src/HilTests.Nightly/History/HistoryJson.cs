using System.Text.Json.Serialization;
using HilTests.Nightly.Nights;

namespace HilTests.Nightly.History;

/// <summary>What the history keeps as JSON in one column.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ShardFinding))]
[JsonSerializable(typeof(ShardOrigin))]
internal sealed partial class HistoryJson : JsonSerializerContext;
