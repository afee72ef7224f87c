namespace HilTests.Uapi.Libc;

/// <summary>Commands of reboot(2), from sys/reboot.h.</summary>
[Header("sys/reboot.h")]
public static class sys_reboot_h
{
    public const int RB_AUTOBOOT = 0x1234567;
    public const uint RB_HALT_SYSTEM = 0xcdef0123;
    public const uint RB_ENABLE_CAD = 0x89abcdef;
    public const int RB_DISABLE_CAD = 0;
    public const int RB_POWER_OFF = 0x4321fedc;
    public const uint RB_SW_SUSPEND = 0xd000fce2;
    public const int RB_KEXEC = 0x45584543;
}
