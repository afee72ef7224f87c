using HilTests.Core.Devices.F2fs;
using HilTests.Core.Traces;
using HilTests.DeviceTests.Fixtures;
using HilTests.Lab;
using HilTests.Lab.Machines;
using HilTests.Models;

namespace HilTests.DeviceTests.F2fs;

/// <summary>The project's own patch, which counts discards as a class of the latency statistics, on a disk whose requests take 20 ms.</summary>
[Category("Audit")]
public sealed class DiscardLatencyTests
{
    private const int Tick = 4;
    private static readonly string[] Names = ["f2fs-discard-slow", "f2fs-known-latency", "f2fs-trim", "f2fs-discard-limit"];
    private readonly List<LabMachine> _labs = [];

    [TearDown]
    public void Keep() => _labs.ForEach(lab => lab.AttachOnFailure());

    [Test, CancelAfter(1_200_000)]
    public async Task Discards_take_the_time_of_the_disk_and_other_classes_stay_as_they_were(CancellationToken cancellation)
    {
        var patch = SourceTree.Find().At("vm-images", "patches", "f2fs-discard-latency.patch");
        var lab = new LabMachine(new MachineOptions { ModuleOverrides = [.. await BuiltKernel.ModulesAsync("fs/f2fs", [patch], cancellation)] });
        _labs.Add(lab);
        foreach (var name in Names)
        {
            var trace = await lab.RunAsync(Named(name), cancellation);
            Assert.That(trace, Conforms.To(ModelRegistry.Get("f2fs").Model), name);
            if (name != "f2fs-discard-slow") continue;
            var shown = Triples(trace).Where(t => t.Count > 0).ToList();
            Assert.That(shown, Is.Not.Empty, "records that count discards");
            // The disk's timer is no lower bound for whoever waits in a queue, so only the lower end is known without the trace; the model has the upper one.
            Assert.That(shown, Has.All.Matches<(long Peak, long Average, long Count)>(t => t.Average >= 20 - Tick && t.Peak >= t.Average && t.Peak % Tick == 0));
        }
    }

    private static HilTests.Core.Programs.Program Named(string name) => ModelRegistry.Get("f2fs").Programs(seed: 1, generated: 0).Single(p => p.Name == name);

    private static IEnumerable<(long Peak, long Average, long Count)> Triples(Trace trace) =>
        from entry in trace.Entries
        from line in entry.Observation?.Lines ?? []
        where TraceLines.Read(line).Kind == TraceLineKind.Latency
        let at = line.LastIndexOf("discard [", StringComparison.Ordinal)
        where at >= 0
        let parts = line[(at + 9)..line.LastIndexOf(']')].Split('/')
        select (long.Parse(parts[0]), long.Parse(parts[1]), long.Parse(parts[2]));
}
