using System.Runtime.InteropServices;

namespace HilTests.Uapi.Linux;

/// <summary>Numbers of linux/random.h: requests of /dev/random and /dev/urandom, see random(4).</summary>
[Header("linux/random.h")]
public static class random_h
{
    public const uint RNDGETENTCNT = 0x80045200;
    public const uint RNDADDTOENTCNT = 0x40045201;
    public const uint RNDGETPOOL = 0x80085202;
    public const uint RNDADDENTROPY = 0x40085203;
    public const uint RNDZAPENTCNT = 0x5204;
    public const uint RNDCLEARPOOL = 0x5206;
    public const uint RNDRESEEDCRNG = 0x5207;
    public const uint GRND_NONBLOCK = 0x0001;
    public const uint GRND_RANDOM = 0x0002;
    public const uint GRND_INSECURE = 0x0004;
}

/// <summary>struct rand_pool_info: head of the argument of RNDADDENTROPY; the bytes follow it at once.</summary>
[Header("linux/random.h")]
[StructLayout(LayoutKind.Sequential)]
public struct rand_pool_info
{
    /// <summary>How much chance the bytes hold, in bits.</summary>
    public int entropy_count;

    /// <summary>How many bytes follow.</summary>
    public int buf_size;
}
