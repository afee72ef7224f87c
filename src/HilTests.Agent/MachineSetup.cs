using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using HilTests.Core.Channel;
using LibcBoot = HilTests.Uapi.Libc.Boot;

namespace HilTests.Agent;

/// <summary>
/// The Setup request: lines of <c>key=value</c>. <c>clock-ns</c> sets the wall clock (nanoseconds since 1970, UTC);
/// <c>seed</c> (hexadecimal) is mixed into the kernel's random pool, which is then reseeded.
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
        var time = new LibcBoot.timespec
        {
            tv_sec = unixNanoseconds / 1_000_000_000,
            tv_nsec = unixNanoseconds % 1_000_000_000,
        };
        if (LibcBoot.clock_settime(LibcBoot.CLOCK_REALTIME, &time) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"clock_settime: errno {Marshal.GetLastPInvokeError()}");
    }

    private static void Reseed(byte[] seed)
    {
        using var pool = File.OpenHandle("/dev/urandom", FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(pool, seed, 0);
        if (LibcBoot.ioctl((int)pool.DangerousGetHandle(), LibcBoot.RNDRESEEDCRNG, 0) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"RNDRESEEDCRNG: errno {Marshal.GetLastPInvokeError()}");
    }
}
