using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;
using static HilTests.Uapi.Linux.vhost_h;

namespace HilTests.Uapi.Devices;

/// <summary>
/// /dev/vhost-net, one method a request (linux/vhost.h, drivers/vhost/net.c and vhost.c). Ring 0 receives, ring 1
/// transmits. Nothing is checked here: a wrong index, number or address goes to the kernel as it is.
/// </summary>
public sealed class VhostNet : IDisposable
{
    /// <summary>Where the node is.</summary>
    public const string DefaultPath = "/dev/vhost-net";

    private VhostNet(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>The open node.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Opens the node for reading and writing; reads of it do not wait.</summary>
    public static SyscallResult<VhostNet> Open(string path = DefaultPath) =>
        FileDescriptor.Open(path, fcntl_h.O_RDWR | fcntl_h.O_CLOEXEC | fcntl_h.O_NONBLOCK).Then(fd => new VhostNet(fd));

    /// <summary>VHOST_ASYNC_CENSUS of this project's own module: what an asynchronous device holds.</summary>
    public SyscallResult Census(out vhost_async_census census) => Descriptor.IoctlGet(mp_h.VHOST_ASYNC_CENSUS, out census);

    /// <summary>VHOST_GET_FEATURES: the features the device offers, as a mask.</summary>
    public SyscallResult GetFeatures(out ulong features) => Descriptor.IoctlGet(VHOST_GET_FEATURES, out features);

    /// <summary>VHOST_SET_FEATURES: the features agreed upon, as a mask.</summary>
    public SyscallResult SetFeatures(ulong features) => Descriptor.IoctlSet(VHOST_SET_FEATURES, features);

    /// <summary>VHOST_GET_FEATURES_ARRAY (Linux 6.17): as many words of 64 features as <paramref name="features"/> holds.</summary>
    public unsafe SyscallResult GetFeaturesArray(Span<ulong> features)
    {
        var block = CountedWords(features.Length);
        features.CopyTo(block.AsSpan(1));
        fixed (ulong* p = block)
        {
            var result = Descriptor.Ioctl(VHOST_GET_FEATURES_ARRAY, (nint)p);
            block.AsSpan(1).CopyTo(features);
            return result;
        }
    }

    /// <summary>VHOST_SET_FEATURES_ARRAY (Linux 6.17).</summary>
    public unsafe SyscallResult SetFeaturesArray(ReadOnlySpan<ulong> features)
    {
        var block = CountedWords(features.Length);
        features.CopyTo(block.AsSpan(1));
        fixed (ulong* p = block)
        {
            return Descriptor.Ioctl(VHOST_SET_FEATURES_ARRAY, (nint)p);
        }
    }

    /// <summary>VHOST_GET_BACKEND_FEATURES, as a mask.</summary>
    public SyscallResult GetBackendFeatures(out ulong features) =>
        Descriptor.IoctlGet(VHOST_GET_BACKEND_FEATURES, out features);

    /// <summary>VHOST_SET_BACKEND_FEATURES, as a mask.</summary>
    public SyscallResult SetBackendFeatures(ulong features) => Descriptor.IoctlSet(VHOST_SET_BACKEND_FEATURES, features);

    /// <summary>VHOST_SET_OWNER: this process's memory is the one the rings are in.</summary>
    public SyscallResult SetOwner() => Descriptor.Ioctl(VHOST_SET_OWNER);

    /// <summary>VHOST_RESET_OWNER.</summary>
    public SyscallResult ResetOwner() => Descriptor.Ioctl(VHOST_RESET_OWNER);

    /// <summary>VHOST_SET_MEM_TABLE.</summary>
    /// <param name="regions">The memory the device may use; the kernel takes at most max_mem_regions (64).</param>
    /// <param name="padding">0; anything else is refused.</param>
    public unsafe SyscallResult SetMemTable(ReadOnlySpan<vhost_memory_region> regions, uint padding = 0)
    {
        var block = new byte[sizeof(vhost_memory) + (regions.Length * sizeof(vhost_memory_region))];
        fixed (byte* p = block)
        {
            *(vhost_memory*)p = new vhost_memory { nregions = (uint)regions.Length, padding = padding };
            regions.CopyTo(new Span<vhost_memory_region>(p + sizeof(vhost_memory), regions.Length));
            return Descriptor.Ioctl(VHOST_SET_MEM_TABLE, (nint)p);
        }
    }

    /// <summary>VHOST_SET_LOG_BASE: address of the log of written pages, one bit a page of 4096 bytes.</summary>
    public SyscallResult SetLogBase(ulong address) => Descriptor.IoctlSet(VHOST_SET_LOG_BASE, address);

    /// <summary>VHOST_SET_LOG_FD: an eventfd to signal on each log write, -1 for none.</summary>
    public SyscallResult SetLogFd(int fd) => Descriptor.IoctlSet(VHOST_SET_LOG_FD, fd);

    /// <summary>VHOST_SET_VRING_NUM: entries of the ring.</summary>
    public SyscallResult SetVringNum(uint index, uint num) =>
        Descriptor.IoctlSet(VHOST_SET_VRING_NUM, new vhost_vring_state { index = index, num = num });

    /// <summary>VHOST_SET_VRING_ADDR: where the parts of the ring are.</summary>
    public SyscallResult SetVringAddr(in vhost_vring_addr addr) => Descriptor.IoctlSet(VHOST_SET_VRING_ADDR, addr);

    /// <summary>VHOST_SET_VRING_BASE: index of the next available entry to look at.</summary>
    public SyscallResult SetVringBase(uint index, uint num) =>
        Descriptor.IoctlSet(VHOST_SET_VRING_BASE, new vhost_vring_state { index = index, num = num });

    /// <summary>VHOST_GET_VRING_BASE: index of the next available entry the device would look at.</summary>
    public SyscallResult GetVringBase(uint index, out uint num) => GetState(VHOST_GET_VRING_BASE, index, out num, nameof(VHOST_GET_VRING_BASE));

    /// <summary>VHOST_SET_VRING_ENDIAN: VHOST_VRING_LITTLE_ENDIAN or VHOST_VRING_BIG_ENDIAN.</summary>
    public SyscallResult SetVringEndian(uint index, uint num) =>
        Descriptor.IoctlSet(VHOST_SET_VRING_ENDIAN, new vhost_vring_state { index = index, num = num });

    /// <summary>VHOST_GET_VRING_ENDIAN.</summary>
    public SyscallResult GetVringEndian(uint index, out uint num) => GetState(VHOST_GET_VRING_ENDIAN, index, out num, nameof(VHOST_GET_VRING_ENDIAN));

    /// <summary>VHOST_SET_VRING_KICK: the eventfd the driver signals, -1 for none.</summary>
    public SyscallResult SetVringKick(uint index, int fd) =>
        Descriptor.IoctlSet(VHOST_SET_VRING_KICK, new vhost_vring_file { index = index, fd = fd });

    /// <summary>VHOST_SET_VRING_CALL: the eventfd the device signals for used buffers, -1 for none.</summary>
    public SyscallResult SetVringCall(uint index, int fd) =>
        Descriptor.IoctlSet(VHOST_SET_VRING_CALL, new vhost_vring_file { index = index, fd = fd });

    /// <summary>VHOST_SET_VRING_ERR: the eventfd the device signals for errors, -1 for none.</summary>
    public SyscallResult SetVringErr(uint index, int fd) =>
        Descriptor.IoctlSet(VHOST_SET_VRING_ERR, new vhost_vring_file { index = index, fd = fd });

    /// <summary>VHOST_SET_VRING_BUSYLOOP_TIMEOUT, in microseconds.</summary>
    public SyscallResult SetVringBusyloopTimeout(uint index, uint microseconds) =>
        Descriptor.IoctlSet(VHOST_SET_VRING_BUSYLOOP_TIMEOUT, new vhost_vring_state { index = index, num = microseconds });

    /// <summary>VHOST_GET_VRING_BUSYLOOP_TIMEOUT, in microseconds.</summary>
    public SyscallResult GetVringBusyloopTimeout(uint index, out uint microseconds) =>
        GetState(VHOST_GET_VRING_BUSYLOOP_TIMEOUT, index, out microseconds, nameof(VHOST_GET_VRING_BUSYLOOP_TIMEOUT));

    /// <summary>VHOST_NET_SET_BACKEND: the socket or tap behind the ring, -1 for none.</summary>
    public SyscallResult SetBackend(uint index, int fd) =>
        Descriptor.IoctlSet(VHOST_NET_SET_BACKEND, new vhost_vring_file { index = index, fd = fd });

    /// <summary>VHOST_NEW_WORKER (Linux 6.5): makes a worker and gives its id.</summary>
    public SyscallResult NewWorker(out uint worker)
    {
        var result = Descriptor.IoctlGet(VHOST_NEW_WORKER, out vhost_worker_state state);
        worker = state.worker_id;
        return result;
    }

    /// <summary>VHOST_FREE_WORKER (Linux 6.5).</summary>
    public SyscallResult FreeWorker(uint worker) =>
        Descriptor.IoctlSet(VHOST_FREE_WORKER, new vhost_worker_state { worker_id = worker });

    /// <summary>VHOST_ATTACH_VRING_WORKER (Linux 6.5).</summary>
    public SyscallResult AttachVringWorker(uint index, uint worker) =>
        Descriptor.IoctlSet(VHOST_ATTACH_VRING_WORKER, new vhost_vring_worker { index = index, worker_id = worker });

    /// <summary>VHOST_GET_VRING_WORKER (Linux 6.5).</summary>
    public SyscallResult GetVringWorker(uint index, out uint worker)
    {
        var state = new vhost_vring_worker { index = index };
        var result = Descriptor.Ioctl(VHOST_GET_VRING_WORKER, ref state);
        worker = state.worker_id;
        return result;
    }

    /// <summary>VHOST_SET_FORK_FROM_OWNER (Linux 6.17): VHOST_FORK_OWNER_TASK or VHOST_FORK_OWNER_KTHREAD.</summary>
    public SyscallResult SetForkFromOwner(byte mode) => Descriptor.IoctlSet(VHOST_SET_FORK_FROM_OWNER, mode);

    /// <summary>VHOST_GET_FORK_FROM_OWNER (Linux 6.17).</summary>
    public SyscallResult GetForkFromOwner(out byte mode) => Descriptor.IoctlGet(VHOST_GET_FORK_FROM_OWNER, out mode);

    /// <summary>Any request with any argument, a bad address included.</summary>
    /// <param name="request">The request number.</param>
    /// <param name="argument">The argument as the kernel gets it.</param>
    /// <param name="call">The request's name for the result.</param>
    public SyscallResult Raw(uint request, nint argument, string call) => Descriptor.Ioctl(request, argument, call);

    /// <summary>Closes the node: the device lets go of rings, back ends and eventfds.</summary>
    public void Dispose() => Descriptor.Dispose();

    private static ulong[] CountedWords(int count)
    {
        var block = new ulong[count + 1];
        block[0] = (ulong)count;
        return block;
    }

    private SyscallResult GetState(uint request, uint index, out uint num, string call)
    {
        var state = new vhost_vring_state { index = index };
        var result = Descriptor.Ioctl(request, ref state, call);
        num = result.Ok ? state.num : 0;
        return result;
    }
}
