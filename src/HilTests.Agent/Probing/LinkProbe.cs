using HilTests.Core.Values;

namespace HilTests.Agent.Probing;

/// <summary>What there is for back ends of vhost-net to be made of. Modules that load on demand count when they are loaded.</summary>
internal static class LinkProbe
{
    public static void AddTo(List<(string, Value)> facts)
    {
        facts.Add(("link-macvtap", Word(IsLoaded("macvtap"))));
        facts.Add(("link-plug", Word(IsLoaded("sch_plug"))));
        facts.Add(("link-redirect", Word(IsLoaded("sch_ingress") && IsLoaded("cls_matchall") && IsLoaded("act_mirred"))));
        facts.Add(("vhost-net-async", Word(VhostNet.AsyncModules.AreThere)));
        // Only where the whole machine is ours may its modules be exchanged.
        facts.Add(("vhost-reload", Word(Environment.ProcessId == 1 && IsLoaded("vhost_net"))));
    }

    private static bool IsLoaded(string module) => Directory.Exists($"/sys/module/{module}");

    private static Value Word(bool isThere) => Value.Symbol(isThere ? "yes" : "no");
}
