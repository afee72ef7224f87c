using HilTests.Core.Predictions;
using HilTests.Core.Traces;
using HilTests.Core.Values;

namespace HilTests.Models.VhostNet;

/// <summary>Short ways to write the branches of calls.</summary>
internal static class Answers
{
    /// <summary>The call succeeds.</summary>
    public static Branch<VhostNetState> Success(VhostNetState after, Rule? rule = null, params ReadOnlySpan<Claim> more) =>
        new([new Claim(Observation.ErrnoField, Allowed.Exactly(0), rule ?? VhostNetRules.Call), .. more], _ => after);

    /// <summary>The call fails and changes nothing.</summary>
    public static Branch<VhostNetState> Failure(VhostNetState state, string errno, Rule rule) =>
        new([new Claim(Observation.ErrnoField, Allowed.Exactly(Value.Symbol(errno)), rule)], _ => state);

    /// <summary>The call fails by one of several faults, whichever the device looks at first, and changes nothing.</summary>
    public static Branch<VhostNetState> Failures(VhostNetState state, IEnumerable<(string Errno, Rule Rule)> faults)
    {
        var all = faults.ToList();
        return new([new Claim(Observation.ErrnoField, Allowed.OneOf(all.Select(f => (Value)Value.Symbol(f.Errno))), all[0].Rule)], _ => state);
    }

    /// <summary>A step of the driver's own: nothing to be seen.</summary>
    public static Branch<VhostNetState> Silent(VhostNetState after) => new([], _ => after);

    /// <summary>The model cannot say.</summary>
    public static Branch<VhostNetState> CannotSay(VhostNetState state, string why) => new([], _ => state) { Inconclusive = why };
}
