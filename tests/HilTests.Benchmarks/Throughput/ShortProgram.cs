namespace HilTests.Benchmarks.Throughput;

/// <summary>The program that benchmarks repeat: one frame through a tap, all that a vhost-net program needs around it.</summary>
internal static class ShortProgram
{
    public const string Text = """
        hil-program 1
        name short
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
        get-vring-base ring=1
        close
        """;
}
