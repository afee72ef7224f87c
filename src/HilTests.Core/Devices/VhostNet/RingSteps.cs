using HilTests.Core.Programs;

namespace HilTests.Core.Devices.VhostNet;

/// <summary>How a driver finds out whether the device wants to be kicked.</summary>
public enum Suppression
{
    /// <summary>It does not: it kicks for each buffer.</summary>
    None,

    /// <summary>It kicks unless used.flags says NO_NOTIFY; virtio 1.2, 2.7.10.</summary>
    Flag,

    /// <summary>It kicks where avail_event has been passed; virtio 1.2, 2.7.10.</summary>
    EventIdx,
}

/// <summary>How a driver waits for used buffers.</summary>
public enum Waiting
{
    /// <summary>It looks at the used index.</summary>
    Poll,

    /// <summary>It asks for a signal, looks at the used index once more, and sleeps until the signal comes.</summary>
    Call,
}

/// <summary>
/// Writes entries <paramref name="First"/> to First + <paramref name="Count"/> - 1 of the descriptor table at
/// <paramref name="Table"/>, their addresses <paramref name="Stride"/> bytes apart. <paramref name="Chain"/> makes one
/// chain of them: each but the last has NEXT and the entry behind it.
/// </summary>
public sealed record WriteDescs(long Table, int First, int Count, ulong Addr, long Stride, uint Len, DescriptorFlags Flags, bool Chain = false) : Step;

/// <summary>Writes <paramref name="Count"/> frames <paramref name="Stride"/> bytes apart; number i is made of seed + i.</summary>
public sealed record WriteFrames(long At, int Count, int Stride, int Length, ulong Seed) : Step;

/// <summary>Reads <paramref name="Count"/> stretches <paramref name="Stride"/> bytes apart; field <c>data</c>, a list.</summary>
public sealed record ReadFrames(long At, int Count, int Stride, int Length) : Step;

/// <summary>
/// Puts <paramref name="Count"/> heads into the avail ring, <paramref name="Stride"/> apart from
/// <paramref name="First"/> on, modulo 65536, then publishes the new index once.
/// </summary>
public sealed record OfferRange(Ring Ring, int First, int Count, int Stride = 1) : Step
{
    /// <summary>Head number <paramref name="i"/>.</summary>
    public ushort Head(int i) => (ushort)(First + (i * Stride));
}

/// <summary>
/// Sends frames from the back end's far side towards the device; number i is <paramref name="Grow"/> * i bytes longer and
/// made of seed + i. Field <c>errno</c>: the first failure.
/// </summary>
public sealed record SendRange(string Backend, int Count, int Length, ulong Seed, int Grow = 0) : Step;

/// <summary>
/// A driver at work: offers <paramref name="Count"/> buffers one by one, never more than <paramref name="Window"/> of them
/// unused; kicks only where the device asks for it, and waits for used buffers as a driver would. Number i has head
/// First + Stride * (i modulo <paramref name="Cycle"/>). Before each offer it spins up to <paramref name="Spin"/> rounds, drawn
/// from the seed. With <paramref name="Hunt"/> it offers as many as the window holds, waits for all of them, and so on;
/// before the last of them it pauses for a time that it moves, by whether the device wanted a kick then, to the very
/// point at which the device goes to sleep; likewise before it asks for a signal. Where the device is quiet and has not
/// used what it was offered, the driver gives up. Fields: <c>done</c> (buffers used), <c>kicks</c>, and, where it waits for
/// signals, <c>missed</c> (waits in which buffers were used without the signal that the driver slept for).
/// </summary>
public sealed record Drive(Ring Ring, int First, int Cycle, int Count, int Window, Suppression Suppress, Waiting Wait = Waiting.Poll, int Spin = 0, ulong Seed = 0, int Stride = 1, bool Hunt = false) : Step
{
    /// <summary>Head number <paramref name="i"/>.</summary>
    public ushort Head(int i) => (ushort)(First + (i % Cycle * Stride));
}
