using System.Collections.Immutable;

namespace HilTests.Core.Programs;

/// <summary>
/// What is run on the device and on the model: data only. The text form (see <see cref="ProgramText"/>) has one
/// step a line; a step's number, counted from 1, names it everywhere.
/// </summary>
public sealed record Program
{
    /// <summary>A short name, one word: <c>tx-basic</c>, <c>gen-1842</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The device whose steps these are, e.g. <c>vhost-net</c>.</summary>
    public required string Device { get; init; }

    /// <summary>The seed it was generated from, or null for a hand-written program.</summary>
    public ulong? Seed { get; init; }

    /// <summary>What the program is for, one sentence, or null.</summary>
    public string? About { get; init; }

    /// <summary>
    /// What the kernel must have for the program to make sense, by the names of facts of the kernel's profile
    /// (<c>f2fs-latency</c>), beside the device itself.
    /// </summary>
    public ImmutableArray<string> Needs { get; init; } = [];

    public required ImmutableArray<Step> Steps { get; init; }

    /// <inheritdoc/>
    public bool Equals(Program? other) => other is not null
        && (Name, Device, Seed, About) == (other.Name, other.Device, other.Seed, other.About)
        && Needs.SequenceEqual(other.Needs)
        && Steps.SequenceEqual(other.Steps);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Device, Seed, Steps.Length);
}
