namespace HilTests.Uapi.Linux;

/// <summary>Commands of membarrier(2), from linux/membarrier.h.</summary>
[Header("linux/membarrier.h")]
public static class membarrier_h
{
    public const int MEMBARRIER_CMD_QUERY = 0;
    public const int MEMBARRIER_CMD_GLOBAL = 1;
}
