using HilTests.Agent.Execution;
using HilTests.Uapi;
using HilTests.Uapi.Devices;
using HilTests.Uapi.Libc;
using HilTests.Uapi.Linux;

namespace HilTests.Agent.VhostNet;

/// <summary>
/// What an interface sends, with a plug (net/sched/sch_plug.c) in front of it. While it holds, frames stay charged to the
/// socket that sent them, and their pages stay in use.
/// </summary>
internal sealed class OutgoingQueue(RouteSocket links, int interfaceIndex)
{
    /// <summary>More than any program sends: the plug must never drop.</summary>
    private const uint Limit = 1 << 30;

    /// <summary>Letting go of a full queue takes milliseconds, more on a slow machine.</summary>
    private const int MostWaits = 5000;

    private bool _there;
    private Task? _later;

    /// <summary>Whether the plug holds what comes.</summary>
    public bool Holds { get; private set; }

    /// <summary>Whether it is to be unplugged by and by.</summary>
    public bool IsComing => _later is not null;

    /// <summary>Holds from now on.</summary>
    public void Plug()
    {
        // Requests of one netlink socket must not mix.
        lock (links)
        {
            if (!_there) links.AddPlug(interfaceIndex, Limit).OrThrow("put a plug before the interface (is the module sch_plug there?)");
            else links.TellPlug(interfaceIndex, pkt_sched_h.TCQ_PLUG_BUFFER).OrThrow("plug the interface");
        }
        (_there, Holds) = (true, true);
    }

    /// <summary>Lets go; returns when all that was held has left and is forgotten.</summary>
    public void Unplug()
    {
        if (!Holds) return;
        lock (links) links.TellPlug(interfaceIndex, pkt_sched_h.TCQ_PLUG_RELEASE_INDEFINITE).OrThrow("unplug the interface");
        Holds = false;
        for (var waits = 0; IsMoving(); waits++)
        {
            if (waits == MostWaits) throw new AgentFailureException("an unplugged interface does not send what it held");
            Thread.Sleep(1); // waits: for the kernel's own thread that sends what was held
        }
    }

    /// <summary>Lets go after this time, while somebody waits for it.</summary>
    public void UnplugLater(TimeSpan delay) => _later = Task.Run(async () =>
    {
        await Task.Delay(delay);
        Unplug();
    });

    /// <summary>Waits for what <see cref="UnplugLater"/> began.</summary>
    /// <returns>how many frames were still held when this was called</returns>
    public long AwaitUnplug()
    {
        var held = Length();
        _later?.GetAwaiter().GetResult();
        _later = null;
        return held;
    }

    /// <summary>Whether something is still on its way out of a queue that holds nothing back.</summary>
    public bool IsMoving()
    {
        if (!_there || Holds) return false;
        var packets = Length();
        // Taken from the queue is not sent yet: sending is an RCU section, which this outwaits.
        Sys.Check(libc.membarrier(membarrier_h.MEMBARRIER_CMD_GLOBAL), "membarrier").OrThrow("wait for what is being sent");
        return packets > 0;
    }

    /// <summary>Takes the plug away.</summary>
    public void Clear()
    {
        if (!_there) return;
        _later?.GetAwaiter().GetResult();
        Unplug();
        lock (links) links.RemovePlug(interfaceIndex).OrThrow("take the plug away");
        (_there, _later) = (false, null);
    }

    private long Length()
    {
        lock (links)
        {
            links.PlugLength(interfaceIndex, out var packets).OrThrow("ask how much is on its way out");
            return packets;
        }
    }
}
