using System.Runtime.InteropServices;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/watchdog.h: requests of /dev/watchdogN. Times are seconds.</summary>
[Header("linux/watchdog.h")]
public static class watchdog_h
{
    public const uint WDIOC_GETSUPPORT = 0x8028_5700;
    public const uint WDIOC_GETSTATUS = 0x8004_5701;
    public const uint WDIOC_GETBOOTSTATUS = 0x8004_5702;
    public const uint WDIOC_SETOPTIONS = 0x8004_5704;
    public const uint WDIOC_KEEPALIVE = 0x8004_5705;
    public const uint WDIOC_SETTIMEOUT = 0xC004_5706;
    public const uint WDIOC_GETTIMEOUT = 0x8004_5707;
    public const uint WDIOC_GETTIMELEFT = 0x8004_570A;
    public const int WDIOS_DISABLECARD = 0x0001;
    public const int WDIOS_ENABLECARD = 0x0002;
}

/// <summary>struct watchdog_info: what a watchdog can do and what it is called.</summary>
[Header("linux/watchdog.h")]
[StructLayout(LayoutKind.Sequential)]
public struct watchdog_info
{
    public uint options;
    public uint firmware_version;
    public Array32<byte> identity;
}
