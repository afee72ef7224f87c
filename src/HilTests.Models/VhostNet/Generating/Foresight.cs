using HilTests.Core.Devices.VhostNet;
using HilTests.Core.Kernel;
using HilTests.Core.Programs;
using HilTests.Core.Traces;
using HilTests.Core.Values;

namespace HilTests.Models.VhostNet.Generating;

/// <summary>
/// Follows a program while it is made: every state that the device may be in, since nothing is observed yet. So the
/// generator knows which buffers are free for sure, and leaves out what could not be judged. Of a fixed kernel, so that the
/// same seed gives the same program everywhere.
/// </summary>
internal sealed class Foresight
{
    /// <summary>Far fewer than a judge may keep: it has the observations to drop states by, but may have known bugs to follow.</summary>
    private const int MostStates = 160;

    private static readonly VhostNetModel Model = new();

    private static readonly KernelProfile Kernel = KernelProfile.Of(("vhost-features", Value.Hex(Feature.Always)), ("vhost-max-mem-regions", Value.Of(64)));

    private static readonly Observation Unseen = new();

    private HashSet<VhostNetState> _states = new([Model.Start(Kernel)], SameState.Instance);

    /// <summary>One of the states; in what a ring has taken it stands for all where <see cref="IsCertain"/> says so.</summary>
    public VhostNetState Some => _states.First();

    /// <summary>Whether it is known how far the device has come on the ring.</summary>
    public bool IsCertain(Ring ring)
    {
        var some = Some[ring];
        return _states.All(s => s[ring].NextAvail == some.NextAvail && s[ring].UsedIndex == some.UsedIndex);
    }

    /// <summary>Chains that were offered and may not have been taken yet.</summary>
    public int MostPending(Ring ring) => _states.Max(s => (ushort)(s.Published(ring) - s[ring].NextAvail));

    /// <summary>Goes these steps, all or none.</summary>
    /// <returns>false where a step could not be judged, or leaves too much open</returns>
    public bool TryGo(IEnumerable<Step> steps)
    {
        var states = _states;
        foreach (var step in steps)
        {
            var next = new HashSet<VhostNetState>(SameState.Instance);
            foreach (var state in states)
            {
                foreach (var way in Model.Ways(state, step))
                {
                    if (way.Inconclusive is not null) return false;
                    next.Add(way.Next(Unseen));
                }
                if (next.Count > MostStates) return false;
            }
            states = next;
        }
        _states = states;
        return true;
    }
}
