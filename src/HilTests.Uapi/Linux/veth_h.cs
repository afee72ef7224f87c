namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/veth.h.</summary>
[Header("linux/veth.h")]
public static class veth_h
{
    public const int VETH_INFO_UNSPEC = 0;
    public const int VETH_INFO_PEER = 1;
}
