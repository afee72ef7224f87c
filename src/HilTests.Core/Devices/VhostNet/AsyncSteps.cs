using System.Collections.Immutable;
using HilTests.Core.Programs;

namespace HilTests.Core.Devices.VhostNet;

/// <summary>Where requests of the pass-through back end complete.</summary>
public enum CompletionContext
{
    /// <summary>In the process that submits them, or that lets them go.</summary>
    Process,

    /// <summary>In a soft interrupt.</summary>
    Softirq,

    /// <summary>In the interrupt of a timer.</summary>
    Timer,
}

/// <summary>What a pass-through back end does with the requests of one ring from now on: it keeps them, or completes them at once in a context.</summary>
public sealed record MpHold(string Backend, Ring Ring, bool Hold, CompletionContext Context) : Step;

/// <summary>
/// Lets go of requests that a pass-through back end keeps. The device is quiet before it begins, and all are completed when it returns, unless
/// <paramref name="After"/> says otherwise.
/// </summary>
/// <param name="Backend">whose</param>
/// <param name="Ring">of which ring; each request of the receive ring takes the next packet that waits</param>
/// <param name="Places">which, in the order in which they complete: places among those outstanding, the oldest is 0, as they are before the step</param>
/// <param name="Context">where</param>
/// <param name="Errno">what they fail with; null: they succeed</param>
/// <param name="Most">most bytes of a packet that are handed over; null: all</param>
/// <param name="After">microseconds until they complete, from a timer, while the next step is on its way; 0: now</param>
public sealed record MpRelease(string Backend, Ring Ring, ImmutableArray<int> Places, CompletionContext Context, string? Errno, int? Most, int After) : Step
{
    /// <summary>Most requests of one step, and the highest place and one.</summary>
    public const int MostPlaces = 64;

    /// <inheritdoc/>
    public bool Equals(MpRelease? other) => other is not null
        && (Backend, Ring, Context, Errno, Most, After) == (other.Backend, other.Ring, other.Context, other.Errno, other.Most, other.After) && Places.SequenceEqual(other.Places);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Backend, Ring, Places.Length, Context, Errno, Most, After);
}

/// <summary>Every submit of the ring is refused with this errno from now on; null: they are taken again, and the device hears of it.</summary>
public sealed record MpRefuse(string Backend, Ring Ring, string? Errno) : Step;

/// <summary>Whether a pass-through back end keeps the frames that it has sent, for settle to show; it does from the beginning.</summary>
public sealed record MpCapture(string Backend, bool On) : Step;

/// <summary>Counts what a pass-through back end has: fields <c>rx</c> and <c>tx</c> (requests outstanding), <c>waiting</c> (packets), <c>dropped</c> (packets that fitted no buffer).</summary>
public sealed record MpCount(string Backend) : Step;

/// <summary>
/// Counts what the device holds: <c>pool</c> (blocks, free or not), <c>taken</c>, <c>in-flight</c> and <c>completed</c> (records of <c>rx</c> and <c>tx</c>),
/// <c>async</c> (whose link is asynchronous), <c>most-submitted</c> and <c>most-published</c> (bytes of one pass, of one drain, at most).
/// </summary>
public sealed record Census : Step;

/// <summary>Counts what the modules still hold where no device is open: <c>devices</c>, <c>pools</c>, <c>blocks</c>, <c>requests</c>, <c>users</c> (of the module).</summary>
public sealed record Leaks : Step;
