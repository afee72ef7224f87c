using System.Text.Json;
using System.Text.RegularExpressions;

namespace HilTests.UnitTests.Nightly;

/// <summary>
/// Checks JSON against a schema made of: type, const, enum, pattern, maxLength, minimum, required, properties, additionalProperties (false), items, $ref to
/// $defs. Any other word in a schema is a mistake, so that nothing is taken for checked that is not.
/// </summary>
internal static class SmallSchema
{
    private static readonly HashSet<string> Words = ["$schema", "$id", "$defs", "title", "description", "type", "const", "enum", "pattern", "maxLength", "minimum", "required", "properties", "additionalProperties", "items", "$ref", "format"];

    /// <summary>What is wrong, a line each with its place.</summary>
    public static IReadOnlyList<string> Check(JsonElement schema, JsonElement value)
    {
        var wrong = new List<string>();
        Check(schema, schema, value, "$", wrong);
        return wrong;
    }

    private static void Check(JsonElement root, JsonElement schema, JsonElement value, string place, List<string> wrong)
    {
        foreach (var word in schema.EnumerateObject().Where(w => !Words.Contains(w.Name))) throw new NotSupportedException($"the schema's word '{word.Name}' is not known here");
        if (schema.TryGetProperty("$ref", out var reference))
        {
            Check(root, root.GetProperty("$defs").GetProperty(reference.GetString()!["#/$defs/".Length..]), value, place, wrong);
            return;
        }
        if (schema.TryGetProperty("type", out var type) && !IsOf(type.GetString()!, value))
        {
            wrong.Add($"{place}: {value.GetRawText()} is no {type.GetString()}");
            return;
        }
        if (schema.TryGetProperty("const", out var constant) && constant.GetRawText() != value.GetRawText()) wrong.Add($"{place}: {value.GetRawText()} is not {constant.GetRawText()}");
        if (schema.TryGetProperty("enum", out var words) && words.EnumerateArray().All(w => w.GetString() != value.GetString())) wrong.Add($"{place}: {value} is none of {words.GetRawText()}");
        if (schema.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(value.GetString()!, pattern.GetString()!)) wrong.Add($"{place}: '{value}' does not match {pattern}");
        if (schema.TryGetProperty("maxLength", out var most) && value.GetString()!.Length > most.GetInt32()) wrong.Add($"{place}: longer than {most}");
        if (schema.TryGetProperty("minimum", out var least) && value.GetDouble() < least.GetDouble()) wrong.Add($"{place}: {value} is less than {least}");
        if (value.ValueKind == JsonValueKind.Object) Members(root, schema, value, place, wrong);
        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
        {
            var at = 0;
            foreach (var item in value.EnumerateArray()) Check(root, items, item, $"{place}[{at++}]", wrong);
        }
    }

    private static void Members(JsonElement root, JsonElement schema, JsonElement value, string place, List<string> wrong)
    {
        if (schema.TryGetProperty("required", out var required))
            foreach (var name in required.EnumerateArray().Where(r => !value.TryGetProperty(r.GetString()!, out _))) wrong.Add($"{place}: {name} is missing");
        foreach (var member in value.EnumerateObject())
        {
            if (schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(member.Name, out var its)) Check(root, its, member.Value, $"{place}.{member.Name}", wrong);
            else if (schema.TryGetProperty("additionalProperties", out var more) && more.ValueKind == JsonValueKind.False) wrong.Add($"{place}: {member.Name} is not known");
        }
    }

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        _ => throw new NotSupportedException($"the schema's type '{type}' is not known here"),
    };
}
