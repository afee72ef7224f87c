using HilTests.DeviceTests.Machines;
using Mono.Unix.Native;

namespace HilTests.DeviceTests.Cli;

/// <summary>kill -9 of the coordinator at moments nobody chose; <c>--resume</c> goes on, and every shard ends once. The shards are scripts: no VM.</summary>
public sealed class NightlyKillTests
{
    private const int Shards = 20, MostKills = 6;

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("hil-nightly-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test, CancelAfter(300_000)]
    public async Task Every_shard_ends_once_whenever_the_coordinator_is_killed(CancellationToken cancellation)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "m.yaml"), $"hil-matrix: 1\nname: kills\nkernels: [{{name: bookworm}}]\nsuites: [{{device: f2fs, seeds: [{string.Join(", ", Enumerable.Range(1, Shards))}]}}]\n", cancellation);
        await File.WriteAllTextAsync(Path.Combine(_folder, "shard.sh"), """
            id=$(printf '%04d-bookworm-f2fs-%d' "$2" "$2")
            echo "$2" >>"$1/ran"
            sleep 0.2
            echo "{\"schema\":\"hil-shard/1\",\"shard\":\"$id\",\"attempt\":1,\"status\":\"Pass\",\"verdict\":\"conforms\"}" >"$1/results/.$id.$$"
            ln "$1/results/.$id.$$" "$1/results/$id.json" || echo second >>"$1/second"
            rm "$1/results/.$id.$$"
            """, cancellation);
        string[] resume = ["nightly", "--resume", "--lab", "lab", "--jobs", "2", "--shard-command", "sh shard.sh"];
        var (kills, first) = (0, true);
        HilOutcome outcome;
        while (true)
        {
            using var hil = HilProcess.Start(_folder, [], first ? ["nightly", "m.yaml", .. resume[2..]] : resume);
            var results = Results();
            // Each time a little further on: while it plans, while it submits, after results; at last it is left alone.
            if (kills < MostKills) await LiveProcess.WaitUntilAsync(() => !LiveProcess.IsAlive(hil.Id) || (kills == 0 ? Planned() : Results() >= Math.Min(Shards, results + kills)), TimeSpan.FromMinutes(2), cancellation);
            if (kills < MostKills && LiveProcess.IsAlive(hil.Id))
            {
                hil.Send(Signum.SIGKILL);
                kills++;
                first = !Planned();
                await hil.EndAsync(cancellation);
                continue;
            }
            outcome = await hil.EndAsync(cancellation);
            break;
        }
        var night = Directory.GetDirectories(Path.Combine(_folder, "lab", "nights")).Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Code, Is.Zero, outcome.Errors);
            Assert.That(kills, Is.Positive);
            Assert.That(Results(), Is.EqualTo(Shards));
            Assert.That(File.Exists(Path.Combine(night, "index.html")), Is.True);
            Assert.That(outcome.Output, Does.Contain($"{Shards} shards: {Shards} PASS").And.Contain("nothing changed, nothing fails"));
        }

        bool Planned() => Directory.Exists(Path.Combine(_folder, "lab", "nights")) && Directory.GetFiles(Path.Combine(_folder, "lab", "nights"), "journal.jsonl", SearchOption.AllDirectories).Length > 0;

        int Results() => Directory.Exists(Path.Combine(_folder, "lab", "nights")) ? Directory.GetFiles(Path.Combine(_folder, "lab", "nights"), "*.json", SearchOption.AllDirectories).Count(f => Path.GetFileName(Path.GetDirectoryName(f)) == "results" && !Path.GetFileName(f).StartsWith('.')) : 0;
    }
}
