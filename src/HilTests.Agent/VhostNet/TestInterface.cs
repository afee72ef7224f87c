using HilTests.Agent.Execution;
using HilTests.Uapi.Devices;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.VhostNet;

/// <summary>What a <see cref="TestInterface"/> is.</summary>
internal enum InterfaceKind
{
    /// <summary>A tap; frames of the device are seen as they arrive.</summary>
    Tap,

    /// <summary>A tap whose frames are redirected to a dummy and seen as they leave that.</summary>
    QueuedTap,

    /// <summary>A dummy.</summary>
    Dummy,

    /// <summary>A veth pair; the socket is a macvtap's on its first end.</summary>
    Macvtap,
}

/// <summary>
/// A network interface that back ends of one program after the other are made on, with the packet sockets that are its
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

    private readonly InterfaceKind _kind;
    private readonly PacketSocket? _deaf;
    private bool _isGone;

    private TestInterface(string name, InterfaceKind kind)
    {
        Name = name;
        _kind = kind;
        Index = IndexOf(name);
        if (kind == InterfaceKind.Macvtap) SetUp(PeerName, true);
        if (kind is InterfaceKind.Dummy or InterfaceKind.Macvtap) SetUp(true);
        var seenAt = kind == InterfaceKind.QueuedTap ? RedirectToDummy(name, Index) : Index;
        Seen = OpenSocket(sys_socket_h.SOCK_RAW, seenAt, if_ether_h.ETH_P_ALL);
        // One that only sends must not listen: a frame that somebody listens to is copied before it goes on.
        Sender = kind is InterfaceKind.Tap or InterfaceKind.Dummy ? Seen : OpenSocket(sys_socket_h.SOCK_RAW, kind == InterfaceKind.Macvtap ? IndexOf(PeerName) : Index, 0);
        if (kind == InterfaceKind.Tap) _deaf = OpenDeaf(Index);
        Queue = new OutgoingQueue(Links, seenAt);
    }

    public string Name { get; }

    public int Index { get; }

    /// <summary>Where frames leave for good.</summary>
    public OutgoingQueue Queue { get; }

    /// <summary>Sees every frame the device sends.</summary>
    public PacketSocket Seen { get; }

    /// <summary>Sends frames to the device.</summary>
    public PacketSocket Sender { get; }

    /// <summary>Whether what is seen may also have come from <see cref="Sender"/>: only what goes out is the device's.</summary>
    public bool SeesBothWays => _kind == InterfaceKind.Macvtap;

    private string PeerName => Name + "p";

    /// <summary>Takes an interface that no back end is made on, or makes one. A tap is down and has no queue attached.</summary>
    public static TestInterface Take(InterfaceKind kind)
    {
        lock (PoolLock)
        {
            var found = Pool.Find(free => free._kind == kind);
            if (found is not null)
            {
                Pool.Remove(found);
                return found;
            }
        }
        var name = (kind is InterfaceKind.Tap or InterfaceKind.QueuedTap ? "hiltap" : kind == InterfaceKind.Dummy ? "hildum" : "hilveth") + Interlocked.Increment(ref _made);
        switch (kind)
        {
            case InterfaceKind.Dummy: MakeDummy(name); break;
            case InterfaceKind.Macvtap: MakePair(name); break;
            default: MakeTap(name); break;
        }
        return new TestInterface(name, kind);
    }

    /// <summary>A packet socket on this interface that does not block.</summary>
    /// <param name="type">SOCK_RAW or SOCK_DGRAM</param>
    public PacketSocket OpenSocket(int type) => OpenSocket(type, Index, if_ether_h.ETH_P_ALL);

    /// <summary>Brings the interface up or down.</summary>
    public void SetUp(bool up) => SetUp(Name, up);

    /// <summary>Makes a macvtap in passthru mode on it.</summary>
    public (string Name, int Index) AddMacvtap()
    {
        var name = "hilmvt" + Interlocked.Increment(ref _made);
        Links.AddMacvlan(name, "macvtap", Index, if_link_h.MACVLAN_MODE_PASSTHRU).OrThrow("make a macvtap (is the module macvtap there?)");
        QuietIpv6(name);
        SetUp(name, true);
        return (name, IndexOf(name));
    }

    /// <summary>Removes another interface by name.</summary>
    public static void RemoveLink(string name) => Links.DeleteLink(name).OrThrow("remove an interface");

    /// <summary>Removes this interface for good.</summary>
    public void Remove()
    {
        RemoveLink(Name);
        _isGone = true;
    }

    /// <summary>Gives the interface back for the next program.</summary>
    public void Release()
    {
        Queue.Clear();
        if (_isGone)
        {
            Seen.Dispose();
            Sender.Dispose();
            _deaf?.Dispose();
            return;
        }
        lock (PoolLock) Pool.Add(this);
    }

    /// <summary>Drops what an earlier program left in the far side, and the note that the interface was down.</summary>
    public void Drain(Span<byte> buffer)
    {
        while (true)
        {
            var received = Seen.Receive(buffer, 0, out _);
            if (!received.Ok && received.Error != Errno.ENETDOWN) return;
        }
    }

    private static int IndexOf(string name)
    {
        Interfaces.GetIndex(name, out var index).OrThrow("find the new interface");
        return index;
    }

    private static void SetUp(string name, bool up) => Interfaces.SetUp(name, up).OrThrow(up ? "bring the interface up" : "bring the interface down");

    private static PacketSocket OpenSocket(int type, int index, int protocol)
    {
        // Protocol 0 until it is bound, so that it never sees a frame of another interface.
        var socket = PacketSocket.Create(type | sys_socket_h.SOCK_NONBLOCK).OrThrow("open a packet socket");
        socket.SetReceiveBuffer(ReceiveBuffer).OrThrow("enlarge a packet socket's receive buffer");
        socket.Bind(index, protocol).OrThrow($"bind a packet socket to interface {index}");
        return socket;
    }

    /// <summary>
    /// A second listener that nobody reads. Newer kernels (7.2, net/core/dev.c __netif_receive_skb_core()) give the last listener the frame itself
    /// instead of a copy, and its buffers stay on loan until somebody reads it; with two of them it has been copied before. Full after a frame
    /// or two, it drops the rest.
    /// </summary>
    private static PacketSocket OpenDeaf(int index)
    {
        var socket = OpenSocket(sys_socket_h.SOCK_RAW, index, if_ether_h.ETH_P_ALL);
        socket.SetReceiveBuffer(0).OrThrow("shrink a packet socket's receive buffer");
        return socket;
    }

    private static void MakeTap(string name)
    {
        using var tun = Tun.Open().OrThrow("make a tap back end (is the module tun loaded?)");
        tun.SetIff(name, if_tun_h.IFF_TAP | if_tun_h.IFF_NO_PI | if_tun_h.IFF_VNET_HDR, out _).OrThrow("make a tap interface");
        tun.SetPersist(true).OrThrow("keep the tap interface");
        Prepare(name);
    }

    private static void MakeDummy(string name)
    {
        Links.AddLink(name, "dummy").OrThrow("make a dummy interface (is the module dummy there?)");
        Prepare(name);
    }

    private static void MakePair(string name)
    {
        Links.AddVeth(name, name + "p").OrThrow("make a veth pair (is the module veth there?)");
        Prepare(name);
        Prepare(name + "p");
    }

    private static void Prepare(string name)
    {
        QuietIpv6(name);
        Interfaces.SetMtu(name, Mtu).OrThrow("set the interface's MTU");
    }

    /// <returns>the index of the dummy</returns>
    private static int RedirectToDummy(string tap, int tapIndex)
    {
        var name = tap + "out";
        MakeDummy(name);
        SetUp(name, true);
        var index = IndexOf(name);
        Links.RedirectArriving(tapIndex, index).OrThrow("redirect a tap's frames (are sch_ingress, cls_matchall and act_mirred there?)");
        return index;
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
