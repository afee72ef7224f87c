using System.Globalization;
using HilTests.Agent.Boot;
using HilTests.Core.Channel;
using HilTests.Uapi;
using HilTests.Uapi.Devices;
using HilTests.Uapi.Libc;

namespace HilTests.Agent;

/// <summary>
/// The Setup request: what a machine that was copied from another one has to be told. Its lines are described at
/// <see cref="FrameKind.Setup"/>.
/// </summary>
internal static class MachineSetup
{
    public static void Apply(Frame request, FrameWriter reply)
    {
        foreach (string line in request.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = line.IndexOf('=');
            string key = equals < 0 ? line : line[..equals];
            string value = equals < 0 ? "" : line[(equals + 1)..];
            switch (key)
            {
                case "seed":
                    Reseed(Convert.FromHexString(value));
                    break;
                case "disk":
                    AddedDisk.WaitFor(value);
                    break;
                case "clock-ns":
                    SetClock(long.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture));
                    break;
                case "watchdog":
                    Heartbeat.Running?.Arm();
                    break;
                default:
                    throw new InvalidDataException($"unknown setup key '{key}', expected seed, disk, clock-ns or watchdog");
            }
        }
        reply.Write(Frame.Empty(FrameKind.Done, request.RequestId));
    }

    private static void Reseed(byte[] seed)
    {
        using var pool = RandomPool.Open().OrThrow("reseed the kernel's random numbers");
        pool.Add(seed).OrThrow("reseed the kernel's random numbers");
        pool.Reseed().OrThrow("reseed the kernel's random numbers");
    }

    // The monotonic clock is left alone: it goes on from where the machine was copied, and timers with it.
    private static unsafe void SetClock(long unixNanoseconds)
    {
        var time = new timespec
        {
            tv_sec = unixNanoseconds / 1_000_000_000,
            tv_nsec = unixNanoseconds % 1_000_000_000,
        };
        Sys.Check(libc.clock_settime(time_h.CLOCK_REALTIME, &time), "clock_settime").OrThrow("set the wall clock");
    }
}
