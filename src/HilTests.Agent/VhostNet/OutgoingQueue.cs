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

    /// <summary>Whether the plug holds what comes.</summary>
    public bool Holds { get; private set; }

    /// <summary>Holds from now on.</summary>
    public void Plug()
    {
        if (!_there) links.AddPlug(interfaceIndex, Limit).OrThrow("put a plug before the interface (is the module sch_plug there?)");
        else links.TellPlug(interfaceIndex, pkt_sched_h.TCQ_PLUG_BUFFER).OrThrow("plug the interface");
        (_there, Holds) = (true, true);
    }

    /// <summary>Lets go; returns when all that was held has left and is forgotten.</summary>
    public void Unplug()
    {
        if (!Holds) return;
        links.TellPlug(interfaceIndex, pkt_sched_h.TCQ_PLUG_RELEASE_INDEFINITE).OrThrow("unplug the interface");
        Holds = false;
        for (var waits = 0; IsMoving(); waits++)
        {
            if (waits == MostWaits) throw new AgentFailureException("an unplugged interface does not send what it held");
            Thread.Sleep(1); // waits: for the kernel's own thread that sends what was held
        }
    }

    /// <summary>Whether something is still on its way out of a queue that holds nothing back.</summary>
    public bool IsMoving()
    {
        if (!_there || Holds) return false;
        links.PlugLength(interfaceIndex, out var packets).OrThrow("ask how much is on its way out");
        // Taken from the queue is not sent yet: sending is an RCU section, which this outwaits.
        Sys.Check(libc.membarrier(membarrier_h.MEMBARRIER_CMD_GLOBAL), "membarrier").OrThrow("wait for what is being sent");
        return packets > 0;
    }

    /// <summary>Takes the plug away.</summary>
    public void Clear()
    {
        if (!_there) return;
        Unplug();
        links.RemovePlug(interfaceIndex).OrThrow("take the plug away");
        _there = false;
    }
}
