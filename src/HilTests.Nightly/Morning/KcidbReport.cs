using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using HilTests.Nightly.Nights;

namespace HilTests.Nightly.Morning;

/// <summary>
/// A night as a KCIDB report, format v5.3: a checkout and a build for each kernel that was tested, a test for each shard and each of its results.
/// docs/nightly/kcidb-5.3.schema.json is what of that format is used here.
/// </summary>
public static class KcidbReport
{
    /// <summary>The most that KCIDB takes as an excerpt of a log, in characters.</summary>
    private const int LongestExcerpt = 16384;

    /// <summary>Writes the object.</summary>
    public static void Write(MorningReport report, Stream stream)
    {
        var plan = report.Night.Plan;
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteStartObject("version");
        json.WriteNumber("major", 5);
        json.WriteNumber("minor", 3);
        json.WriteEndObject();
        var builds = report.Night.Shards.Select(s => (s.Shard, s.Result.Origin)).GroupBy(s => BuildId(plan, s.Shard, s.Origin)).Select(g => (Id: g.Key, g.First().Shard, g.First().Origin)).ToList();
        json.WriteStartArray("checkouts");
        foreach (var build in builds) Checkout(json, plan, build.Id, build.Shard, build.Origin);
        json.WriteEndArray();
        json.WriteStartArray("builds");
        foreach (var build in builds) Build(json, plan, build.Id, build.Origin);
        json.WriteEndArray();
        json.WriteStartArray("tests");
        foreach (var shard in report.Night.Shards)
        {
            Shard(json, plan, shard);
            foreach (var test in shard.Result.Results.DistinctBy(t => (t.Kind, t.Name))) Test(json, plan, shard, test);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string BuildId(NightPlan plan, Shard shard, ShardOrigin origin) =>
        $"{plan.Origin}:{Hash($"{shard.Kernel} {origin.Release} {origin.Package} {origin.Config} {origin.Patches}")}";

    private static string TestId(NightPlan plan, ShardRecord shard, string rest) => $"{plan.Origin}:{Hash($"{plan.Name} {plan.Started:O} {plan.Number} {shard.Shard.Series} {rest}")}";

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];

    private static void Checkout(Utf8JsonWriter json, NightPlan plan, string id, Shard shard, ShardOrigin origin)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("origin", plan.Origin);
        json.WriteString("tree_name", shard.KernelLabel);
        if (origin.Release is { } release) json.WriteString("git_commit_name", release);
        json.WriteBoolean("valid", true);
        json.WriteStartObject("misc");
        if (origin.Package is { } package) json.WriteString("package", package);
        if (origin.Patches is { Length: > 0 } patches) json.WriteString("patches", patches);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Build(Utf8JsonWriter json, NightPlan plan, string id, ShardOrigin origin)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("checkout_id", id);
        json.WriteString("origin", plan.Origin);
        json.WriteString("architecture", "x86_64");
        json.WriteString("comment", Clean(origin.Package ?? origin.Release ?? "unknown"));
        // Whoever built it: a kernel that was tested had been built.
        json.WriteString("status", origin.Release is null ? "MISS" : "PASS");
        json.WriteEndObject();
    }

    private static void Shard(Utf8JsonWriter json, NightPlan plan, ShardRecord shard)
    {
        Begin(json, plan, shard, TestId(plan, shard, ""), $"hil.{shard.Shard.Device}", shard.Result.Status, shard.Result.Cause ?? shard.Result.Verdict);
        if (shard.Result.Node.Length > 0)
        {
            json.WriteNumber("duration", Math.Round(shard.Result.Seconds, 3));
            json.WriteString("start_time", shard.Result.Started.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture));
        }
        json.WriteEndObject();
    }

    private static void Test(Utf8JsonWriter json, NightPlan plan, ShardRecord shard, TestResult test)
    {
        var kind = test.Kind.ToString().ToLowerInvariant();
        var path = $"hil.{shard.Shard.Device}.{kind}.{string.Concat(test.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_')).Trim('.')}";
        Begin(json, plan, shard, TestId(plan, shard, $"{kind} {test.Name}"), path, test.Status, test.Known ?? test.Reason ?? "");
        if (test is { Status: Status.Fail, Finding: { } finding }) json.WriteString("log_excerpt", Excerpt(shard.Result.Findings[finding]));
        json.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter json, NightPlan plan, ShardRecord shard, string id, string path, Status status, string comment)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("build_id", BuildId(plan, shard.Shard, shard.Result.Origin));
        json.WriteString("origin", plan.Origin);
        json.WriteString("path", path);
        json.WriteString("status", status.ToString().ToUpperInvariant());
        if (comment.Length > 0) json.WriteString("comment", Clean(comment));
        json.WriteStartObject("environment");
        json.WriteString("comment", Clean($"{(shard.Result.Node.Length > 0 ? shard.Result.Node : "unknown")}, QEMU, {shard.Result.Origin.Accelerator ?? shard.Shard.Accelerator}, {shard.Shard.MemoryMiB} MiB"));
        json.WriteEndObject();
    }

    private static string Excerpt(ShardFinding finding)
    {
        var text = Clean($"{finding.Program}, step {finding.Step} ({finding.StepText}): {finding.Difference}\n{finding.Replay}\n\n{finding.Smallest}\n{string.Join('\n', finding.Console)}");
        return text.Length <= LongestExcerpt ? text : text[..LongestExcerpt];
    }

    /// <summary>KCIDB takes no character 0.</summary>
    private static string Clean(string text) => text.Replace('\0', '\ufffd');
}
