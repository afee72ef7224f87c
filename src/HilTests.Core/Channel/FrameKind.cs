namespace HilTests.Core.Channel;

/// <summary>What a <see cref="Frame"/> means. The numbers are the wire format: never reuse one.</summary>
public enum FrameKind : byte
{
    /// <summary>Agent to host, once, first: <c>hil-agent protocol=1 build=HASH pid=N …</c>.</summary>
    Hello = 1,

    /// <summary>Host to agent: answer with <see cref="Pong"/> and the same payload.</summary>
    Ping = 2,

    /// <summary>Agent to host: the payload of the <see cref="Ping"/> it answers.</summary>
    Pong = 3,

    /// <summary>Host to agent: the text of a program to run (UTF-8).</summary>
    Run = 4,

    /// <summary>Agent to host: the next piece of the trace (UTF-8); pieces join without a separator.</summary>
    Trace = 5,

    /// <summary>Agent to host: the request is finished. No payload.</summary>
    Done = 6,

    /// <summary>
    /// Host to agent: say what this kernel can do (no payload), or, with <c>work=ROUNDS</c>, how long
    /// <see cref="FixedWork"/> takes there.
    /// </summary>
    Probe = 7,

    /// <summary>Agent to host: the answer to <see cref="Probe"/> (UTF-8): the profile, or <c>work-ns=N</c>.</summary>
    Profile = 8,

    /// <summary>Either way: the request could not be served (UTF-8 text for a person).</summary>
    Error = 9,

    /// <summary>
    /// Host to agent: what a machine that was copied from another one has to be told, lines of <c>key=value</c>
    /// (UTF-8), obeyed in their order. <c>seed</c>: bytes (hexadecimal) for the kernel's random pool, from which
    /// everything random is drawn anew. <c>disk</c>: wait for the disk with this serial. <c>clock-ns</c>: set the wall
    /// clock, nanoseconds since 1970, UTC. <c>watchdog</c>: start the watchdog anew, after it bit a machine that was only
    /// late. The answer is <see cref="Done"/>: with it a copy says that it runs, since it
    /// says no second <see cref="Hello"/>. Or <see cref="Error"/>; then lines before the bad one were obeyed.
    /// </summary>
    Setup = 10,

    /// <summary>Host to agent: end. In a VM the machine powers off. No payload.</summary>
    Shutdown = 11,

    /// <summary>Either way: raw bytes that belong to the request of the same id.</summary>
    Bulk = 12,

    /// <summary>Host to agent: put other kernel modules in the place of those that are loaded (<see cref="ModuleSwap"/>).</summary>
    Swap = 13,

    /// <summary>Agent to host: how it went (<see cref="SwapAnswer"/>, UTF-8).</summary>
    Swapped = 14,
}
