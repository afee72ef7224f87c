using System.Collections.Immutable;
using HilTests.Models.Virtqueues;

namespace HilTests.Models.VhostNet.Async;

/// <summary>A request that the device has submitted. Heads are unique among those that are not used yet.</summary>
/// <param name="Head">the chain's head</param>
/// <param name="Frame">TX: the frame that leaves when it completes</param>
/// <param name="Buffer">RX: where bytes go</param>
internal sealed record AsyncRequest(int Head, byte[]? Frame, ImmutableArray<Segment> Buffer)
{
    /// <inheritdoc/>
    public bool Equals(AsyncRequest? other) => other is not null && Head == other.Head && Frame.AsSpan().SequenceEqual(other.Frame) && Buffer.SequenceEqual(other.Buffer);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Head, Frame?.Length, Buffer.Length);
}

/// <summary>A request that has completed and is not published.</summary>
/// <param name="Request">which</param>
/// <param name="Length">bytes written, as its used entry will say</param>
/// <param name="Content">RX: what its buffer holds then, header included</param>
internal sealed record AsyncDone(AsyncRequest Request, int Length, byte[] Content)
{
    /// <inheritdoc/>
    public bool Equals(AsyncDone? other) => other is not null && Length == other.Length && Request.Equals(other.Request) && Content.AsSpan().SequenceEqual(other.Content);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Request, Length);
}

/// <summary>What a ring with an asynchronous link has between taken and used.</summary>
internal sealed record AsyncLink
{
    /// <summary>Request blocks of a device; vm-images/kernel-modules/vhost_net_async, POOL.</summary>
    public const int PoolSize = 64;

    public static AsyncLink Empty { get; } = new();

    /// <summary>Submitted and not completed, the oldest first.</summary>
    public ImmutableList<AsyncRequest> Outstanding { get; init; } = [];

    /// <summary>Completed and not published, in the order of completion.</summary>
    public ImmutableList<AsyncDone> Completed { get; init; } = [];

    /// <summary>On their way to complete, at a time that nobody knows, in this order.</summary>
    public ImmutableList<AsyncDone> Coming { get; init; } = [];

    /// <summary>The device has stopped since it had no block left.</summary>
    public bool Starved { get; init; }

    /// <summary>The device waits to hear that the socket takes buffers again.</summary>
    public bool Waits { get; init; }

    /// <summary>The ring has lost its link since the last settle.</summary>
    public bool Left { get; init; }

    /// <summary>Blocks that it has.</summary>
    public int Taken => Outstanding.Count + Completed.Count + Coming.Count;

    /// <summary>As it is after a stretch of a pass.</summary>
    public AsyncLink After(ReadOnlySpan<PassItem> items)
    {
        var (outstanding, completed) = (Outstanding, Completed);
        foreach (var item in items)
        {
            if (item.Submits is { } request) outstanding = outstanding.Add(request);
            if (item.Fills) outstanding = outstanding.RemoveAt(0);
            if (item.Publishes) completed = completed.RemoveAt(0);
        }
        return this with { Outstanding = outstanding, Completed = completed };
    }

    /// <inheritdoc/>
    public bool Equals(AsyncLink? other) => other is not null && (Starved, Waits, Left) == (other.Starved, other.Waits, other.Left)
        && Outstanding.SequenceEqual(other.Outstanding) && Completed.SequenceEqual(other.Completed) && Coming.SequenceEqual(other.Coming);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Outstanding.Count, Completed.Count, Coming.Count, Starved, Left);
}

/// <summary>What a pass-through back end was told.</summary>
/// <param name="HoldsRx">it keeps requests of the receive ring</param>
/// <param name="HoldsTx">it keeps those of the transmit ring</param>
/// <param name="RefusesRx">it refuses every submit of the receive ring</param>
/// <param name="RefusesTx">it refuses those of the transmit ring</param>
/// <param name="Captures">it keeps the frames that it has sent</param>
/// <param name="Dropped">packets that fitted no buffer</param>
internal sealed record MpState(bool HoldsRx, bool HoldsTx, bool RefusesRx, bool RefusesTx, bool Captures, int Dropped)
{
    public static MpState Fresh { get; } = new(false, false, false, false, true, 0);

    public bool Holds(Core.Devices.VhostNet.Ring ring) => ring == Core.Devices.VhostNet.Ring.Rx ? HoldsRx : HoldsTx;

    public bool Refuses(Core.Devices.VhostNet.Ring ring) => ring == Core.Devices.VhostNet.Ring.Rx ? RefusesRx : RefusesTx;
}
