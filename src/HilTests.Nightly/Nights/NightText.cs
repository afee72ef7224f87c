namespace HilTests.Nightly.Nights;

/// <summary>A night in a few lines, for a terminal.</summary>
public static class NightText
{
    private static readonly string[] Heads = ["shard", "status", "tries", "seconds", "verdict"];

    /// <summary>Writes a line a shard, those that need looking at first.</summary>
    public static void Write(NightRecord night, TextWriter writer)
    {
        var rows = night.Shards.OrderBy(s => s.Result.Status).ThenBy(s => s.Shard.Number)
            .Select(s => (string[])[s.Shard.Id, s.Result.Status.ToString().ToUpperInvariant(), $"{s.Attempts}", $"{s.Result.Seconds:0.0}", Words(s.Result)]).ToList();
        var widths = Heads.Select((h, i) => rows.Select(r => r[i].Length).Append(h.Length).Max()).ToArray();
        foreach (var row in rows.Prepend(Heads)) writer.WriteLine(string.Join("  ", row.Select((c, i) => i == row.Length - 1 ? c : c.PadRight(widths[i]))).TrimEnd());
        var counts = night.Shards.CountBy(s => s.Result.Status).OrderBy(c => c.Key).Select(c => $"{c.Value} {c.Key.ToString().ToUpperInvariant()}");
        writer.WriteLine($"\nnight {night.Plan.Number}: {night.Shards.Length} shards: {string.Join(", ", counts)}");
    }

    private static string Words(ShardResult result)
    {
        var cause = (result.Cause ?? "").Split('\n')[0];
        return cause.Length > 0 ? $"{result.Verdict}: {cause}" : result.Verdict;
    }
}
