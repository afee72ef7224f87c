using HilTests.Agent.Execution;
using HilTests.Uapi.Devices;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.VhostNet;

/// <summary>
/// A network interface that back ends of one program after the other are made on, with the packet socket that is its
/// far side. Making and removing interfaces waits for RCU grace periods, so they are kept between programs.
/// They go with the VM, or with the agent's own network namespace.
/// </summary>
internal sealed class TestInterface
{
    /// <summary>The largest frame payload: as much as a tap allows.</summary>
    public const int Mtu = 65521;

    /// <summary>Room for all that a worker can send before it is looked at: a ring of 32768 short frames.</summary>
    private const int ReceiveBuffer = 64 << 20;

    private static readonly Lock PoolLock = new();
    private static readonly List<TestInterface> Pool = [];
    private static int _made;

    private static readonly InterfaceSocket Interfaces = InterfaceSocket.Create().OrThrow("ask for interfaces");
    private static readonly RouteSocket Links = RouteSocket.Create().OrThrow("make interfaces");

    private readonly bool _tap;

    private TestInterface(string name, bool tap)
    {
        Name = name;
        _tap = tap;
        Interfaces.GetIndex(name, out var index).OrThrow("find the new interface");
        Index = index;
        FarSide = OpenSocket(sys_socket_h.SOCK_RAW);
    }

    public string Name { get; }

    public int Index { get; }

    /// <summary>Sees every frame the device sends, and sends frames to the device.</summary>
    public PacketSocket FarSide { get; }

    /// <summary>Takes a tap interface that is down and has no queue attached, or makes one.</summary>
    public static TestInterface TakeTap() => Take(tap: true, name =>
    {
        using var tun = Tun.Open().OrThrow("make a tap back end (is the module tun loaded?)");
        tun.SetIff(name, if_tun_h.IFF_TAP | if_tun_h.IFF_NO_PI | if_tun_h.IFF_VNET_HDR, out _).OrThrow("make a tap interface");
        tun.SetPersist(true).OrThrow("keep the tap interface");
    });

    /// <summary>Takes a dummy interface that is up, or makes one.</summary>
    public static TestInterface TakeDummy() => Take(tap: false, name =>
        Links.AddLink(name, "dummy").OrThrow("make a dummy interface (is the module dummy there?)"));

    /// <summary>A packet socket on this interface that does not block.</summary>
    /// <param name="type">SOCK_RAW or SOCK_DGRAM</param>
    public PacketSocket OpenSocket(int type)
    {
        // Protocol 0 until it is bound, so that it never sees a frame of another interface.
        var socket = PacketSocket.Create(type | sys_socket_h.SOCK_NONBLOCK).OrThrow("open a packet socket");
        socket.SetReceiveBuffer(ReceiveBuffer).OrThrow("enlarge a packet socket's receive buffer");
        socket.Bind(Index).OrThrow($"bind a packet socket to {Name}");
        return socket;
    }

    /// <summary>Brings the interface up or down.</summary>
    public void SetUp(bool up) => Interfaces.SetUp(Name, up).OrThrow(up ? "bring the interface up" : "bring the interface down");

    /// <summary>Gives the interface back for the next program.</summary>
    public void Release()
    {
        lock (PoolLock) Pool.Add(this);
    }

    /// <summary>Drops what an earlier program left in the far side, and the note that the interface was down.</summary>
    public void Drain(Span<byte> buffer)
    {
        while (true)
        {
            var received = FarSide.Receive(buffer, 0, out _);
            if (!received.Ok && received.Error != Errno.ENETDOWN) return;
        }
    }

    private static TestInterface Take(bool tap, Action<string> make)
    {
        lock (PoolLock)
        {
            var found = Pool.Find(free => free._tap == tap);
            if (found is not null)
            {
                Pool.Remove(found);
                return found;
            }
        }
        var name = (tap ? "hiltap" : "hildum") + Interlocked.Increment(ref _made);
        make(name);
        QuietIpv6(name);
        Interfaces.SetMtu(name, Mtu).OrThrow("set the interface's MTU");
        var made = new TestInterface(name, tap);
        if (!tap) made.SetUp(true);
        return made;
    }

    private static void QuietIpv6(string name)
    {
        var knob = $"/proc/sys/net/ipv6/conf/{name}/disable_ipv6";
        if (!File.Exists(knob)) return;
        try
        {
            File.WriteAllText(knob, "1");
        }
        catch (IOException e)
        {
            throw new AgentFailureException($"cannot switch IPv6 off on {name}: router solicitations would be taken for frames of the device", e);
        }
    }
}
