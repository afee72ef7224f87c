using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;
using HilTests.Core.Values;

namespace HilTests.Models.VhostNet;

/// <summary>A translation that the device asked for.</summary>
/// <param name="Iova">the address</param>
/// <param name="Access">what it wants to do there</param>
/// <param name="Ring">the ring that waits for it</param>
/// <param name="Version">the form of the message</param>
/// <param name="Sure">whether it asked for sure</param>
internal sealed record Miss(ulong Iova, IotlbAccess Access, Ring Ring, int Version, bool Sure)
{
    public Value ToValue() => Value.Record(
        ("kind", Choices.Of(IotlbKind.Miss)), ("iova", Value.Hex(Iova)), ("access", Choices.Of(Access)), ("version", Value.Of(Version)));
}

/// <summary>Where the parts of a ring lie by the addresses that the device translates.</summary>
internal readonly record struct RingIova(ulong Desc, ulong Avail, ulong Used);

/// <summary>What the device has asked for.</summary>
internal sealed record Misses
{
    public static Misses None { get; } = new();

    /// <summary>Asked, or perhaps asked, and not read yet.</summary>
    public ImmutableList<Miss> Asked { get; init; } = [];

    /// <summary>Read: an update for the address wakes the ring.</summary>
    public ImmutableList<Miss> Waiting { get; init; } = [];

    public Misses Ask(Miss miss) => Asked.Contains(miss) ? this : this with { Asked = Asked.Add(miss) };

    /// <summary>The program has read these messages; what was not among them was not asked.</summary>
    public Misses Read(IReadOnlyCollection<Value> seen) => this with
    {
        Asked = [],
        Waiting = Waiting.AddRange(Asked.Where(miss => seen.Contains(miss.ToValue()))),
    };

    /// <summary>A detach throws messages away, on some kernels those that wait as well.</summary>
    public Misses Doubted() => new()
    {
        Asked = [.. Asked.Select(miss => miss with { Sure = false })],
        Waiting = [.. Waiting.Select(miss => miss with { Sure = false })],
    };
}
