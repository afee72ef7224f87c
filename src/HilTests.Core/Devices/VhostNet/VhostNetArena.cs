namespace HilTests.Core.Devices.VhostNet;

/// <summary>The memory that stands for the guest's: every offset of a program is counted from its start.</summary>
public static class VhostNetArena
{
    /// <summary>Bytes; zero when a program begins. Rings of 32768 entries fit, with buffers beside them.</summary>
    public const int Size = 4 << 20;

    /// <summary>Bytes from the start that ordinary programs keep to: what lies behind is given back to the kernel between programs.</summary>
    public const int Near = 1 << 20;
}
