using HilTests.Uapi.Devices;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.UapiTests.Behaviour;

/// <summary>Interfaces and sockets of this kernel.</summary>
public sealed class NetworkTests
{
    [Test]
    public void LoopbackIsNumberOneAndIsLoopback()
    {
        using var socket = InterfaceSocket.Create().OrThrow("make a socket");

        Assert.That(socket.GetIndex("lo", out var index).Ok, Is.True);
        Assert.That(socket.GetFlags("lo", out var flags).Ok, Is.True);
        Assert.That(socket.GetMtu("lo", out var mtu).Ok, Is.True);
        Assert.That(socket.GetHardwareAddress("lo", out var type, out _).Ok, Is.True);
        Assert.Multiple(() =>
        {
            Assert.That(index, Is.EqualTo(1));
            Assert.That(flags & if_h.IFF_LOOPBACK, Is.EqualTo(if_h.IFF_LOOPBACK));
            Assert.That(mtu, Is.GreaterThanOrEqualTo(if_ether_h.ETH_MIN_MTU));
            Assert.That(type, Is.EqualTo(if_arp_h.ARPHRD_LOOPBACK));
        });
    }

    [Test]
    public void AnUnknownInterfaceIsEnodevByName()
    {
        using var socket = InterfaceSocket.Create().OrThrow("make a socket");

        var result = socket.GetIndex("hil-none", out var index);

        Assert.That((result.Error, result.Path, index), Is.EqualTo((Errno.ENODEV, "hil-none", 0)));
    }

    [Test]
    public void ATooLongNameIsRefusedBeforeTheKernelSeesIt()
    {
        using var socket = InterfaceSocket.Create().OrThrow("make a socket");

        Assert.That(
            () => socket.GetIndex("sixteen-bytes-xx", out _),
            Throws.ArgumentException.With.Message.Contains("more than 15 bytes"));
    }

    [Test]
    public void DeletingALinkThatIsNotThereIsTheKernelsAnswer()
    {
        using var socket = RouteSocket.Create().OrThrow("make a netlink socket");

        var result = socket.DeleteLink("hil-none");

        Assert.That(result.Error, Is.EqualTo(Errno.ENODEV).Or.EqualTo(Errno.EPERM), result.ToString());
    }

    [Test]
    [CancelAfter(30_000)]
    public void LinksAreMadeJoinedAndRemovedInANamespaceOfTheirOwn() => OwnNetwork.Run(() =>
    {
        using var route = RouteSocket.Create().OrThrow("make a netlink socket");
        using var links = InterfaceSocket.Create().OrThrow("make a socket");
        var made = route.AddVeth("hil-a", "hil-b");
        if (made.Error == Errno.EOPNOTSUPP)
            Assert.Ignore("this kernel has no veth");

        made.OrThrow("make a veth pair");
        foreach (var name in new[] { "hil-a", "hil-b" })
            links.SetUp(name, true).OrThrow("bring it up");

        links.GetIndex("hil-a", out var a).OrThrow("find it");
        links.GetIndex("hil-b", out var b).OrThrow("find it");
        using var sender = PacketSocket.Create().OrThrow("make a packet socket");
        using var receiver = PacketSocket.Create().OrThrow("make a packet socket");
        sender.Bind(a).OrThrow("bind it");
        receiver.Bind(b, 0x88B5).OrThrow("bind it");
        sender.SetQdiscBypass(true).OrThrow("pass the queue, which drops until the link watcher has run");
        byte[] frame = [255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 0x88, 0xB5, .. Enumerable.Repeat((byte)0x5A, 46)];
        Assert.That(sender.Send(frame).Value, Is.EqualTo(60));
        var buffer = new byte[100];
        Assert.That(receiver.Descriptor.Poll(poll_h.POLLIN, TimeSpan.FromSeconds(10)).Value, Is.EqualTo(poll_h.POLLIN));
        var got = receiver.Receive(buffer, 0, out var from);
        Assert.That(got.Value, Is.EqualTo(60));
        Assert.That(buffer[..60], Is.EqualTo(frame));
        Assert.That((from.sll_ifindex, (int)from.sll_pkttype), Is.EqualTo((b, if_packet_h.PACKET_BROADCAST)));

        route.DeleteLink("hil-a").OrThrow("remove the pair");
        Assert.That(links.GetIndex("hil-b", out _).Error, Is.EqualTo(Errno.ENODEV), "the peer goes with it");
    });

    [Test]
    [CancelAfter(30_000)]
    public void AnExistingNameIsEexist() => OwnNetwork.Run(() =>
    {
        using var route = RouteSocket.Create().OrThrow("make a netlink socket");

        Assert.That(route.AddLink("lo", "dummy").Error, Is.EqualTo(Errno.EEXIST).Or.EqualTo(Errno.EOPNOTSUPP));
    });

    [Test]
    [CancelAfter(30_000)]
    public void ATapIsMadeAskedAndGoneWithItsQueue() => OwnNetwork.Run(() =>
    {
        var opened = Tun.Open();
        if (!opened.Ok)
            Assert.Ignore($"no tap on this machine: {opened}");

        using var links = InterfaceSocket.Create().OrThrow("make a socket");
        using (var tun = opened.Value)
        {
            const int Flags = if_tun_h.IFF_TAP | if_tun_h.IFF_NO_PI | if_tun_h.IFF_VNET_HDR;
            Assert.That(tun.GetVnetHdrSize(out _).Error, Is.EqualTo(Errno.EBADFD), "no interface yet");
            tun.SetIff("hil%d", Flags, out var name).OrThrow("make a tap");
            Assert.That(name, Is.EqualTo("hil0"));
            tun.SetVnetHdrSize(12).OrThrow("set the header size");
            tun.GetVnetHdrSize(out var size).OrThrow("get the header size");
            tun.GetIff(out var again, out var flags).OrThrow("ask for the name");
            tun.SetSndbuf(65536).OrThrow("set the buffer");
            tun.GetSndbuf(out var sndbuf).OrThrow("get the buffer");
            Assert.Multiple(() =>
            {
                Assert.That((again, flags & Flags, size, sndbuf), Is.EqualTo((name, Flags, 12, 65536)));
                Assert.That(tun.SetVnetHdrSize(3).Error, Is.EqualTo(Errno.EINVAL));
                Assert.That(tun.SetIff("other", Flags, out _).Error, Is.EqualTo(Errno.EEXIST), "one interface a queue");
                Assert.That(links.GetIndex(name, out _).Ok, Is.True);
            });
        }

        Assert.That(links.GetIndex("hil0", out _).Error, Is.EqualTo(Errno.ENODEV));
    });
}
