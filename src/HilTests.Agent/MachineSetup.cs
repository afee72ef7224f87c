using System.Globalization;
using HilTests.Core.Channel;
using HilTests.Uapi;
using HilTests.Uapi.Libc;

namespace HilTests.Agent;

/// <summary>
/// The Setup request: lines of <c>key=value</c>. <c>clock-ns</c> sets the wall clock (nanoseconds since 1970, UTC);
/// <c>seed</c> (hexadecimal) is mixed into the kernel's random pool, which is then reseeded.
/// </summary>
internal static class MachineSetup
{
    /// <summary><c>_IO('R', 0x07)</c> of linux/random.h.</summary>
    private const nuint RNDRESEEDCRNG = 0x5207;

    public static void Apply(Frame request, FrameWriter reply)
    {
        foreach (string line in request.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = line.IndexOf('=');
            string key = equals < 0 ? line : line[..equals];
            string value = equals < 0 ? "" : line[(equals + 1)..];
            switch (key)
            {
                case "clock-ns":
                    SetClock(long.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture));
                    break;
                case "seed":
                    Reseed(Convert.FromHexString(value));
                    break;
                default:
                    throw new InvalidDataException($"unknown setup key '{key}', expected clock-ns or seed");
            }
        }
        reply.Write(Frame.Empty(FrameKind.Done, request.RequestId));
    }

    private static unsafe void SetClock(long unixNanoseconds)
    {
        var time = new timespec
        {
            tv_sec = unixNanoseconds / 1_000_000_000,
            tv_nsec = unixNanoseconds % 1_000_000_000,
        };
        Sys.Check(libc.clock_settime(time_h.CLOCK_REALTIME, &time), "clock_settime").OrThrow("set the wall clock");
    }

    private static void Reseed(byte[] seed)
    {
        using var pool = File.OpenHandle("/dev/urandom", FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(pool, seed, 0);
        Sys.Check(libc.ioctl((int)pool.DangerousGetHandle(), RNDRESEEDCRNG, (nint)0), "RNDRESEEDCRNG", "/dev/urandom")
            .OrThrow("reseed the kernel's random numbers");
    }
}
