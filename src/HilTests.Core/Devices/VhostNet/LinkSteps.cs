using HilTests.Core.Programs;

namespace HilTests.Core.Devices.VhostNet;

/// <summary>How frames of a tap leave.</summary>
public enum Outlet
{
    /// <summary>They are seen where they arrive, on the tap itself.</summary>
    Direct,

    /// <summary>
    /// They are redirected to the queue of a dummy interface and seen there. That queue can be plugged, and nothing looks
    /// at a frame before it leaves it.
    /// </summary>
    Queue,
}

/// <summary>
/// Loads the module vhost_net anew, with zero-copy sending (experimental_zcopytx) on or off, before the device is opened.
/// When the program ends it is loaded as it was.
/// </summary>
public sealed record LoadModule(bool ZeroCopy) : Step;

/// <summary>Holds every frame that leaves through the back end from now on, until <see cref="Unplug"/>.</summary>
public sealed record Plug(string Backend) : Step;

/// <summary>
/// Lets go of what the back end's plug holds, and holds no more; waits until all of it has left. With <paramref name="After"/>
/// milliseconds it happens so much later, while the next step, which must be one that waits for it, is on its way; that
/// step then has a field <c>held</c>: the frames that the plug still holds when the call comes back.
/// </summary>
public sealed record Unplug(string Backend, int After = 0) : Step;

/// <summary>Removes the network interface of a tap while its file stays open.</summary>
public sealed record RemoveInterface(string Backend) : Step;
