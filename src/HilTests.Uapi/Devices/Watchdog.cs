using HilTests.Uapi.Libc;
using static HilTests.Uapi.Linux.watchdog_h;

namespace HilTests.Uapi.Devices;

/// <summary>A hardware watchdog's node, one method a request (linux/watchdog.h, drivers/watchdog/watchdog_dev.c). It runs from the moment it is opened.</summary>
public sealed class Watchdog : IDisposable
{
    private Watchdog(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The open node.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Opens a node and so starts the watchdog.</summary>
    public static SyscallResult<Watchdog> Open(string path = "/dev/watchdog0") =>
        FileDescriptor.Open(path, fcntl_h.O_WRONLY | fcntl_h.O_CLOEXEC).Then(fd => new Watchdog(fd));

    /// <summary>WDIOC_KEEPALIVE: begins the time anew.</summary>
    public SyscallResult KeepAlive() => Descriptor.Ioctl(WDIOC_KEEPALIVE);

    /// <summary>WDIOC_SETTIMEOUT: seconds until it bites; gives back what the device took.</summary>
    public SyscallResult SetTimeout(ref int seconds) => Descriptor.Ioctl(WDIOC_SETTIMEOUT, ref seconds);

    /// <summary>WDIOC_SETOPTIONS with WDIOS_DISABLECARD: stops it.</summary>
    public SyscallResult Disable() => SetOptions(WDIOS_DISABLECARD);

    /// <summary>WDIOC_SETOPTIONS with WDIOS_ENABLECARD: starts it.</summary>
    public SyscallResult Enable() => SetOptions(WDIOS_ENABLECARD);

    public void Dispose() => Descriptor.Dispose();

    private SyscallResult SetOptions(int options) => Descriptor.Ioctl(WDIOC_SETOPTIONS, ref options);
}
