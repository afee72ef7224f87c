using HilTests.Agent.Execution;
using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Values;
using HilTests.Uapi;
using HilTests.Uapi.Devices;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.VhostNet;

/// <summary>A file that a ring can be given as its back end, with its far side where it has one.</summary>
internal sealed class Backend : IDisposable
{
    /// <summary>More than the largest frame: a program may send longer ones, to see them refused or cut.</summary>
    private const int FrameRoom = 1 << 18;

    private const int ClosedNumber = 9999;

    private static readonly byte[] Buffer = new byte[FrameRoom];

    private readonly IDisposable? _file;
    private readonly TestInterface? _interface;
    private readonly List<Value> _kept = [];

    private Backend(int number, IDisposable? file, TestInterface? networkInterface)
    {
        Number = number;
        _file = file;
        _interface = networkInterface;
    }

    /// <summary>The descriptor to hand to the device.</summary>
    public int Number { get; }

    /// <summary>Whether frames can be sent and seen.</summary>
    public bool HasFarSide => _interface is not null || PassThrough is not null;

    /// <summary>The pass-through back end that it is; null where it is none.</summary>
    public Mp? PassThrough => _file as Mp;

    /// <exception cref="AgentFailureException">when it cannot be made; says nothing about vhost</exception>
    public static Backend Make(MakeBackend step)
    {
        try
        {
            return step.Kind switch
            {
                BackendKind.Tap => MakeTap(step),
                BackendKind.Packet => MakePacket(step),
                BackendKind.Macvtap => MakeMacvtap(step),
                BackendKind.Mp => OfPassThrough(VhostNet.PassThrough.Open(step.Header)),
                BackendKind.PacketDgram => OfSocket(sys_socket_h.AF_PACKET, sys_socket_h.SOCK_DGRAM),
                BackendKind.Udp => OfSocket(sys_socket_h.AF_INET, sys_socket_h.SOCK_DGRAM),
                BackendKind.Unix => OfSocket(sys_socket_h.AF_UNIX, sys_socket_h.SOCK_STREAM),
                BackendKind.File => OfFile(),
                BackendKind.Closed => new Backend(ClosedNumber, null, null),
                _ => throw new AgentFailureException($"this agent cannot make a back end of kind {step.Kind}"),
            };
        }
        catch (SyscallException e)
        {
            throw new AgentFailureException($"cannot make back end '{step.Name}': {e.Message}", e);
        }
    }

    /// <summary>The socket that sees what the device sends; only where there is a far side.</summary>
    public PacketSocket FarSide => _interface!.Seen;

    /// <summary>The socket that sends towards the device; only where there is a far side.</summary>
    public PacketSocket Sender => _interface!.Sender;

    /// <summary>The device's own socket, where the back end is a packet socket.</summary>
    public PacketSocket? NearSide => _file as PacketSocket;

    /// <summary>Sends a frame towards the device; it has arrived at the socket when this returns.</summary>
    public SyscallResult Send(ReadOnlySpan<byte> frame) => PassThrough?.Write(frame) ?? (_file as MacvtapFile)?.Send(_interface!.Sender, frame) ?? _interface!.Sender.Send(frame);

    /// <summary>Takes every frame the device has sent since the last time.</summary>
    public void Receive(List<Value> frames)
    {
        frames.AddRange(_kept);
        _kept.Clear();
        Take(frames);
    }

    /// <summary>Takes frames out of the far side and keeps them for the next <see cref="Receive"/>.</summary>
    public void KeepUp() => Take(_kept);

    private void Take(List<Value> frames)
    {
        while (PassThrough is { } mp)
        {
            var read = mp.Read(Buffer);
            if (!read.Ok) return;
            frames.Add(ContentValue.Of(Buffer.AsSpan(0, (int)read.Value)));
        }
        if (_interface is null) return;
        while (true)
        {
            var received = _interface.Seen.Receive(Buffer, 0, out var from);
            // A socket whose interface goes down says so once.
            if (received.Error == Errno.ENETDOWN) continue;
            if (!received.Ok) return;
            if (_interface.SeesBothWays && from.sll_pkttype != if_packet_h.PACKET_OUTGOING) continue;
            frames.Add(ContentValue.Of(Buffer.AsSpan(0, (int)Math.Min(received.Value, Buffer.Length))));
        }
    }

    /// <summary>Whether frames are on their way out that no plug holds.</summary>
    public bool IsMoving => PassThrough is { } mp ? VhostNet.PassThrough.IsMoving(mp) : _interface?.Queue.IsMoving() ?? false;

    /// <summary>A number that stands still while nothing moves.</summary>
    public long Activity => PassThrough is { } mp ? VhostNet.PassThrough.Activity(mp) : 0;

    /// <summary>Whether its plug holds what leaves.</summary>
    public bool Holds => _interface?.Queue.Holds ?? false;

    /// <summary>Holds what leaves from now on.</summary>
    public void Plug() => WithInterface().Queue.Plug();

    /// <summary>Lets go of what is held; returns when it has left.</summary>
    public void Unplug() => _interface?.Queue.Unplug();

    /// <summary>Lets go of what is held after this time, while the next call waits for it.</summary>
    public void UnplugLater(TimeSpan delay) => WithInterface().Queue.UnplugLater(delay);

    /// <summary>Whether it is to be unplugged by and by.</summary>
    public bool IsUnplugComing => _interface?.Queue.IsComing ?? false;

    /// <summary>Waits for what <see cref="UnplugLater"/> began; gives how many frames were still held when this was called.</summary>
    public long AwaitUnplug() => WithInterface().Queue.AwaitUnplug();

    /// <summary>Removes the interface; the file stays open.</summary>
    public void RemoveInterface() => WithInterface().Remove();

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        _interface?.Release();
    }

    private TestInterface WithInterface() => _interface ?? throw new AgentFailureException("a back end that is no network interface cannot be plugged or removed");

    private static Backend MakeTap(MakeBackend step)
    {
        var tap = TestInterface.Take(step.Outlet == Outlet.Queue ? InterfaceKind.QueuedTap : InterfaceKind.Tap);
        var tun = Tun.Open().OrThrow("open a tap queue");
        var flags = if_tun_h.IFF_TAP | if_tun_h.IFF_NO_PI | (step.Header > 0 ? if_tun_h.IFF_VNET_HDR : 0);
        tap.SetUp(false);
        tun.SetIff(tap.Name, flags, out _).OrThrow("attach to the tap interface");
        if (step.Header > 0) tun.SetVnetHdrSize(step.Header).OrThrow("set the tap's header size");
        // The limit belongs to the interface, which is kept: it has to be set each time.
        tun.SetSndbuf(step.SendBuffer > 0 ? step.SendBuffer : int.MaxValue).OrThrow("limit the tap's send buffer");
        // Up after the queue is attached: the carrier is on already, so the queueing discipline is active at once.
        tap.SetUp(true);
        tap.Drain(Buffer);
        return new Backend(tun.Descriptor.Number, tun, tap);
    }

    private static Backend MakePacket(MakeBackend step)
    {
        var dummy = TestInterface.Take(InterfaceKind.Dummy);
        dummy.Drain(Buffer);
        var socket = dummy.OpenSocket(sys_socket_h.SOCK_RAW);
        if (step.SendBuffer > 0) socket.SetSendBuffer(step.SendBuffer).OrThrow("limit the socket's send buffer");
        return new Backend(socket.Descriptor.Number, socket, dummy);
    }

    private static Backend MakeMacvtap(MakeBackend step)
    {
        var pair = TestInterface.Take(InterfaceKind.Macvtap);
        var file = MacvtapFile.Open(pair, step);
        pair.Drain(Buffer);
        return new Backend(file.Descriptor.Number, file, pair);
    }

    private static Backend OfPassThrough(Mp mp) => new(mp.Descriptor.Number, mp, null);

    private static Backend OfSocket(int family, int type)
    {
        var socket = Sys.Descriptor(libc.socket(family, type | sys_socket_h.SOCK_CLOEXEC, 0), "socket").OrThrow("open a socket");
        return new Backend(socket.Number, socket, null);
    }

    private static Backend OfFile()
    {
        var file = FileDescriptor.Open("/proc/self/status", 0).OrThrow("open a regular file");
        return new Backend(file.Number, file, null);
    }
}
