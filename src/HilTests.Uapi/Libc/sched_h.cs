namespace HilTests.Uapi.Libc;

/// <summary>Numbers of sched.h: namespaces and scheduling classes. CPU_SETSIZE is in bits.</summary>
[Header("sched.h")]
public static class sched_h
{
    public const int CLONE_NEWNS = 0x20000;
    public const int CLONE_NEWCGROUP = 0x2000000;
    public const int CLONE_NEWUTS = 0x4000000;
    public const int CLONE_NEWIPC = 0x8000000;
    public const int CLONE_NEWUSER = 0x10000000;
    public const int CLONE_NEWPID = 0x20000000;
    public const int CLONE_NEWNET = 0x40000000;
    public const int CLONE_FILES = 1024;
    public const int CLONE_FS = 512;
    public const int SCHED_OTHER = 0;
    public const int SCHED_FIFO = 1;
    public const int SCHED_RR = 2;
    public const int CPU_SETSIZE = 1024;
}
