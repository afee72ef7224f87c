namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/falloc.h: modes of fallocate(2).</summary>
[Header("linux/falloc.h")]
public static class falloc_h
{
    public const int FALLOC_FL_KEEP_SIZE = 0x01;
    public const int FALLOC_FL_PUNCH_HOLE = 0x02;
    public const int FALLOC_FL_NO_HIDE_STALE = 0x04;
    public const int FALLOC_FL_COLLAPSE_RANGE = 0x08;
    public const int FALLOC_FL_ZERO_RANGE = 0x10;
    public const int FALLOC_FL_INSERT_RANGE = 0x20;
    public const int FALLOC_FL_UNSHARE_RANGE = 0x40;
}
