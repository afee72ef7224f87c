using System.Diagnostics;
using HilTests.Agent.Execution;
using HilTests.Core;
using HilTests.Core.Devices.VhostNet;
using HilTests.Uapi;

namespace HilTests.Agent.VhostNet;

/// <summary>
/// The step <c>drive</c>: a driver that kicks only where the device asks for it, and sleeps until the device signals. It
/// decides as virtqueue_kick_prepare() and virtqueue_enable_cb() do. Nothing here is decided by a clock: what has not
/// moved while the device's worker was flushed several times will not move.
/// </summary>
/// <param name="side">the driver's half of the ring</param>
/// <param name="events">the ring's eventfds</param>
/// <param name="flush">waits for the device's worker; false where the device is not there to be flushed</param>
/// <param name="keepUp">takes what left through back ends, so that no far side runs over</param>
internal sealed class DriverAtWork(DriverSide side, RingEvents events, Func<bool> flush, Action keepUp)
{
    private const int Looks = 400;
    private const int LooksBetweenFlushes = 20_000;
    private const int KeepUpEvery = 32;

    /// <summary>A device that did not move while it was flushed this often is quiet: a busy poll is left at the first flush, and comes to an end at the next.</summary>
    private const int QuietFlushes = 4;

    /// <summary>
    /// A slow device gets fewer buffers, not a longer step: behind this time no window is begun. Nothing is judged by it; how
    /// many were offered is recorded.
    /// </summary>
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(100);

    private ushort _begin;
    private int _offered;
    private int _kicks;
    private int _missed;
    private Hunt? _sleep;
    private Hunt? _listen;

    public void Run(Drive step, StepRecorder recorder)
    {
        var seed = new Seed(step.Seed);
        _begin = side.DeviceIndex;
        if (step.Hunt) (_sleep, _listen) = (new Hunt(seed, Look), new Hunt(seed, Look));
        if (step.Wait == Waiting.Call) Silence(step);
        var watch = Stopwatch.StartNew();
        for (var offered = 0; offered < step.Count && WaitFor(step, Before(step, offered));)
        {
            if (offered > 0 && offered % step.Window == 0 && watch.Elapsed > Enough) break;
            if (step.Spin > 0) Thread.SpinWait(seed.Below(step.Spin));
            var hunting = step.Hunt && offered > 0 && (offered + 1) % step.Window == 0;
            if (hunting) _sleep!.Pause();
            var (old, now) = side.Offer(step.Head(offered++));
            var asleep = WantsKick(step.Suppress, old, now);
            if (asleep) Kick();
            if (hunting) _sleep!.Adjust(asleep);
            _offered = offered;
            Pulse.Beat();
            if (offered % KeepUpEvery == 0) keepUp();
        }
        WaitFor(step, _offered);
        if (step.Wait == Waiting.Call) Listen(step, side.DeviceIndex);
        side.Collect();
        keepUp();
        if (_offered < step.Count) recorder.Field("offered", _offered);
        recorder.Field("done", Done);
        recorder.Field("kicks", _kicks);
        if (step.Wait == Waiting.Call) recorder.Field("missed", _missed);
    }

    /// <summary>How many must be used before the next is offered: room in the window, or a new window.</summary>
    private static int Before(Drive step, int offered) =>
        step.Hunt ? offered % step.Window == 0 ? offered : 0 : offered - step.Window + 1;

    private void Look() => _ = side.DeviceIndex;

    private ushort Done => (ushort)(side.DeviceIndex - _begin);

    private void Kick()
    {
        _kicks++;
        events.Kick?.Signal();
    }

    /// <summary>virtqueue_kick_prepare(): virtio 1.2, 2.7.13.4.</summary>
    private bool WantsKick(Suppression how, ushort old, ushort now)
    {
        MappedMemory.FullBarrier();
        return how switch
        {
            Suppression.Flag => (side.DeviceFlags & 1) == 0,
            Suppression.EventIdx => (ushort)(now - side.AvailEvent - 1) < (ushort)(now - old),
            _ => true,
        };
    }

    /// <summary>Waits until so many buffers are used; false where the device is quiet and they are not.</summary>
    private bool WaitFor(Drive step, int wanted)
    {
        while (Done < wanted)
        {
            var moved = step.Wait == Waiting.Poll ? Look(wanted) : Sleep(step);
            side.Collect();
            // The device may have come so far between two looks, and have told it before.
            if (!moved) return Done >= wanted;
        }
        side.Collect();
        return true;
    }

    /// <summary>Looks at the used index; false where it is sure not to move any more.</summary>
    private bool Look(int wanted)
    {
        for (var i = 0; i < LooksBetweenFlushes; i++)
        {
            if (Done >= wanted) return true;
            // On one processor the worker runs only when this thread lets it.
            if (i >= Looks) Thread.Yield();
        }
        // It may have moved just before the device was asked to be quiet.
        return !IsQuiet() || Done >= wanted;
    }

    /// <summary>Asks for a signal and sleeps until it comes; false where the device is quiet and nothing more was used.</summary>
    private bool Sleep(Drive step)
    {
        var seen = side.DeviceIndex;
        _listen?.Pause();
        Listen(step, seen);
        MappedMemory.FullBarrier();
        var late = side.DeviceIndex != seen;
        _listen?.Adjust(late);
        if (late)
        {
            Silence(step);
            return true;
        }
        while (events.Call is { } call && !(call.Wait(Nap) is { Ok: true, Value: > 0 }))
        {
            if (!IsQuiet()) continue;
            // Quiet, and still no signal: what was used since the driver went to sleep was not told.
            if (call.Wait(TimeSpan.Zero) is { Ok: true, Value: > 0 }) break;
            Silence(step);
            if (side.DeviceIndex == seen) return false;
            _missed++;
            return true;
        }
        events.Gather();
        Silence(step);
        // A signal for what was seen before: spurious, but no reason to give up before the device is quiet.
        // It may have moved just before that, so it is looked at once more.
        return side.DeviceIndex != seen || !IsQuiet() || side.DeviceIndex != seen;
    }

    /// <summary>virtqueue_enable_cb().</summary>
    private void Listen(Drive step, ushort seen)
    {
        if (step.Suppress == Suppression.EventIdx) side.SetUsedEvent(seen);
        else side.SetFlags(0);
    }

    /// <summary>virtqueue_disable_cb(); with EVENT_IDX an index that was passed already keeps the device silent.</summary>
    private void Silence(Drive step)
    {
        if (step.Suppress != Suppression.EventIdx) side.SetFlags(1);
    }

    private bool IsQuiet()
    {
        var before = side.DeviceIndex;
        for (var i = 0; i < QuietFlushes; i++)
            if (!flush() || side.DeviceIndex != before) return side.DeviceIndex == before;
        return true;
    }
}
