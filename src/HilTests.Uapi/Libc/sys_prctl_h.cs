namespace HilTests.Uapi.Libc;

/// <summary>Options of prctl(2), from sys/prctl.h.</summary>
[Header("sys/prctl.h")]
public static class sys_prctl_h
{
    public const int PR_SET_PDEATHSIG = 1;
    public const int PR_GET_PDEATHSIG = 2;
    public const int PR_SET_DUMPABLE = 4;
    public const int PR_SET_NAME = 15;
    public const int PR_GET_NAME = 16;
    public const int PR_SET_NO_NEW_PRIVS = 38;
    public const int PR_GET_NO_NEW_PRIVS = 39;
    public const int PR_SET_CHILD_SUBREAPER = 36;
    public const int PR_SET_TIMERSLACK = 29;
}
