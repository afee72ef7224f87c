using System.Collections.Immutable;
using HilTests.Core.Devices.VhostNet;

namespace HilTests.Models.VhostNet;

/// <summary>How the frames of a back end leave.</summary>
internal sealed record OutletState
{
    /// <summary>Nothing holds anything, and there is room for everything.</summary>
    public static OutletState Free { get; } = new();

    /// <summary>Bytes that may wait on their way out, as the program set it; 0 where it set nothing.</summary>
    public int SendBuffer { get; init; }

    /// <summary>Whether frames are seen behind a queue.</summary>
    public Outlet Kind { get; init; }

    /// <summary>A plug holds what leaves.</summary>
    public bool Plugged { get; init; }

    /// <summary>What the plug holds, in order.</summary>
    public ImmutableList<byte[]> Held { get; init; } = [];

    /// <summary>The back end has said that there is no room, and has let go of nothing since.</summary>
    public bool Full { get; init; }

    /// <summary>It is unplugged during the next step.</summary>
    public bool IsUnplugComing { get; init; }

    /// <summary>Its interface is removed.</summary>
    public bool Gone { get; init; }
}

/// <summary>What the device keeps about sending to the back end that is attached.</summary>
internal sealed record TxLink
{
    public static TxLink Fresh { get; } = new();

    /// <summary>The next chain is one that the device tries again and again.</summary>
    public bool Retrying { get; init; }

    /// <summary>The next chain waits for room; the device is woken when there is some.</summary>
    public bool Blocked { get; init; }

    /// <summary>It was <see cref="Retrying"/> since the last settle.</summary>
    public bool Retried { get; init; }

    /// <summary>It was <see cref="Blocked"/> since the last settle.</summary>
    public bool Waited { get; init; }

    /// <summary>Zero-copy: entries of buffers on loan, as the last settle has shown, in fetch order.</summary>
    public ImmutableList<UsedEntry> Lent { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(TxLink? other) => other is not null && (Retrying, Blocked, Retried, Waited) == (other.Retrying, other.Blocked, other.Retried, other.Waited)
        && (ReferenceEquals(Lent, other.Lent) || Lent.SequenceEqual(other.Lent));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Retrying, Blocked, Retried, Waited, Lent.Count);
}
