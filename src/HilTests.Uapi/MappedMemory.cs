using System.Runtime.CompilerServices;
using HilTests.Uapi.Libc;

namespace HilTests.Uapi;

/// <summary>
/// Memory the kernel keeps looking at: rings and buffers. It is page-aligned, starts as zeroes or as the file is, and
/// never moves. Every access is checked against its bounds; offsets and lengths are bytes. Rings are little-endian, as
/// this machine is. There is no finalizer: what a device still uses must not go away by itself, so dispose it after
/// the device.
/// </summary>
public sealed unsafe class MappedMemory : IDisposable
{
    private byte* _start;

    private MappedMemory(byte* start, int length)
    {
        _start = start;
        Length = length;
    }

    /// <summary>Bytes mapped; a whole number of pages for memory without a file.</summary>
    public int Length { get; }

    /// <summary>Where it is in this process, as devices want it.</summary>
    /// <exception cref="ObjectDisposedException">It is unmapped.</exception>
    public ulong Address => (ulong)Start;

    private byte* Start
    {
        get
        {
            ObjectDisposedException.ThrowIf(_start is null, this);
            return _start;
        }
    }

    /// <summary>Fresh memory, zero and resident, at least <paramref name="length"/> bytes.</summary>
    public static SyscallResult<MappedMemory> Allocate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        var page = Environment.SystemPageSize;
        var whole = checked((length + page - 1) / page * page);
        const int Flags = sys_mman_h.MAP_SHARED | sys_mman_h.MAP_ANONYMOUS | sys_mman_h.MAP_POPULATE;
        return Map(whole, sys_mman_h.PROT_READ | sys_mman_h.PROT_WRITE, Flags, -1, 0);
    }

    /// <summary>
    /// Fresh memory, zero and resident, in front of a stretch of addresses that nothing can be read from or written to, so
    /// that a device that goes too far finds nothing.
    /// </summary>
    /// <param name="length">Bytes to use, a whole number of pages.</param>
    /// <param name="guard">Bytes behind them, a whole number of pages; they cost addresses, not memory.</param>
    public static SyscallResult<MappedMemory> AllocateGuarded(int length, long guard)
    {
        const int Reserved = sys_mman_h.MAP_PRIVATE | sys_mman_h.MAP_ANONYMOUS | sys_mman_h.MAP_NORESERVE;
        var start = libc.mmap(null, (nuint)(length + guard), sys_mman_h.PROT_NONE, Reserved, -1, 0);
        var reserved = Sys.Check((nint)start, "mmap");
        if (!reserved.Ok) return new(null, reserved.Error, reserved.Call, null);
        const int Used = sys_mman_h.MAP_SHARED | sys_mman_h.MAP_ANONYMOUS | sys_mman_h.MAP_POPULATE | sys_mman_h.MAP_FIXED;
        var used = Sys.Check((nint)libc.mmap(start, (nuint)length, sys_mman_h.PROT_READ | sys_mman_h.PROT_WRITE, Used, -1, 0), "mmap");
        return new(used.Ok ? new MappedMemory((byte*)start, length) : null, used.Error, used.Call, null);
    }

    /// <summary>A part of a file, shared with everyone who has it.</summary>
    /// <param name="file">The file; it may be closed afterwards.</param>
    /// <param name="length">Bytes to map.</param>
    /// <param name="offset">Bytes into the file, a whole number of pages.</param>
    /// <param name="protection">PROT_*.</param>
    public static SyscallResult<MappedMemory> OfFile(
        FileDescriptor file,
        int length,
        long offset = 0,
        int protection = sys_mman_h.PROT_READ | sys_mman_h.PROT_WRITE)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        var result = Map(length, protection, sys_mman_h.MAP_SHARED, file.Number, offset);
        GC.KeepAlive(file);
        return result;
    }

    /// <summary>
    /// Gives whole pages of memory without a file back to the kernel: they read as zero again, and only those that are
    /// touched cost anything; madvise(2) MADV_REMOVE.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The range leaves the memory.</exception>
    public SyscallResult Release(int offset, int length)
    {
        var result = Sys.Check(libc.madvise(At(offset, length), (nuint)length, sys_mman_h.MADV_REMOVE), "madvise");
        GC.KeepAlive(this);
        return result;
    }

    /// <summary>The bytes of a range, to be used before <see cref="Dispose"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range leaves the memory.</exception>
    public Span<byte> Bytes(int offset, int length) => new(At(offset, length), length);

    /// <summary>A structure in the memory, to be used before <see cref="Dispose"/>; plain reads and writes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It leaves the memory.</exception>
    public ref T Ref<T>(int offset)
        where T : unmanaged => ref *(T*)At(offset, sizeof(T));

    /// <summary>Reads 16 bits; later reads stay behind it (smp_load_acquire). For the other side's index.</summary>
    public ushort LoadAcquire16(int offset) => Volatile.Read(ref Aligned<ushort>(offset));

    /// <summary>Writes 16 bits; earlier writes are seen first (smp_store_release). For the own index.</summary>
    public void StoreRelease16(int offset, ushort value) => Volatile.Write(ref Aligned<ushort>(offset), value);

    /// <summary>Reads 32 bits; later reads stay behind it.</summary>
    public uint LoadAcquire32(int offset) => Volatile.Read(ref Aligned<uint>(offset));

    /// <summary>Writes 32 bits; earlier writes are seen first.</summary>
    public void StoreRelease32(int offset, uint value) => Volatile.Write(ref Aligned<uint>(offset), value);

    /// <summary>Adds to 32 bits at once, with a full barrier, and gives the new value.</summary>
    public uint AtomicAdd32(int offset, uint value) => Interlocked.Add(ref Aligned<uint>(offset), value);

    /// <summary>Adds to 64 bits at once, with a full barrier, and gives the new value.</summary>
    public ulong AtomicAdd64(int offset, ulong value) => Interlocked.Add(ref Aligned<ulong>(offset), value);

    /// <summary>Puts 64 bits in place at once, with a full barrier, and gives what was there.</summary>
    public ulong Exchange64(int offset, ulong value) => Interlocked.Exchange(ref Aligned<ulong>(offset), value);

    /// <summary>A full barrier (smp_mb): between publishing an index and reading whether a kick is wanted.</summary>
    public static void FullBarrier() => Interlocked.MemoryBarrier();

    /// <summary>Unmaps it. Spans and references into it must not be used any more.</summary>
    /// <exception cref="SyscallException">The kernel would not unmap it.</exception>
    public void Dispose()
    {
        if (_start is null)
        {
            return;
        }

        var result = Sys.Check(libc.munmap(_start, (nuint)Length), "munmap");
        _start = null;
        result.OrThrow($"unmap {Length} bytes");
    }

    private static SyscallResult<MappedMemory> Map(int length, int protection, int flags, int fd, long offset)
    {
        var start = libc.mmap(null, (nuint)length, protection, flags, fd, offset);
        var result = Sys.Check((nint)start, "mmap");
        return new(result.Ok ? new MappedMemory((byte*)start, length) : null, result.Error, result.Call, null);
    }

    private byte* At(int offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)offset + length, Length, nameof(offset));
        return Start + offset;
    }

    private ref T Aligned<T>(int offset)
        where T : unmanaged
    {
        if (offset % sizeof(T) != 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(offset), offset, $"must be a multiple of {sizeof(T)}: an access across a boundary is not atomic");
        }

        return ref Unsafe.AsRef<T>(At(offset, sizeof(T)));
    }
}
