namespace HilTests.Models.VhostNet;

/// <summary>What of a pass is a device's own affair, and shows in some cases.</summary>
/// <param name="LongestInBatch">TX: bytes of the longest chain that goes to a tap in a batch, where it takes batches</param>
/// <param name="Touches">RX: whether a frame that is dropped because it does not fit leaves its first byte in the buffer that stays</param>
internal sealed record Manner(int LongestInBatch, bool Touches)
{
    /// <summary>TX: the buffers of a batch that failed are used, and not lost.</summary>
    public bool Returns { get; init; }

    /// <summary>Chains up to this size surely fit into a page with what goes around them.</summary>
    private const int SurelyFits = 3000;

    /// <summary>Chains from this size on surely do not.</summary>
    public const int SurelySingle = 4096;

    /// <summary>The manners that are told apart when sending; the third is frame by frame.</summary>
    public static IReadOnlyList<Manner> Sending { get; } =
    [
        new(SurelyFits, false), new(SurelySingle, false), new(-1, false), new(SurelyFits, false) { Returns = true }, new(SurelySingle, false) { Returns = true },
    ];

    /// <summary>Those when receiving.</summary>
    public static IReadOnlyList<Manner> Receiving { get; } = [new(-1, true), new(-1, false)];
}
