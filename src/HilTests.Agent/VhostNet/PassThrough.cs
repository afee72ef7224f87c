using HilTests.Agent.Execution;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Programs;
using HilTests.Core.Values;
using HilTests.Uapi;
using HilTests.Uapi.Devices;
using HilTests.Uapi.Linux;

using VhostNetDevice = HilTests.Uapi.Devices.VhostNet;

namespace HilTests.Agent.VhostNet;

/// <summary>Steps about a pass-through back end, and about what an asynchronous device holds.</summary>
internal static class PassThrough
{
    /// <summary>Opens one with a header of so many bytes.</summary>
    public static Mp Open(int header)
    {
        AsyncModules.Load();
        var mp = Mp.Open().OrThrow("open a pass-through back end");
        mp.SetHeader((uint)header).OrThrow("set the header size of a pass-through back end");
        return mp;
    }

    /// <summary>Whether the step is one of these.</summary>
    public static bool Knows(Step step) => step is MpHold or MpRelease or MpRefuse or MpCapture or MpCount or Census or Leaks;

    /// <summary>Does one of these steps.</summary>
    public static void Do(Step step, Func<string, Mp> mp, VhostNetDevice? device, StepRecorder recorder)
    {
        switch (step)
        {
            case MpHold hold: Record(recorder, Do(mp(hold.Backend), hold)); break;
            case MpRelease release: Record(recorder, Do(mp(release.Backend), release)); break;
            case MpRefuse refuse: Record(recorder, mp(refuse.Backend).Refuse((uint)refuse.Ring, Negative(refuse.Errno))); break;
            case MpCapture capture: Record(recorder, mp(capture.Backend).SetCapture(capture.On)); break;
            case MpCount count: Count(mp(count.Backend), recorder); break;
            case Census: TakeCensus(device, recorder); break;
            case Leaks: AsyncModules.Count(recorder); break;
        }
    }

    private static void Record(StepRecorder recorder, SyscallResult result) => recorder.Errno(result.Ok ? null : result.Error.ToString());

    private static SyscallResult Do(Mp mp, MpHold step) => mp.SetMode((uint)step.Ring, step.Hold, (uint)step.Context);

    private static SyscallResult Do(Mp mp, MpRelease step)
    {
        var request = new mp_release
        {
            ring = (uint)step.Ring,
            count = (uint)step.Places.Length,
            context = (uint)(step.After > 0 ? CompletionContext.Timer : step.Context),
            error = Negative(step.Errno),
            most = step.Most ?? -1,
            after_us = (uint)step.After,
        };
        for (var i = 0; i < step.Places.Length; i++) request.place[i] = (uint)step.Places[i];
        return mp.Release(request);
    }

    /// <summary>Records what the back end has.</summary>
    private static void Count(Mp mp, StepRecorder recorder)
    {
        mp.Count(out var count).OrThrow("count what a pass-through back end has");
        recorder.Field("rx", count.outstanding_rx);
        recorder.Field("tx", count.outstanding_tx);
        recorder.Field("waiting", count.waiting);
        recorder.Field("dropped", count.dropped);
    }

    /// <summary>A number made of what it has taken and what it has: it stands still when they do.</summary>
    public static long Activity(Mp mp)
    {
        mp.Count(out var count).OrThrow("count what a pass-through back end has done");
        return ((long)(count.submitted_rx + count.submitted_tx) << 32) | (count.outstanding_rx << 24) | (count.outstanding_tx << 16) | count.waiting;
    }

    /// <summary>Whether requests are on their way to complete.</summary>
    public static bool IsMoving(Mp mp)
    {
        mp.Count(out var count).OrThrow("count what a pass-through back end has");
        return count.moving > 0;
    }

    /// <summary>Records what the device holds.</summary>
    private static void TakeCensus(VhostNetDevice? device, StepRecorder recorder)
    {
        if (device is null)
        {
            recorder.Errno(nameof(Errno.EBADF));
            return;
        }
        var answer = device.Census(out var now);
        recorder.Errno(answer.Ok ? null : answer.Error.ToString());
        if (!answer.Ok) return;
        recorder.Field("pool", now.pool);
        recorder.Field("taken", now.taken);
        recorder.Field("in-flight", Both(now.in_flight_rx, now.in_flight_tx));
        recorder.Field("completed", Both(now.completed_rx, now.completed_tx));
        recorder.Field("async", Both(now.async_rx, now.async_tx));
        recorder.Field("most-submitted", (long)now.most_submitted);
        recorder.Field("most-published", (long)now.most_published);
    }

    private static Value Both(uint rx, uint tx) => Value.Record(("rx", Value.Of(rx)), ("tx", Value.Of(tx)));

    private static int Negative(string? errno) => errno is null ? 0 : -(int)Enum.Parse<Errno>(errno);
}
