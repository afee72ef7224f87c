namespace HilTests.Core.Devices.VhostNet;

/// <summary>The memory that stands for the guest's: every offset of a program is counted from its start.</summary>
public static class VhostNetArena
{
    /// <summary>Bytes; zero when a program begins.</summary>
    public const int Size = 1 << 20;
}
