namespace HilTests.UnitTests.Models.F2fs;

/// <summary>How traces made by hand begin.</summary>
internal static class FormattedTrace
{
    /// <summary>A disk of 64 MiB, formatted and traced: four segments of 512 blocks from block 4096 on, checkpoints in blocks 512 to 1535.</summary>
    public const string Head = """
        hil-trace 1
        name made
        device f2fs
        profile hz=250 release="6.1.0"
        1: disk kind=loop mib=64
        = @0+1 errno=0 major=7 minor=0 discard-granularity=4096
        2: mkfs
        = @1+1 errno=0 main-start=4096 main-segments=4 segment-blocks=512 checkpoint-start=512 checkpoint-end=1536
        3: trace-start
        = @2+1 errno=0

        """;
}
