using System.Collections.Immutable;
using System.Numerics;
using HilTests.Agent.Execution;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Values;
using HilTests.Uapi;
using HilTests.Uapi.Devices;

using VhostNetDevice = HilTests.Uapi.Devices.VhostNet;

namespace HilTests.Agent.VhostNet;

/// <summary>The log of dirty pages, as a migration keeps it: its memory, which all programs share, and its eventfd.</summary>
internal sealed class DirtyLog : IDisposable
{
    private const int WordBytes = 8;

    /// <summary>Addresses behind the log that the device finds nothing at: bits of guest pages up to 64 TiB.</summary>
    private const long GuardBytes = 1L << 31;

    /// <summary>The first address of the kernel's half on every x86-64 machine.</summary>
    private const ulong KernelAddress = 0xffff_8000_0000_0000;

    private const ulong NothingThere = 0x1000;

    private static readonly MappedMemory Area =
        MappedMemory.AllocateGuarded(VhostNetLogArea.Size, GuardBytes).OrThrow("map the log of dirty pages");

    private EventFd? _file;
    private long _signals;

    /// <summary>Clears what the program before has left.</summary>
    public DirtyLog()
    {
        for (var at = 0; at < VhostNetLogArea.Size; at += VhostNetLogArea.PageBytes)
        {
            var part = Area.Bytes(at, VhostNetLogArea.PageBytes);
            if (part.ContainsAnyExcept((byte)0)) part.Clear();
        }
    }

    /// <summary>What the device was given last: an eventfd's number, or -1.</summary>
    public int File => _file?.Descriptor.Number ?? -1;

    public static SyscallResult SetBase(VhostNetDevice device, SetLogBase step)
    {
        if (step.Offset is < 0 or > VhostNetLogArea.Size / 2)
            throw new AgentFailureException($"the log would begin {step.Offset} bytes behind its place; half of the log area, {VhostNetLogArea.Size / 2}, is the most");
        return device.SetLogBase((ulong)step.Offset + step.Place switch
        {
            LogPlace.Area => Area.Address,
            LogPlace.Unmapped => NothingThere,
            _ => KernelAddress,
        });
    }

    public SyscallResult SetFile(VhostNetDevice device, SetLogFd step) => RingEvents.Set(step.File, device.SetLogFd, made =>
    {
        Gather();
        _file?.Dispose();
        _file = made;
    });

    /// <summary>Takes the bits that are set, and the signals since the last time.</summary>
    public void Read(StepRecorder recorder)
    {
        var pages = ImmutableArray.CreateBuilder<Value>();
        for (var at = 0; at < VhostNetLogArea.Size; at += WordBytes)
        {
            var rest = Area.Bytes(at, VhostNetLogArea.Size - at).IndexOfAnyExcept((byte)0);
            if (rest < 0) break;
            at = (at + rest) / WordBytes * WordBytes;
            for (var word = Area.Exchange64(at, 0); word != 0 && pages.Count < VhostNetLogArea.MostPages; word &= word - 1)
                pages.Add(Value.Hex((ulong)((at * 8) + BitOperations.TrailingZeroCount(word))));
        }
        Gather();
        recorder.Field("pages", new ListValue(pages.ToImmutable()));
        recorder.Field("signals", _signals);
        _signals = 0;
    }

    /// <summary>The device has let go of the eventfd.</summary>
    public void Forget()
    {
        Gather();
        Dispose();
        _file = null;
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private void Gather()
    {
        if (_file is not null && _file.Take(out var count).Ok) _signals += (long)count;
    }
}
