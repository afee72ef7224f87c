namespace HilTests.Uapi.Libc;

/// <summary>System call numbers of this machine's ABI (x86-64), from sys/syscall.h.</summary>
[Header("sys/syscall.h")]
public static class sys_syscall_h
{
    public const int SYS_finit_module = 313;
    public const int SYS_delete_module = 176;
    public const int SYS_gettid = 186;
    public const int SYS_setresuid = 117;
    public const int SYS_renameat2 = 316;
    public const int SYS_memfd_create = 319;
    public const int SYS_pidfd_open = 434;
    public const int SYS_pidfd_send_signal = 424;
    public const int SYS_close_range = 436;
    public const int SYS_bpf = 321;
    public const int SYS_statx = 332;
    public const int SYS_membarrier = 324;
}
