using System.Collections.Immutable;
using System.Text.Json;
using HilTests.Core;
using HilTests.DeviceTests.Cli;
using HilTests.Lab;
using HilTests.Lab.Mutation;
using HilTests.Models;

namespace HilTests.DeviceTests.Suites;

/// <summary>Kernels that are wrong on purpose must be found out, and those that only look different must not: <c>hil audit</c>.</summary>
[NonParallelizable]
public sealed class MutantTests
{
    /// <summary>Draws the wrong kernels that are tried every time; the nightly run tries all.</summary>
    private const ulong Seed = 1;

    /// <summary>How many wrong kernels of each device are tried every time.</summary>
    private static readonly Dictionary<string, int> EveryTime = new() { ["vhost-net"] = 10, ["f2fs"] = 4 };

    /// <summary>How many of the harmless ones.</summary>
    private const int HarmlessEveryTime = 6;

    private static IReadOnlyCollection<string> Devices => ModelRegistry.Usual;

    [TestCaseSource(nameof(Devices)), CancelAfter(2_700_000)]
    public Task A_sample_of_wrong_kernels_is_caught(string device, CancellationToken cancellation)
    {
        var wrong = Mutants(device).Where(m => m is { IsHarmless: false, Equivalent: "", Survives: "" });
        // Most are caught in seconds; on a machine with other work the last program of the suite may come after minutes.
        return AuditAsync(device, Drawn(wrong, EveryTime[device]), cancellation, "180s");
    }

    [TestCaseSource(nameof(Devices)), CancelAfter(1_200_000)]
    public Task A_sample_of_harmless_changes_conforms(string device, CancellationToken cancellation) =>
        AuditAsync(device, Drawn(Mutants(device).Where(m => m.IsHarmless), HarmlessEveryTime), cancellation);

    [Explicit("takes half an hour; run with --filter TestCategory=Nightly")]
    [Category("Nightly"), Category("Audit")]
    [TestCaseSource(nameof(Devices)), CancelAfter(14_400_000)]
    public Task Every_wrong_kernel_is_caught_or_its_survival_is_explained(string device, CancellationToken cancellation) =>
        AuditAsync(device, [.. Mutants(device).Select(m => m.Name)], cancellation, "20s");

    private static string[] Drawn(IEnumerable<Mutant> mutants, int count)
    {
        var all = mutants.ToList();
        var draw = new Seed(Seed);
        while (all.Count > count) all.RemoveAt(draw.Below(all.Count));
        return [.. all.Select(m => m.Name)];
    }

    private static async Task AuditAsync(string device, string[] names, CancellationToken cancellation, string time = "6s")
    {
        var folder = Directory.CreateDirectory(Path.Combine(TestContext.CurrentContext.WorkDirectory, "audits", $"{device}-{Guid.NewGuid():N}")).FullName;
        var said = await HilProcess.RunAsync(folder, cancellation,
            ["audit", device, "--time", time, "--json", "audit.json", "--out", "out", .. names.SelectMany(n => (string[])["--only", n])]);
        TestContext.Out.WriteLine(said.Output);
        Assert.That(Path.Combine(folder, "audit.json"), Does.Exist, said.Errors);
        using var audit = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "audit.json"), cancellation));
        var mutants = audit.RootElement.GetProperty("mutants").EnumerateArray().ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(mutants.Select(m => Text(m, "name")), Is.EquivalentTo(names));
            foreach (var mutant in mutants)
            {
                var fate = Text(mutant, "fate");
                var isExplained = fate == "survived" && Text(mutant, "equivalent").Length + Text(mutant, "survives").Length > 0;
                Assert.That(fate, isExplained ? Is.EqualTo("survived") : Is.EqualTo(mutant.GetProperty("harmless").GetBoolean() ? "conforms" : "caught"), $"{Text(mutant, "name")}: {Text(mutant, "detail")}");
            }
        }
    }

    private static string Text(JsonElement mutant, string name) => mutant.TryGetProperty(name, out var value) ? value.GetString()! : "";

    private static ImmutableArray<Mutant> Mutants(string device) => MutantSet.Read(MutantSet.Folder(SourceTree.Find()), device);
}
