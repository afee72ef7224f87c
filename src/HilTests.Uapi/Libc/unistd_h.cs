namespace HilTests.Uapi.Libc;

/// <summary>Numbers of unistd.h.</summary>
[Header("unistd.h")]
public static class unistd_h
{
    public const int SEEK_SET = 0;
    public const int SEEK_CUR = 1;
    public const int SEEK_END = 2;
    public const int SEEK_DATA = 3;
    public const int SEEK_HOLE = 4;
    public const int R_OK = 4;
    public const int W_OK = 2;
    public const int X_OK = 1;
    public const int F_OK = 0;
    public const int STDIN_FILENO = 0;
    public const int STDOUT_FILENO = 1;
    public const int STDERR_FILENO = 2;
    public const int _SC_PAGESIZE = 30;
    public const int _SC_NPROCESSORS_ONLN = 84;
    public const int _SC_CLK_TCK = 2;
}
