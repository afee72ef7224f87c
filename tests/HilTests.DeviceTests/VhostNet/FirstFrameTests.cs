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
        var program = ProgramText.Parse("""
            hil-program 1
            name first-frame
            device vhost-net
            open
            set-owner
            set-features mask=0x100000000
            set-mem-table regions=[{guest=0x40000000 size=0x100000 at=0x0}]
            driver-ring ring=tx num=16 desc=0x1000 avail=0x2000 used=0x3000
            set-vring-num ring=1 num=16
            set-vring-addr ring=1 desc=0x1000 avail=0x2000 used=0x3000
            set-vring-kick ring=1 fd=event
            set-vring-call ring=1 fd=event
            set-vring-err ring=1 fd=event
            make-backend name=tap0 kind=tap header=12
            set-backend ring=1 backend=tap0
            frame at=0x1000c len=60 seed=1
            desc table=0x1000 index=0 addr=0x40010000 len=72
            offer ring=tx heads=[0]
            kick ring=tx
            settle
            """);

        var trace = await _lab.RunAsync(program, cancellation);

        Assert.That(trace, Conforms.To(ModelRegistry.Get("vhost-net").Model));
        Assert.That(trace.Entries[^1].Observation!["tx"]!.ToString(), Does.StartWith("{idx=1 used=[{id=0 len=0}] calls=1 errs=0"));
    }
}
