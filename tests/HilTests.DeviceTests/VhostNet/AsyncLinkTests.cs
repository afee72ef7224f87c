using System.Text.Json;
using HilTests.DeviceTests.Cli;

namespace HilTests.DeviceTests.VhostNet;

/// <summary>The project's own device with an asynchronous link: its suite on the modules as they are, and the mutants of them.</summary>
[NonParallelizable]
public sealed class AsyncLinkTests
{
    private const string Device = "vhost-net-async";

    [Test, CancelAfter(600_000)]
    public async Task Nothing_diverges(CancellationToken cancellation) => await RunAsync(["--programs", "30", "--seed", "1"], 30, cancellation);

    [Explicit("takes minutes; run with --filter TestCategory=Nightly")]
    [Category("Nightly")]
    [TestCase(2, 500), TestCase(3, 500), CancelAfter(3_600_000)]
    public async Task Nothing_diverges_with_many_seeds(int seed, int programs, CancellationToken cancellation) =>
        await RunAsync(["--programs", $"{programs}", "--seed", $"{seed}"], programs, cancellation);

    [Explicit("takes a quarter of an hour; run with --filter TestCategory=Nightly")]
    [Category("Nightly"), Category("Audit")]
    [Test, CancelAfter(7_200_000)]
    public async Task Every_wrong_module_is_caught_and_no_harmless_one(CancellationToken cancellation)
    {
        var audit = await HilAsync(["audit", Device, "--time", "30s"], cancellation);
        var mutants = audit.RootElement.GetProperty("mutants").EnumerateArray().ToList();
        var unexplained = mutants.Where(m => m.GetProperty("fate").GetString() is not ("caught" or "conforms") && !m.TryGetProperty("survives", out _) && !m.TryGetProperty("equivalent", out _));
        Assert.That(unexplained.Select(m => m.GetProperty("name").GetString()), Is.Empty);
        Assert.That(mutants.Count(m => m.GetProperty("fate").GetString() == "caught"), Is.GreaterThanOrEqualTo(30));
    }

    private static async Task RunAsync(string[] words, int generated, CancellationToken cancellation)
    {
        var run = await HilAsync(["run", Device, "--shrink-time", "0", .. words], cancellation);
        using (Assert.EnterMultipleScope())
        {
            // Where requests complete by themselves while a link ends, a made program may be one that the model does not decide.
            Assert.That(run.RootElement.GetProperty("verdict").GetString(), Is.EqualTo("conforms").Or.EqualTo("inconclusive"));
            Assert.That(run.RootElement.GetProperty("findings").EnumerateArray().Where(f => f.GetProperty("severity").GetString() != "should").Select(f => f.ToString()), Is.Empty);
            // Skipped programs would not count.
            Assert.That(run.RootElement.GetProperty("counts").GetProperty("programs").GetInt32(), Is.GreaterThan(generated + 50));
        }
    }

    private static async Task<JsonDocument> HilAsync(string[] words, CancellationToken cancellation)
    {
        var folder = Directory.CreateDirectory(Path.Combine(TestContext.CurrentContext.WorkDirectory, "async", $"{Guid.NewGuid():N}")).FullName;
        var said = await HilProcess.RunAsync(folder, cancellation, [.. words, "--json", "out.json", "--out", "out"]);
        TestContext.Out.WriteLine(said.Output);
        Assert.That(Path.Combine(folder, "out.json"), Does.Exist, said.Errors);
        return JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "out.json"), cancellation));
    }
}
