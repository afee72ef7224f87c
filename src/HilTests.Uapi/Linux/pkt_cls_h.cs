namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/pkt_cls.h: filters and their actions.</summary>
[Header("linux/pkt_cls.h")]
public static class pkt_cls_h
{
    public const int TCA_ACT_UNSPEC = 0;
    public const int TCA_ACT_KIND = 1;
    public const int TCA_ACT_OPTIONS = 2;
    public const int TCA_MATCHALL_UNSPEC = 0;
    public const int TCA_MATCHALL_CLASSID = 1;
    public const int TCA_MATCHALL_ACT = 2;
    public const int TC_ACT_OK = 0;
    public const int TC_ACT_SHOT = 2;
    public const int TC_ACT_STOLEN = 4;
}
