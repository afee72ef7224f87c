namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/if_arp.h: the hardware types this project meets.</summary>
[Header("linux/if_arp.h")]
public static class if_arp_h
{
    public const int ARPHRD_ETHER = 1;
    public const int ARPHRD_TUNNEL = 768;
    public const int ARPHRD_LOOPBACK = 772;
    public const int ARPHRD_VOID = 0xFFFF;
    public const int ARPHRD_NONE = 0xFFFE;
}
