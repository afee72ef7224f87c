namespace HilTests.Uapi.Linux;

/// <summary>
/// Request numbers as asm-generic/ioctl.h builds them: direction in bits 30 and 31, bytes of the argument in bits 16
/// to 29, the driver's letter in bits 8 to 15, the number in bits 0 to 7. Directions are as user space sees them:
/// <c>_IOW</c> writes to the kernel. The name of a request does not tell its direction.
/// </summary>
[Header("linux/ioctl.h")]
public static unsafe class ioctl_h
{
    public const int _IOC_NRBITS = 8;
    public const int _IOC_TYPEBITS = 8;
    public const int _IOC_SIZEBITS = 14;
    public const int _IOC_DIRBITS = 2;
    public const int _IOC_NRSHIFT = 0;
    public const int _IOC_TYPESHIFT = _IOC_NRSHIFT + _IOC_NRBITS;
    public const int _IOC_SIZESHIFT = _IOC_TYPESHIFT + _IOC_TYPEBITS;
    public const int _IOC_DIRSHIFT = _IOC_SIZESHIFT + _IOC_SIZEBITS;
    public const uint _IOC_NONE = 0;
    public const uint _IOC_WRITE = 1;
    public const uint _IOC_READ = 2;

    /// <summary>A request number from its four parts; <paramref name="size"/> in bytes, below 16384.</summary>
    public static uint _IOC(uint dir, uint type, uint nr, uint size) =>
        dir << _IOC_DIRSHIFT | type << _IOC_TYPESHIFT | nr << _IOC_NRSHIFT | size << _IOC_SIZESHIFT;

    /// <summary>A request without an argument, or one whose number says nothing about it.</summary>
    public static uint _IO(uint type, uint nr) => _IOC(_IOC_NONE, type, nr, 0);

    /// <summary>A request that reads a <typeparamref name="T"/> from the kernel.</summary>
    public static uint _IOR<T>(uint type, uint nr)
        where T : unmanaged => _IOC(_IOC_READ, type, nr, (uint)sizeof(T));

    /// <summary>A request that hands a <typeparamref name="T"/> to the kernel.</summary>
    public static uint _IOW<T>(uint type, uint nr)
        where T : unmanaged => _IOC(_IOC_WRITE, type, nr, (uint)sizeof(T));

    /// <summary>A request whose <typeparamref name="T"/> goes both ways.</summary>
    public static uint _IOWR<T>(uint type, uint nr)
        where T : unmanaged => _IOC(_IOC_READ | _IOC_WRITE, type, nr, (uint)sizeof(T));
}
