using HilTests.Core.Programs;
using HilTests.DeviceTests.Fixtures;
using HilTests.Models;

namespace HilTests.DeviceTests.VhostNet;

/// <summary>The shortest test there is: one frame through a tap. Copy it to begin one of your own.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class FirstFrameTests
{
    private readonly LabMachine _lab = new();

    [TearDown]
    public void Keep() => _lab.AttachOnFailure();

    [Test, CancelAfter(120_000)]
    public async Task A_frame_goes_out_through_a_tap(CancellationToken cancellation)
    {
        // The same file can be run by hand: ./hil run tests/HilTests.DeviceTests/VhostNet/first-frame.hil
        var file = Path.Combine(TestContext.CurrentContext.TestDirectory, "VhostNet", "first-frame.hil");
        var trace = await _lab.RunAsync(ProgramText.Parse(await File.ReadAllTextAsync(file, cancellation)), cancellation);

        Assert.That(trace, Conforms.To(ModelRegistry.Get("vhost-net").Model));
        Assert.That(trace.Entries[^1].Observation!["tx"]!.ToString(), Does.StartWith("{idx=1 used=[{id=0 len=0}] calls=1 errs=0"));
    }
}
