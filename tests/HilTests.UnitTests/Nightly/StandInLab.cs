using HilTests.Nightly.Engines;
using HilTests.Nightly.Nights;

namespace HilTests.UnitTests.Nightly;

/// <summary>A night of shards that are shell scripts: the real coordinator, journal and engine, and nothing that takes a VM.</summary>
internal sealed class StandInLab : IDisposable
{
    /// <summary>Writes a result as a shard would: aside, then linked, so that the first one counts; and notes that it ran.</summary>
    private const string Passing = """
        night=$1; number=$2
        id=$(cat "$night/ids/$number")
        echo "$number" >>"$night/ran"
        result="{\"schema\":\"hil-shard/1\",\"shard\":\"$id\",\"attempt\":1,\"status\":\"Pass\",\"verdict\":\"conforms\",\"started\":\"2026-01-01T00:00:00+00:00\",\"seconds\":1,\"results\":[],\"findings\":[]}"
        keep() { echo "$result" >"$night/results/.$id.$$" && { ln "$night/results/.$id.$$" "$night/results/$id.json" 2>/dev/null; rm "$night/results/.$id.$$"; }; }

        """;

    public StandInLab() => Root = Directory.CreateTempSubdirectory("hil-lab-").FullName;

    public string Root { get; }

    /// <summary>A plan of so many shards.</summary>
    public NightFolder Night(int shards, int retries = 2, double limit = 60)
    {
        using var lab = LabFolder.Take(Root);
        var folder = lab.NewNight(lab.Nights().Count + 1, DateTimeOffset.UnixEpoch);
        var suites = string.Join('\n', Enumerable.Range(1, shards).Select(i => $"  - {{device: f2fs, seeds: [{i}]}}"));
        var text = $"hil-matrix: 1\nname: stand-in\nkernels: [{{name: bookworm}}]\ndefaults: {{retries: {retries}, limit: {limit}s}}\nsuites:\n{suites}\n";
        var matrix = MatrixFileTests.Parse(text);
        folder.WritePlan(new NightPlan
        {
            Number = lab.Nights().Count + 1,
            Started = DateTimeOffset.UnixEpoch,
            Name = matrix.Name,
            Command = "hil nightly m.yaml",
            Engine = "local",
            Shards = Planning.Shards(matrix, new PlanningFacts { Night = 1 }),
        }, text);
        Directory.CreateDirectory(Path.Combine(folder.Root, "ids"));
        foreach (var shard in folder.ReadPlan().Shards) File.WriteAllText(Path.Combine(folder.Root, "ids", $"{shard.Number}"), shard.Id);
        return folder;
    }

    /// <summary>The command of a shard that does what a script says; <c>keep</c> in it writes a result.</summary>
    public string[] Script(string rest)
    {
        var file = Path.Combine(Root, $"shard-{Guid.NewGuid():N}.sh");
        File.WriteAllText(file, Passing + rest + "\n");
        return ["/bin/sh", file];
    }

    public async Task<NightProgress> RunAsync(NightFolder folder, string script, int atOnce, CancellationToken cancellation)
    {
        await using var engine = new LocalEngine(folder, Script(script), atOnce);
        return await new NightRun(folder, folder.ReadPlan(), engine, static _ => { }).RunAsync(cancellation);
    }

    /// <summary>The shards' numbers in the order in which they began, one entry a time.</summary>
    public static int[] Ran(NightFolder folder) =>
        Path.Combine(folder.Root, "ran") is var file && File.Exists(file) ? [.. File.ReadAllLines(file).Select(int.Parse)] : [];

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
