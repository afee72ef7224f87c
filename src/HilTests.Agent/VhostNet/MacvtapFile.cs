using System.Globalization;
using HilTests.Agent.Execution;
using HilTests.Core.Devices.VhostNet;
using HilTests.Uapi;
using HilTests.Uapi.Devices;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.VhostNet;

/// <summary>The file of a macvtap (drivers/net/tap.c), with the interface that was made for it.</summary>
internal sealed class MacvtapFile : IDisposable
{
    private const int MostWaits = 5000;
    private const int ReceivedPackets = 1;
    private const int ReceivedDropped = 3;

    private readonly Tun _file;
    private readonly string _name;

    private MacvtapFile(Tun file, string name) => (_file, _name) = (file, name);

    public FileDescriptor Descriptor => _file.Descriptor;

    /// <summary>Makes a macvtap on the pair's first end and opens it.</summary>
    public static MacvtapFile Open(TestInterface pair, MakeBackend step)
    {
        var (name, index) = pair.AddMacvtap();
        var file = Tun.Open($"/dev/tap{index}").OrThrow("open the macvtap's file");
        file.SetIff(name, if_tun_h.IFF_TAP | if_tun_h.IFF_NO_PI | (step.Header > 0 ? if_tun_h.IFF_VNET_HDR : 0), out _).OrThrow("set the macvtap's flags");
        if (step.Header > 0) file.SetVnetHdrSize(step.Header).OrThrow("set the macvtap's header size");
        file.SetSndbuf(step.SendBuffer > 0 ? step.SendBuffer : int.MaxValue).OrThrow("limit the macvtap's send buffer");
        return new MacvtapFile(file, name);
    }

    /// <summary>Sends a frame from the other end and waits until the macvtap has counted it: a veth hands frames on later.</summary>
    public SyscallResult Send(PacketSocket sender, ReadOnlySpan<byte> frame)
    {
        var before = Arrived();
        var sent = sender.Send(frame);
        if (!sent.Ok) return sent;
        for (var waits = 0; Arrived() == before; waits++)
        {
            if (waits == MostWaits) throw new AgentFailureException($"a frame sent to {_name} does not arrive");
            Thread.Sleep(1); // waits: for the kernel's own thread that hands the frame on
        }
        // Counted is not queued yet; both are done in one RCU section.
        Sys.Check(libc.membarrier(membarrier_h.MEMBARRIER_CMD_GLOBAL), "membarrier").OrThrow("wait for the frame to be queued");
        return sent;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        TestInterface.RemoveLink(_name);
    }

    /// <summary>Frames that came to the interface, taken or dropped; proc(5), /proc/net/dev.</summary>
    private long Arrived()
    {
        var line = File.ReadLines("/proc/self/net/dev").First(l => l.TrimStart().StartsWith(_name + ":", StringComparison.Ordinal));
        var fields = line[(line.IndexOf(':') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return Number(fields[ReceivedPackets]) + Number(fields[ReceivedDropped]);
    }

    private static long Number(string field) => long.Parse(field, NumberStyles.None, CultureInfo.InvariantCulture);
}
