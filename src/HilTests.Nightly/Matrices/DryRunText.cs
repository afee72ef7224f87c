using System.Collections.Immutable;
using HilTests.Nightly.Nights;

namespace HilTests.Nightly.Matrices;

/// <summary>What a matrix would run.</summary>
public static class DryRunText
{
    /// <summary>Writes a line a shard and the sum.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="shards">Its shards.</param>
    /// <param name="atOnce">How many run at once; null where a cluster decides.</param>
    /// <param name="writer">Gets the lines.</param>
    public static void Write(Matrix matrix, ImmutableArray<Shard> shards, int? atOnce, TextWriter writer)
    {
        writer.WriteLine($"{"SHARD",-44}{"ABOUT",-12}WHAT");
        foreach (var shard in shards) writer.WriteLine($"{shard.Id,-44}{Spans.Words(shard.EstimateSeconds),-12}{shard.Series}{(shard.Impossible is { } why ? $"  CANNOT BE RUN: {why}" : "")}");
        var sum = shards.Where(s => s.Impossible is null).Sum(s => s.EstimateSeconds);
        writer.WriteLine();
        writer.WriteLine($"{matrix.Name}: {shards.Length} shards, {Spans.Words(sum)} one after the other" + (atOnce is { } jobs ? $", {Spans.Words(sum / jobs)} with {jobs} at once" : ""));
    }
}
