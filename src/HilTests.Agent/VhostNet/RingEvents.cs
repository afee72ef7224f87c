using HilTests.Core.Devices.VhostNet;
using HilTests.Uapi;
using HilTests.Uapi.Devices;

using VhostNetDevice = HilTests.Uapi.Devices.VhostNet;

namespace HilTests.Agent.VhostNet;

/// <summary>The eventfds of one ring: those the device was given last.</summary>
internal sealed class RingEvents : IDisposable
{
    private const int ClosedNumber = 9999;

    private long _calls;
    private long _errors;

    public EventFd? Kick { get; private set; }

    public EventFd? Call { get; private set; }

    public EventFd? Error { get; private set; }

    public SyscallResult SetKick(VhostNetDevice device, SetVringKick step) => Set(step.File, fd => device.SetVringKick((uint)step.Ring, fd), made =>
    {
        Kick?.Dispose();
        Kick = made;
    });

    public SyscallResult SetCall(VhostNetDevice device, SetVringCall step) => Set(step.File, fd => device.SetVringCall((uint)step.Ring, fd), made =>
    {
        Gather();
        Call?.Dispose();
        Call = made;
    });

    public SyscallResult SetError(VhostNetDevice device, SetVringErr step) => Set(step.File, fd => device.SetVringErr((uint)step.Ring, fd), made =>
    {
        Gather();
        Error?.Dispose();
        Error = made;
    });

    /// <summary>Adds what the device signalled meanwhile; true where it signalled anything.</summary>
    public bool Gather()
    {
        var (calls, errors) = (Taken(Call), Taken(Error));
        _calls += calls;
        _errors += errors;
        return calls + errors > 0;
    }

    /// <summary>Signals and complaints since the last time.</summary>
    public (long Calls, long Errors) TakeCounts()
    {
        var counts = (_calls, _errors);
        (_calls, _errors) = (0, 0);
        return counts;
    }

    /// <summary>The device has let go of every eventfd.</summary>
    public void Forget()
    {
        Gather();
        Dispose();
        (Kick, Call, Error) = (null, null, null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kick?.Dispose();
        Call?.Dispose();
        Error?.Dispose();
    }

    private static long Taken(EventFd? file) => file is not null && file.Take(out var count).Ok ? (long)count : 0;

    /// <summary>Hands the device the file of the choice, and the caller the eventfd that was made for it, if the call succeeds.</summary>
    public static SyscallResult Set(FileChoice choice, Func<int, SyscallResult> call, Action<EventFd?> keep)
    {
        using var other = choice == FileChoice.File ? FileDescriptor.Open("/proc/self/status", 0).OrThrow("open a regular file") : null;
        var made = choice == FileChoice.Event ? EventFd.Create().OrThrow("make an eventfd") : null;
        var result = call(choice switch
        {
            FileChoice.Event => made!.Descriptor.Number,
            FileChoice.None => -1,
            FileChoice.File => other!.Number,
            _ => ClosedNumber,
        });
        if (result.Ok) keep(made);
        else made?.Dispose();
        return result;
    }
}
