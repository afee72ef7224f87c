using System.Diagnostics;
using HilTests.Nightly.Engines;
using HilTests.Nightly.Nights;

namespace HilTests.Benchmarks.Nightly;

/// <summary>What the local engine adds to a shard: shards that do nothing, one after the other, beside the same command started by hand.</summary>
internal static class EngineBenchmark
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var count = arguments is [var text] && int.TryParse(text, out var number) ? number : 50;
        var root = Directory.CreateTempSubdirectory("hil-engine-").FullName;
        try
        {
            var script = Path.Combine(root, "shard.sh");
            await File.WriteAllTextAsync(script, """
                id=$(printf '%04d' "$2")
                echo "{\"schema\":\"hil-shard/1\",\"shard\":\"$id\",\"attempt\":1,\"status\":\"Pass\",\"verdict\":\"conforms\"}" >"$1/results/.$id" && mv "$1/results/.$id" "$1/results/$id.json"
                """).ConfigureAwait(false);
            var night = new NightFolder(Path.Combine(root, "night"));
            night.WritePlan(new NightPlan { Number = 1, Started = DateTimeOffset.UnixEpoch, Name = "nothing", Command = "", Engine = "local", Shards = [.. Enumerable.Range(1, count).Select(Shard)] }, "");
            string[] command = ["/bin/sh", script];
            var alone = await AloneAsync([.. command, night.Root, "1"], count).ConfigureAwait(false);
            File.Delete(night.ResultFile(Shard(1)));
            var begin = Stopwatch.GetTimestamp();
            await using var engine = new LocalEngine(night, command, atOnce: 1);
            var progress = await new NightRun(night, night.ReadPlan(), engine, static _ => { }).RunAsync(CancellationToken.None).ConfigureAwait(false);
            var together = Stopwatch.GetElapsedTime(begin) / count;
            Console.WriteLine($"{progress.WithResult} of {count} shards; each {together.TotalMilliseconds:0} ms with the engine, {alone.TotalMilliseconds:0} ms alone: {(together - alone).TotalMilliseconds:0} ms more");
            return progress.WithResult == count ? 0 : 1;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task<TimeSpan> AloneAsync(string[] words, int count)
    {
        var begin = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            using var process = Process.Start(new ProcessStartInfo(words[0], words[1..])) ?? throw new InvalidOperationException("no process was started");
            await process.WaitForExitAsync().ConfigureAwait(false);
        }
        return Stopwatch.GetElapsedTime(begin) / count;
    }

    private static Shard Shard(int number) => new()
    {
        Number = number,
        Id = $"{number:0000}",
        Kind = ShardKind.Run,
        Kernel = "none",
        KernelLabel = "none",
        Device = "none",
        Seed = 1,
        Accelerator = "tcg",
        MemoryMiB = 1,
        LimitSeconds = 60,
        Retries = 0,
        Series = $"{number}",
    };
}
