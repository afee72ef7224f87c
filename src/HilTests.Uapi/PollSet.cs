using HilTests.Uapi.Libc;

namespace HilTests.Uapi;

/// <summary>Several descriptors to wait for at once; waiting takes no memory. See poll(2).</summary>
public sealed class PollSet
{
    private readonly FileDescriptor[] _files;
    private readonly pollfd[] _polled;

    /// <param name="files">What may be waited for; they must outlive the set.</param>
    public PollSet(params FileDescriptor[] files)
    {
        _files = files;
        _polled = new pollfd[files.Length];
    }

    /// <summary>Includes a descriptor in the next waits, or leaves it out.</summary>
    /// <param name="index">Its place in the constructor's list.</param>
    /// <param name="events">POLL* to wait for; 0 leaves it out.</param>
    public void Watch(int index, int events)
    {
        _polled[index].fd = events == 0 ? -1 : _files[index].Number;
        _polled[index].events = (short)events;
    }

    /// <summary>Waits until one of the events is there.</summary>
    /// <param name="milliseconds">How long at most; -1 is for ever.</param>
    /// <returns>How many descriptors have one; 0 when the time is over.</returns>
    public unsafe SyscallResult Wait(int milliseconds)
    {
        fixed (pollfd* first = _polled)
        {
            var result = Sys.Check(libc.poll(first, (nuint)_polled.Length, milliseconds), "poll");
            GC.KeepAlive(_files);
            return result;
        }
    }
}
