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
    private const int LargestFrame = TestInterface.Mtu + FrameContent.EthernetHeader;
    private const int ClosedNumber = 9999;

    private static readonly byte[] Buffer = new byte[LargestFrame + 1];

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
    public bool HasFarSide => _interface is not null;

    /// <exception cref="AgentFailureException">when it cannot be made; says nothing about vhost</exception>
    public static Backend Make(MakeBackend step)
    {
        try
        {
            return step.Kind switch
            {
                BackendKind.Tap => MakeTap(step.Header),
                BackendKind.Packet => MakePacket(),
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

    /// <summary>The socket that sees what the device sends and sends towards it; only where there is a far side.</summary>
    public PacketSocket FarSide => _interface!.FarSide;

    /// <summary>The device's own socket, where the back end is a packet socket.</summary>
    public PacketSocket? NearSide => _file as PacketSocket;

    /// <summary>Sends a frame towards the device.</summary>
    public SyscallResult Send(ReadOnlySpan<byte> frame) => _interface!.FarSide.Send(frame);

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
        if (_interface is null) return;
        while (true)
        {
            var received = _interface.FarSide.Receive(Buffer, 0, out _);
            if (!received.Ok) return;
            frames.Add(ContentValue.Of(Buffer.AsSpan(0, (int)received.Value)));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        _interface?.Release();
    }

    private static Backend MakeTap(int header)
    {
        var tap = TestInterface.TakeTap();
        var tun = Tun.Open().OrThrow("open a tap queue");
        var flags = if_tun_h.IFF_TAP | if_tun_h.IFF_NO_PI | (header > 0 ? if_tun_h.IFF_VNET_HDR : 0);
        tap.SetUp(false);
        tun.SetIff(tap.Name, flags, out _).OrThrow("attach to the tap interface");
        if (header > 0) tun.SetVnetHdrSize(header).OrThrow("set the tap's header size");
        // Up after the queue is attached: the carrier is on already, so the queueing discipline is active at once.
        tap.SetUp(true);
        tap.Drain(Buffer);
        return new Backend(tun.Descriptor.Number, tun, tap);
    }

    private static Backend MakePacket()
    {
        var dummy = TestInterface.TakeDummy();
        dummy.Drain(Buffer);
        var socket = dummy.OpenSocket(sys_socket_h.SOCK_RAW);
        return new Backend(socket.Descriptor.Number, socket, dummy);
    }

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
