using HilTests.Agent.Execution;
using HilTests.Agent.VhostNet.Traffic;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Devices.VhostNet.Traffic;
using HilTests.Core.Programs;
using HilTests.Core.Values;
using HilTests.Uapi;
using HilTests.Uapi.Devices;
using HilTests.Uapi.Linux;

using VhostNetDevice = HilTests.Uapi.Devices.VhostNet;

namespace HilTests.Agent.VhostNet;

/// <summary>Runs vhost-net programs: the device node, the driver's rings in memory, the back ends and their far sides.</summary>
internal sealed class VhostNetExecutor : DeviceExecutor
{
    private const uint UnknownRequest = 0xAFEE;
    private const int RingCount = 2;
    private const int PageBytes = 4096;

    private static readonly MappedMemory Arena =
        MappedMemory.Allocate(VhostNetArena.Size).OrThrow("map the memory that stands for the guest's");

    private readonly Dictionary<string, Backend> _backends = [];
    private readonly RingEvents[] _events = [new(), new()];
    private readonly DriverSide?[] _drivers = new DriverSide?[RingCount];
    private readonly DirtyLog _log = new();
    private VhostNetDevice? _device;
    private ReloadedModule? _module;
    private Backend? _sending;

    private readonly bool _isAsync;

    /// <param name="isAsync">whether the device is the project's own, with an asynchronous link</param>
    public VhostNetExecutor(bool isAsync = false)
    {
        _isAsync = isAsync;
        Wipe();
    }

    /// <inheritdoc/>
    public override void Execute(Step step, StepRecorder recorder)
    {
        switch (step)
        {
            case Open:
                OpenDevice(recorder);
                break;
            case Close:
                CloseDevice();
                recorder.Errno(null);
                RecordHeld(recorder);
                break;
            case MakeBackend make:
                if (!_backends.TryAdd(make.Name, Backend.Make(make)))
                    throw new AgentFailureException($"back end '{make.Name}' is made twice");
                break;
            case Settle:
                DoSettle(recorder);
                break;
            case RunTraffic traffic:
                TrafficExecutor.Run(traffic, _device, _log.File, Arena, BackendOf(traffic.Backend), _events, _drivers, recorder);
                break;
            case Send send:
                Record(recorder, BackendOf(send.Backend).Send(FrameContent.Make(send.Length, send.Seed)));
                break;
            case Plug plug:
                BackendOf(plug.Backend).Plug();
                break;
            case Unplug { After: > 0 } unplug:
                BackendOf(unplug.Backend).UnplugLater(TimeSpan.FromMilliseconds(unplug.After));
                break;
            case Unplug unplug:
                BackendOf(unplug.Backend).Unplug();
                break;
            case LoadModule load:
                if (_device is not null) throw new AgentFailureException("the program loads the module while the device is open");
                _module ??= new ReloadedModule();
                _module.Load(load.ZeroCopy);
                break;
            case RemoveInterface remove:
                BackendOf(remove.Backend).RemoveInterface();
                break;
            case SendRange range:
                Record(recorder, SendAll(range));
                break;
            default:
                if (TryPassThrough(step, recorder)) break;
                if (TryDrive(step, recorder)) break;
                Call(step, recorder);
                RecordHeld(recorder);
                break;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        // A device waits for the frames that it has lent out.
        foreach (var backend in _backends.Values) backend.Unplug();
        CloseDevice();
        foreach (var events in _events) events.Dispose();
        _log.Dispose();
        foreach (var backend in _backends.Values) backend.Dispose();
        _module?.Restore();
    }

    /// <summary>
    /// Zeroes what the program before has written. Most pages are zero still; looking is cheap, while clearing a whole
    /// mebibyte is a string instruction, which TCG does byte by byte. The far part, that few programs use, is given back.
    /// </summary>
    private static void Wipe()
    {
        Arena.Release(VhostNetArena.Near, VhostNetArena.Size - VhostNetArena.Near).OrThrow("give memory back to the kernel");
        for (var at = 0; at < VhostNetArena.Near; at += PageBytes)
        {
            var page = Arena.Bytes(at, PageBytes);
            if (page.ContainsAnyExcept((byte)0)) page.Clear();
        }
    }

    private static void Record(StepRecorder recorder, SyscallResult result) =>
        recorder.Errno(result.Ok ? null : result.Error.ToString());

    /// <summary>Whether the call that came back has waited for the plug that was to be pulled meanwhile.</summary>
    private void RecordHeld(StepRecorder recorder)
    {
        foreach (var backend in _backends.Values.Where(b => b.IsUnplugComing)) recorder.Field("held", backend.AwaitUnplug());
    }

    /// <summary>Steps about a pass-through back end: the device is quiet first, so that what they meet is known.</summary>
    private bool TryPassThrough(Step step, StepRecorder recorder)
    {
        if (!PassThrough.Knows(step)) return false;
        if (_device is not null) Quiesce([]);
        PassThrough.Do(step, MpOf, _device, recorder);
        return true;
    }

    private Mp MpOf(string name) => BackendOf(name).PassThrough ?? throw new AgentFailureException($"back end '{name}' is no pass-through one");

    private void OpenDevice(StepRecorder recorder)
    {
        if (_device is not null) throw new AgentFailureException("the program opens the device twice");
        if (_isAsync) AsyncModules.Load();
        var opened = VhostNetDevice.Open(_isAsync ? AsyncModules.DeviceNode : VhostNetDevice.DefaultPath);
        if (opened.Error is Errno.ENOENT or Errno.ENODEV or Errno.EACCES)
            throw new AgentFailureException($"the device cannot be opened: {opened.Error}; load the module vhost_net, run as root");
        recorder.Errno(opened.Ok ? null : opened.Error.ToString());
        if (opened.Ok) _device = opened.Value;
    }

    private void CloseDevice()
    {
        _device?.Dispose();
        (_device, _sending) = (null, null);
        foreach (var events in _events) events.Forget();
        _log.Forget();
    }

    private Backend BackendOf(string name) => _backends.TryGetValue(name, out var backend)
        ? backend
        : throw new AgentFailureException($"the program uses back end '{name}' without making it");

    private DriverSide Driver(Ring ring) => _drivers[(int)ring]
        ?? throw new AgentFailureException($"the program uses the {ring} ring before driver-ring says where it lies");

    /// <summary>Steps of the driver's own side: memory and eventfds, no call to the device.</summary>
    private bool TryDrive(Step step, StepRecorder recorder)
    {
        switch (step)
        {
            case DriverRing ring: _drivers[(int)ring.Ring] = new DriverSide(Arena, ring); break;
            case WriteDesc desc: BulkMemory.Write(Arena, desc.Table + (16L * desc.Index), desc.Addr, desc.Len, desc.Flags, (ushort)desc.Next); break;
            case WriteDescs descs: BulkMemory.Write(Arena, descs); break;
            case WriteFrames frames: BulkMemory.Write(Arena, frames); break;
            case ReadFrames frames: recorder.Field("data", BulkMemory.Read(Arena, frames)); break;
            case OfferRange offer: Driver(offer.Ring).Offer(offer); break;
            case Drive drive: AtWork(drive.Ring).Run(drive, recorder); break;
            case WriteFrame frame: FrameContent.Make(frame.Length, frame.Seed).CopyTo(Span(frame.At, frame.Length)); break;
            case WriteBytes bytes: bytes.Content.AsSpan().CopyTo(Span(bytes.At, bytes.Content.Length)); break;
            case Fill fill: Span(fill.At, fill.Length).Fill(fill.Byte); break;
            case Read read: recorder.Field("data", ContentValue.Of(Span(read.At, read.Length))); break;
            case ReadHeader read: Read(read, recorder); break;
            case Offer offer: Driver(offer.Ring).Offer(offer.Heads); break;
            case PublishIndex publish: Driver(publish.Ring).Publish((ushort)publish.Index); break;
            case AvailFlags flags: Driver(flags.Ring).SetFlags((ushort)flags.Flags); break;
            case UsedEvent used: Driver(used.Ring).SetUsedEvent((ushort)used.Index); break;
            case Kick kick: _events[(int)kick.Ring].Kick?.Signal(); break;
            case ReadLog: _log.Read(recorder); break;
            default: return false;
        }
        return true;
    }

    private static Span<byte> Span(long at, int length) => Arena.Bytes(BulkMemory.Inside(at, length), length);

    private DriverAtWork AtWork(Ring ring) => new(Driver(ring), _events[(int)ring], () => _device?.SetLogFd(-1).Ok == true, KeepUp);

    /// <summary>Takes the frames that left so far, for the next settle to tell.</summary>
    private void KeepUp()
    {
        foreach (var backend in _backends.Values) backend.KeepUp();
    }

    private SyscallResult SendAll(SendRange step)
    {
        var backend = BackendOf(step.Backend);
        var worst = default(SyscallResult);
        for (var i = 0; i < step.Count; i++)
        {
            var sent = backend.Send(FrameContent.Make(step.Length + (i * step.Grow), step.Seed + (ulong)i));
            if (worst.Ok) worst = sent;
        }
        return worst;
    }

    private static void Read(ReadHeader step, StepRecorder recorder)
    {
        var header = Arena.Ref<virtio_net_hdr>((int)step.At);
        recorder.Field("flags", header.flags);
        recorder.Field("gso-type", header.gso_type);
        recorder.Field("hdr-len", header.hdr_len);
        recorder.Field("gso-size", header.gso_size);
        recorder.Field("csum-start", header.csum_start);
        recorder.Field("csum-offset", header.csum_offset);
        if (step.Length == 12) recorder.Field("num-buffers", Arena.Ref<virtio_net_hdr_mrg_rxbuf>((int)step.At).num_buffers);
    }

    /// <summary>Steps that are one ioctl.</summary>
    private void Call(Step step, StepRecorder recorder)
    {
        if (_device is not { } device)
        {
            recorder.Errno(nameof(Errno.EBADF));
            return;
        }
        if (step is ReadIotlb)
        {
            IotlbChannel.Read(device, recorder);
            return;
        }
        Record(recorder, step switch
        {
            SetOwner => device.SetOwner(),
            ResetOwner => Forgetting(device.ResetOwner()),
            GetFeatures => Answer(device.GetFeatures(out var features), recorder, "features", features),
            SetFeatures set => device.SetFeatures(set.Features),
            GetBackendFeatures => Answer(device.GetBackendFeatures(out var features), recorder, "features", features),
            GetFeaturesArray get => FeaturesArray(device, get, recorder),
            SetFeaturesArray set => device.SetFeaturesArray(set.Words.AsSpan()),
            GetForkOwner => Answer(device.GetForkFromOwner(out var mode), recorder, "mode", mode),
            SetForkOwner set => device.SetForkFromOwner(set.Mode),
            SetBackendFeatures set => device.SetBackendFeatures(set.Features),
            SetMemTable set => SetMemory(device, set),
            SetVringNum set => device.SetVringNum((uint)set.Ring, set.Num),
            SetVringBase set => device.SetVringBase((uint)set.Ring, set.Base),
            GetVringBase get => Answer(device.GetVringBase((uint)get.Ring, out var index), recorder, "base", index),
            SetVringAddr set => SetAddresses(device, set),
            IotlbMessage message => IotlbChannel.Write(device, message, Arena.Address),
            SetVringIova set => device.SetVringAddr(new vhost_vring_addr { index = (uint)set.Ring, flags = set.Log ? 1U : 0, desc_user_addr = set.Desc, avail_user_addr = set.Avail, used_user_addr = set.Used }),
            BadArgument bad => OddCalls.Do(device, bad),
            RawIoctl raw => device.Raw(raw.Request, (nint)Arena.Address, "raw ioctl"),
            SetVringEndian set => device.SetVringEndian((uint)set.Ring, set.Endian),
            GetVringEndian get => Answer(device.GetVringEndian((uint)get.Ring, out var endian), recorder, "endian", endian),
            SetLogBase set => DirtyLog.SetBase(device, set),
            SetLogFd set => _log.SetFile(device, set),
            SetVringKick set => Events(set.Ring).SetKick(device, set),
            SetVringCall set => Events(set.Ring).SetCall(device, set),
            SetVringErr set => Events(set.Ring).SetError(device, set),
            SetBusyloop set => device.SetVringBusyloopTimeout((uint)set.Ring, set.Microseconds),
            GetBusyloop get => Answer(device.GetVringBusyloopTimeout((uint)get.Ring, out var timeout), recorder, "timeout", timeout),
            SetBackend set => Attach(device, set),
            UnknownIoctl => device.Raw(UnknownRequest, (nint)Arena.Address, "unknown ioctl"),
            _ => throw new AgentFailureException($"this agent does not know the step {step.GetType().Name}"),
        });
    }

    private static SyscallResult Answer(SyscallResult result, StepRecorder recorder, string field, ulong answer)
    {
        if (result.Ok) recorder.Field(field, field == "features" ? Value.Hex(answer) : Value.Of((long)answer));
        return result;
    }

    private static SyscallResult FeaturesArray(VhostNetDevice device, GetFeaturesArray step, StepRecorder recorder)
    {
        // What the device does not write must not look as if it were zero.
        var words = new ulong[step.Words];
        Array.Fill(words, ulong.MaxValue);
        var result = device.GetFeaturesArray(words);
        if (result.Ok) recorder.Field("features", Value.List(words.Select(w => Value.Hex(w))));
        return result;
    }

    private SyscallResult Forgetting(SyscallResult reset)
    {
        if (!reset.Ok) return reset;
        _sending = null;
        foreach (var events in _events) events.Forget();
        _log.Forget();
        return reset;
    }

    /// <summary>A wrong ring index still reaches the device; its eventfds go to a place that nobody looks at.</summary>
    private RingEvents Events(int ring) => ring is >= 0 and < RingCount ? _events[ring] : new RingEvents();

    private static SyscallResult SetMemory(VhostNetDevice device, SetMemTable step)
    {
        var regions = new vhost_memory_region[Math.Max(step.Count ?? 0, step.Regions.Length)];
        for (var i = 0; i < step.Regions.Length; i++)
        {
            var region = step.Regions[i];
            regions[i] = new vhost_memory_region
            {
                guest_phys_addr = region.Guest,
                memory_size = region.Size,
                userspace_addr = Arena.Address + (ulong)region.At,
            };
        }
        for (var i = step.Regions.Length; i < regions.Length; i++)
            regions[i] = new vhost_memory_region { guest_phys_addr = ((ulong)i + 1) << 32, memory_size = 4096, userspace_addr = Arena.Address };
        return device.SetMemTable(regions, (uint)step.Padding);
    }

    private static SyscallResult SetAddresses(VhostNetDevice device, SetVringAddr step) => device.SetVringAddr(new vhost_vring_addr
    {
        index = (uint)step.Ring,
        flags = step.Flags,
        desc_user_addr = UserPointer(step.Desc),
        avail_user_addr = UserPointer(step.Avail),
        used_user_addr = UserPointer(step.Used),
        log_guest_addr = step.Log,
    });

    /// <summary>Nothing is ever mapped at the lowest page: vm.mmap_min_addr forbids it.</summary>
    private static ulong UserPointer(UserAddress address) => address.Offset is { } offset ? Arena.Address + (ulong)offset : 0x1000;

    private void DoSettle(StepRecorder recorder)
    {
        var frames = _backends.Where(b => b.Value.HasFarSide).ToDictionary(b => b.Key, _ => new List<Value>());
        var flush = Quiesce(frames);
        recorder.Field("flush", flush is null ? Value.Of(0) : Value.Symbol(flush));
        for (var ring = 0; ring < RingCount; ring++)
        {
            var (calls, errors) = _events[ring].TakeCounts();
            if (_drivers[ring] is { } driver) recorder.Field(ring == 0 ? "rx" : "tx", driver.Observe(calls, errors));
        }
        recorder.Field("wire", new RecordValue([.. frames.Select(f => (f.Key, Value.List(f.Value)))]));
    }

    /// <summary>
    /// Flushes the worker until nothing moves between two flushes. A pass that gave up after its weight has queued
    /// itself behind the first flush and moves before the second returns, so two quiet flushes mean a quiet device.
    /// </summary>
    private string? Quiesce(Dictionary<string, List<Value>> frames)
    {
        for (var quiet = 0; quiet < 2;)
        {
            var before = Progress(frames);
            var flush = _device is null ? nameof(Errno.EBADF) : ErrnoOf(Flush(_device));
            var signalled = _events[0].Gather() | _events[1].Gather();
            foreach (var (name, seen) in frames) _backends[name].Receive(seen);
            if (flush is not null) return flush;
            if (before != Progress(frames)) Pulse.Beat();
            var moving = _backends.Values.Any(b => b.IsMoving);
            var after = Progress(frames);
            quiet = before == after && !signalled && !moving ? quiet + 1 : 0;
        }
        return null;
    }

    private (int?, int?, int, long) Progress(Dictionary<string, List<Value>> frames) =>
        (_drivers[0]?.DeviceIndex, _drivers[1]?.DeviceIndex, frames.Values.Sum(f => f.Count), _backends.Values.Sum(b => b.Activity));

    /// <summary>
    /// SET_LOG_FD waits for the worker, and for frames that have a buffer on loan. Where a plug holds those, setting the back end that is
    /// set already waits for the worker alone (drivers/vhost/net.c vhost_net_set_backend()).
    /// </summary>
    private SyscallResult Flush(VhostNetDevice device) =>
        _sending is { Holds: true } held ? device.SetBackend((uint)Ring.Tx, held.Number) : device.SetLogFd(_log.File);

    private SyscallResult Attach(VhostNetDevice device, SetBackend step)
    {
        var backend = step.Backend == "none" ? null : BackendOf(step.Backend);
        var result = device.SetBackend((uint)step.Ring, backend?.Number ?? -1);
        if (result.Ok && step.Ring == (int)Ring.Tx) _sending = backend;
        return result;
    }

    private static string? ErrnoOf(SyscallResult result) => result.Ok ? null : result.Error.ToString();
}
