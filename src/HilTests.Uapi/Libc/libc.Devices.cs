using System.Runtime.InteropServices;

namespace HilTests.Uapi.Libc;

/// <content>ioctl and memory.</content>
public static unsafe partial class libc
{
    /// <summary>Asks a driver; the argument is an address. See ioctl(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int ioctl(int fd, nuint request, void* argument);

    /// <inheritdoc cref="ioctl(int, nuint, void*)"/>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int ioctl(FileDescriptor fd, nuint request, void* argument);

    /// <summary>Asks a driver; the argument is a number. See ioctl(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int ioctl(int fd, nuint request, nint argument);

    /// <inheritdoc cref="ioctl(int, nuint, nint)"/>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int ioctl(FileDescriptor fd, nuint request, nint argument);

    /// <summary>Asks a driver; the argument is a structure that goes in, out or both.</summary>
    public static int ioctl<T>(FileDescriptor fd, nuint request, ref T argument)
        where T : unmanaged
    {
        fixed (T* p = &argument)
        {
            return ioctl(fd, request, p);
        }
    }

    /// <summary>Maps memory; MAP_FAILED is -1. See mmap(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial void* mmap(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int munmap(void* address, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int mprotect(void* address, nuint length, int protection);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int madvise(void* address, nuint length, int advice);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int msync(void* address, nuint length, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int mlock(void* address, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int munlock(void* address, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int mlockall(int flags);

    /// <summary>A file that lives in memory; the name is for /proc only. See memfd_create(2).</summary>
    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int memfd_create(string name, uint flags);

    /// <summary>A counter that can be waited for; <paramref name="initial"/> is its value. See eventfd(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int eventfd(uint initial, int flags);

    /// <summary>Two ends of a pipe: read end first. See pipe2(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int pipe2(int* ends, int flags);

    /// <summary>Waits for events; the time is in milliseconds, -1 is for ever. See poll(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int poll(pollfd* fds, nuint count, int timeout);

    /// <summary>Waits for events; no time is for ever, no mask leaves signals alone. See ppoll(2).</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int ppoll(pollfd* fds, nuint count, timespec* timeout, void* signalMask);

    [LibraryImport(Library, SetLastError = true)]
    public static partial long sysconf(int name);
}
