namespace HilTests.Uapi.Libc;

/// <summary>Flags of eventfd(2), from sys/eventfd.h.</summary>
[Header("sys/eventfd.h")]
public static class sys_eventfd_h
{
    public const int EFD_SEMAPHORE = 1;
    public const int EFD_CLOEXEC = 0x80000;
    public const int EFD_NONBLOCK = 2048;
}
