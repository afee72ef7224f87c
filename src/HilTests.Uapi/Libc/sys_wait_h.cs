namespace HilTests.Uapi.Libc;

/// <summary>Options of waitpid(2), from sys/wait.h.</summary>
[Header("sys/wait.h")]
public static class sys_wait_h
{
    public const int WNOHANG = 1;
    public const int WUNTRACED = 2;
    public const int WCONTINUED = 8;
}
